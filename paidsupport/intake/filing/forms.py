"""The forms in which an issue is made of a request."""

from __future__ import annotations

from flask import request
from wtforms import BooleanField, RadioField, StringField, TextAreaField

from paidsupport.intake.filing.operations import Filing
from paidsupport.issues.forms.issue import KIND_CHOICES, STAGE_CHOICES
from paidsupport.kernel.web.forms import Form, VersionedForm, line, text
from paidsupport.kernel.web.typed import typed_into

#: What the names of boxes begin with behind which something stays.
_KEEP = "keep-"


class FilingForm(VersionedForm):
    """An issue made of a request, or one that is there already, which the request follows."""

    kind = RadioField(
        "What is it?",
        choices=[choice for choice in KIND_CHOICES if choice.value != "documentation"],
        default="bug",
    )
    summary = StringField("In one line", [line])
    details = TextAreaField(
        "What happens, and how can it be repeated?",
        [text],
        description="What is recognised as personal is cut out when it is filed: see below.",
    )
    private = BooleanField(
        "Private",
        description="Choose it when disclosing the issue early would do harm, as with a hole in our security:"
        " only managers and those who work on it see it, and the customer gets no link.",
    )
    note = TextAreaField(
        "Private note: for what the issue must not say",
        [text],
        description="Who it is about, their account, their address: it stays on the request, and people of"
        " the desk see it beside the issue.",
    )
    stage = RadioField(
        "When is the solution of use to this customer?", choices=STAGE_CHOICES, default="production"
    )
    issue = StringField("Issue", [line])
    #: Looking once more at what is cut out, without filing anything.
    look = StringField()

    def filing(self) -> Filing:
        """What was filled in."""
        private, seen = bool(self.private.data), set(request.form.getlist("seen"))
        return typed_into(self, Filing, private=private, kept=self.kept(), seen=seen)

    def kept(self) -> dict[str, str]:
        """The marks of what stays, each with the reason."""
        marks = (name.removeprefix(_KEEP) for name in request.form if name.startswith(_KEEP))
        return {mark: request.form.get(f"why-{mark}", "") for mark in marks}


class KeepForm(Form):
    """What may stay on an issue although it looks personal."""

    typed = StringField("What has to stay?", [line], description="As it was refused, for example 192.0.2.7.")
    reason = StringField("Why?", [line], description="Everybody who sees the issue reads this.")
