"""The form that is filled in during a call."""

from __future__ import annotations

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.widgets import DateTimeLocalInput, EmailInput, TelInput

from paidsupport.intake.calls.operations import CALLERS, PURPOSES, Call
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form, address
from paidsupport.kernel.web.typed import typed_into


class CallForm(Form):
    """What is recorded during a call; the operation checks all of it at once."""

    name = StringField(_("Name"))
    organisation = StringField(_("Organisation"))
    email = StringField(_("Email address"), [address], widget=EmailInput())
    phone = StringField(_("Phone number"), widget=TelInput())
    caller = RadioField(
        _("Kind of customer"),
        choices=[SelectChoice(kind, label) for kind, label in CALLERS.items()],
        validate_choice=False,
    )
    subject = StringField(_("Subject"), description=_("In a few words. Colleagues see it in the queue."))
    notes = TextAreaField(
        _("Notes"),
        description=_(
            "What they say. The customer can read it on their page, unless it's a note to managers."
        ),
    )
    # a text field on purpose: anything but a date is shown again as it was typed
    called_at = StringField(_("Date and time of the call"), widget=DateTimeLocalInput())
    purpose = RadioField(
        _("Where the call goes"),
        choices=[SelectChoice(purpose, label) for purpose, label in PURPOSES.items()],
        default="support",
        validate_choice=False,
    )
    take = BooleanField(
        _("Claim the ticket for me"), description=_("You have already talked to the customer.")
    )
    confirm = BooleanField(
        _("Email the code to the customer"),
        default=True,
        description=_("If there's an email address, and never for a note to managers."),
    )

    def call(self) -> Call:
        """What was filled in, as the operation takes it."""
        return typed_into(self, Call, take=bool(self.take.data), confirm=bool(self.confirm.data))

    def who(self) -> dict[str, str]:
        """What is known of the caller, to search with."""
        return {name: self[name].data or "" for name in WHO}


#: The fields to search for a caller with.
WHO = ("name", "organisation", "email", "phone")
