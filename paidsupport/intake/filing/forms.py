"""The forms in which an issue is made of a request."""

from __future__ import annotations

from flask import request
from wtforms import BooleanField, RadioField, StringField, TextAreaField

from paidsupport.intake.filing.operations import Filing
from paidsupport.issues.forms.issue import KIND_CHOICES, STAGE_CHOICES
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext
from paidsupport.kernel.web.forms import Form, VersionedForm, line, text
from paidsupport.kernel.web.typed import typed_into

#: Prefix for the names of checkboxes that keep something.
_KEEP = "keep-"


class FilingForm(VersionedForm):
    """An issue made of a request, or an existing one for the request to follow."""

    kind = RadioField(
        _("Kind"),
        choices=[choice for choice in KIND_CHOICES if choice.value != "documentation"],
        default="bug",
    )
    summary = StringField(_("Subject"), [line])
    details = TextAreaField(
        _("Description and steps to reproduce"),
        [text],
        description=_("Personal data is removed when the issue is filed. See the preview below."),
    )
    private = BooleanField(
        pgettext("issue", "Private"),
        description=_(
            "For anything that would do harm if it became known early, such as a security hole. Only managers"
            " and the people working on it can see it, and the customer gets no link."
        ),
    )
    note = TextAreaField(
        _("Private note"),
        [text],
        description=_(
            "For names, accounts and addresses that the issue must not contain. Only staff see it."
        ),
    )
    stage = RadioField(_("Waiting for the stage"), choices=STAGE_CHOICES, default="production")
    issue = StringField(_("Issue"), [line])
    #: Pressed to see again what will be cut out, without filing anything.
    look = StringField()

    def filing(self) -> Filing:
        """What was filled in."""
        private, seen = bool(self.private.data), set(request.form.getlist("seen"))
        return typed_into(self, Filing, private=private, kept=self.kept(), seen=seen)

    def kept(self) -> dict[str, str]:
        """The marks of what is kept, each with the reason."""
        marks = (name.removeprefix(_KEEP) for name in request.form if name.startswith(_KEEP))
        return {mark: request.form.get(f"why-{mark}", "") for mark in marks}


class KeepForm(Form):
    """Something to keep on an issue although it looks personal."""

    typed = StringField(
        _("Text to keep"), [line], description=_("Exactly as it was flagged, like 192.0.2.7.")
    )
    reason = StringField(_("Reason"), [line], description=_("Shown on the issue."))
