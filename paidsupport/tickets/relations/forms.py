"""The forms for linking and merging tickets."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form, VersionedForm, text
from paidsupport.tickets.relations.operations.links import KINDS


class LinkForm(Form):
    """A related ticket."""

    other = StringField(_("Code of the other ticket"))
    kind = SelectField(
        _("How they belong together"),
        choices=[SelectChoice(kind, said) for kind, said in KINDS.items()],
        validate_choice=False,
    )


class MergeForm(VersionedForm):
    """The ticket that this one duplicates, and the versions of both that were seen."""

    other = StringField(_("Code of the other ticket"))
    other_version = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("A version is missing."))])


class RequestForm(Form):
    """A further request of the same customer, as a ticket of its own."""

    service = RadioField(_("Service"), validate_choice=False)
    details = TextAreaField(
        _("What the customer wants"),
        [text],
        description=_("The customer sees it on the page of the new ticket."),
    )
