"""The form of a mailbox."""

from __future__ import annotations

from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
)

from paidsupport.intake.mailboxes.operations import NEW, SECURITIES
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.merging import MergedForm

_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}


class MailboxForm(MergedForm):
    """A mailbox; its password is never in it."""

    login = StringField(
        _("User name"), description=_("Often the email address, like support@example.org."), render_kw=_TYPED
    )
    password = PasswordField(_("Password"), render_kw={"autocomplete": "new-password"})
    host = StringField(_("Server"), description=_("Like imap.example.org."), render_kw=_TYPED)
    security = RadioField(
        _("Connection"),
        description=_(
            "If the server doesn't offer what you choose, nothing is sent to it. “Not encrypted” is only for"
            " a server on the same machine."
        ),
        choices=[SelectChoice(name, label) for name, label in SECURITIES.items()],
    )
    port = StringField(
        _("Port"),
        description=_("Empty: 993 with TLS, otherwise 143."),
        render_kw={**_TYPED, "inputmode": "numeric", "size": 6},
    )
    folder = StringField(_("Folder"), description=_("Empty: INBOX."), render_kw=_TYPED)
    move = StringField(
        _("Move emails to this folder"),
        description=_("Once they are stored. Empty: they stay, marked as read."),
        render_kw=_TYPED,
    )
    purpose = StringField(
        _("Purpose"),
        description=_("Services with this purpose get the emails, like support or sales."),
        render_kw=_TYPED,
    )
    active = BooleanField(_("Read this mailbox"))

    @property
    def typed(self) -> dict[str, Any]:
        """What was filled in, by field, without the password."""
        return {name: self[name].data or "" for name in NEW}
