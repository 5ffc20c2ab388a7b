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
from paidsupport.kernel.web.forms import Form, address
from paidsupport.kernel.web.typed import typed_into


class CallForm(Form):
    """What is noted while somebody calls.

    What of it can be kept is decided by the operation, all in one go.
    """

    name = StringField("Name")
    organisation = StringField("Organisation")
    email = StringField("E-mail address", [address], widget=EmailInput())
    phone = StringField("Phone number", widget=TelInput())
    caller = RadioField(
        "Kind of customer",
        choices=[SelectChoice(kind, label) for kind, label in CALLERS.items()],
        validate_choice=False,
    )
    subject = StringField("What it is about", description="A few words: colleagues see them in the queue.")
    notes = TextAreaField(
        "What they say",
        description="The customer can read it on their page, unless it is a note to management.",
    )
    # a text field on purpose: what is no date is shown again as it was typed
    called_at = StringField("Date and time of the call", widget=DateTimeLocalInput())
    purpose = RadioField(
        "Where it goes",
        choices=[SelectChoice(purpose, label) for purpose, label in PURPOSES.items()],
        default="support",
        validate_choice=False,
    )
    take = BooleanField("I take it on", description="It is claimed for you: you have spoken with them.")
    confirm = BooleanField(
        "Send them the code by mail",
        default=True,
        description="Where there is an address; never for a note to management.",
    )

    def call(self) -> Call:
        """What was filled in, as the operation takes it."""
        return typed_into(self, Call, take=bool(self.take.data), confirm=bool(self.confirm.data))

    def who(self) -> dict[str, str]:
        """What is known of whoever calls, to look them up."""
        return {name: self[name].data or "" for name in WHO}


#: What somebody who calls is looked up by.
WHO = ("name", "organisation", "email", "phone")
