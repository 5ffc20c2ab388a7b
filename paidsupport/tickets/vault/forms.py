"""The forms in which customers share a login, and staff view one."""

from __future__ import annotations

from collections.abc import Callable

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.forms import Form, T, line
from paidsupport.tickets.vault.operations.credentials import Credential

_TYPE_AGAIN = _("Type it again: for your safety it's never shown back.")
#: A private key opens an account too, but has many lines.
_PRIVATE_KEY = "private-key"


class AccessForm(Form):
    """A login to the customer's server, the safer kind preselected. The secret is never shown again."""

    kind = RadioField(
        _("What are you sharing?"),
        choices=[
            SelectChoice("account", _("A temporary account, made just for this work")),
            SelectChoice(_PRIVATE_KEY, _("A private key, made just for this work")),
            SelectChoice("password", _("A password you use yourself")),
        ],
        default="account",
        validate_choice=False,
    )
    label = StringField(
        _("What does it open?"),
        [line],
        description=_("For example “SSH on gallery.example.com”. Don't enter the password here."),
    )
    account = StringField(
        _("User name"), [line], description=_("Leave this empty only for a password without a user name.")
    )
    secret = PasswordField(_("Password"))
    private_key = TextAreaField(_("Private key"), description=_("Paste all of its lines."))

    def credential(self) -> Credential:
        """What was filled in, as the operation takes it."""
        first, second = (self.private_key, self.secret) if self._is_key else (self.secret, self.private_key)
        kind = "account" if self._is_key else self.kind.data or ""
        typed = first.data or second.data or ""
        return Credential(kind, self.label.data or "", self.account.data or "", typed)

    def send(self, ctx: Context, act: Callable[[], T]) -> T | None:
        """Like any form, except that the secret is not shown again with a refused form."""
        done = super().send(ctx, act)
        if self.is_submitted():
            self._forget(refused=done is None)
        return done

    @property
    def _is_key(self) -> bool:
        return bool(self.kind.data == _PRIVATE_KEY)

    def _forget(self, *, refused: bool) -> None:
        typed = self.secret.data or self.private_key.data
        for field in (self.secret, self.private_key):
            field.data, field.raw_data = "", None
        if self._is_key:
            self.private_key.errors, self.secret.errors = self.secret.errors, []
        asked = self.private_key if self._is_key else self.secret
        if refused and typed and not asked.errors:
            self.blame({asked.name: [_TYPE_AGAIN]})


class TrustForm(Form):
    """“I have added your key”: the key that the page showed."""

    public_key = HiddenField()


class LookForm(Form):
    """A view of one login, under the claim that the page showed."""

    claim = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("The claim is missing."))])
    reason = StringField(
        _("What do you need it for?"),
        [line],
        description=_("The customer sees your name, the time and this sentence."),
    )
