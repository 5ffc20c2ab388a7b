"""The forms in which customers give a way in, and staff look at one."""

from __future__ import annotations

from collections.abc import Callable

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.forms import Form, T, line
from paidsupport.kernel.web.typed import typed_into
from paidsupport.tickets.vault.operations.credentials import Credential

_TYPE_AGAIN = "Please type it again: what you give is never shown back."


class AccessForm(Form):
    """A way into the customer's host, the better one chosen first. The secret is never shown again."""

    kind = RadioField(
        "What do you give us?",
        choices=[
            SelectChoice("account", "A temporary account, made just for this work"),
            SelectChoice("password", "A password that you use yourself"),
        ],
        default="account",
        validate_choice=False,
    )
    label = StringField(
        "What does it open?",
        [line],
        description="For example “SSH on gallery.example.com”. No password here.",
    )
    account = StringField("User name", [line])
    secret = TextAreaField("Password", description="Or a private key made for this work: all of its lines.")

    def credential(self) -> Credential:
        """What was filled in, as the operation takes it."""
        return typed_into(self, Credential)

    def send(self, ctx: Context, act: Callable[[], T]) -> T | None:
        """As for every form. What was typed as the secret does not come back with the page."""
        done = super().send(ctx, act)
        if self.is_submitted():
            typed, self.secret.data, self.secret.raw_data = self.secret.data, "", None
            if done is None and typed and not self.secret.errors:
                self.blame({"secret": [_TYPE_AGAIN]})
        return done


class TrustForm(Form):
    """“I have added your key”: the key that the page showed."""

    public_key = HiddenField()


class LookForm(Form):
    """A look at one credential, under the claim its page showed."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired("The claim is missing.")])
    reason = StringField(
        "What do you need it for?",
        [line],
        description="The customer sees your name, the time and this sentence.",
    )
