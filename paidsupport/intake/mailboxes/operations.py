"""Entering, changing and removing mailboxes (P10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from paidsupport.intake.mailboxes import queries
from paidsupport.intake.mailboxes.tables import MailboxAccount
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows, sealing
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.faults import SLUG_RULE
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import whole_number

#: How a connection can be secured.
SECURITIES: Mapping[str, str] = {
    "tls": _("Encrypted (TLS)"),
    "starttls": _("Encrypted (STARTTLS)"),
    "none": _("Not encrypted"),
}
#: What stands in the form of a new one.
NEW: Mapping[str, Any] = {
    **dict.fromkeys(("host", "port", "login", "move"), ""),
    "security": "tls",
    "folder": "INBOX",
    "purpose": "support",
    "active": True,
}
#: What a password is bound to: with another one of these, it has to be entered again.
BINDING = ("host", "port", "security", "login")
_PORTS = {"tls": 993, "starttls": 143, "none": 143}
_MOST = 65535
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HOST_WANTED = _("Enter a server like imap.example.org.")
_ABOUT = "mailbox:"


def found(ctx: Context, mailbox_id: int) -> MailboxAccount:
    """The mailbox with this id. Raises NotFoundError."""
    return existing(next((row for row in queries.accounts(ctx.session) if row.id == mailbox_id), None))


def values_of(row: MailboxAccount) -> dict[str, Any]:
    """A mailbox as its form shows it, without its password."""
    names = ("host", "security", "login", "folder", "purpose", "move", "active")
    return {**{name: getattr(row, name) for name in names}, "port": str(row.port)}


def label_of(row: MailboxAccount) -> str:
    """What staff call it."""
    return f"{row.login} ({row.host}, {row.folder})"


def keep(  # each is a part of the form
    ctx: Context,
    mailbox_id: int,
    typed: Mapping[str, Any],
    password: str,
    *,
    seen: Mapping[str, Any],
    key: str,
) -> int:
    """Add a mailbox, or change one; workers take the change over at their next round.

    Args:
        ctx: Who does it.
        mailbox_id: Its id; 0 for a new one.
        typed: What was filled in, by field, as in `values_of`.
        password: A new password; empty to keep the one there is.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Returns:
        Its id.

    Raises:
        NotFoundError: There is no such mailbox.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    filled = tidied(fields, typed)
    secret = fields.one_line("password", password)
    fields.done()
    sent = ctx.services.links.digest("mailbox", secret)
    content = ("mailbox", mailbox_id, sorted(filled.items()), sent)
    with configuration.edit(ctx, key=key, content=content) as change:
        if change.repeated:
            return int(str(change.earlier["about"]).removeprefix(_ABOUT))
        row = found(ctx, mailbox_id) if mailbox_id else None
        before = values_of(row) if row else None
        values = filled_in(before, seen, filled, NEW)
        _check(ctx, fields, row, values, has_secret=bool(secret))
        fields.done()
        row = _stored(ctx, row or MailboxAccount(), values, secret)
        after = {**values_of(row), **({"password": configuration.HIDDEN} if secret else {})}
        rows.tell_kept(change, f"{_ABOUT}{row.id}", label_of(row), before, after)
        return row.id


def remove(ctx: Context, mailbox_id: int, *, key: str) -> bool:
    """Remove a mailbox with its password; emails that were fetched stay.

    Raises:
        NotFoundError: There is no such mailbox.
        KeyReusedError: The form was sent for another one.
    """
    with configuration.edit(ctx, key=key, content=("mailbox removed", mailbox_id)) as change:
        if change.repeated:
            return True
        row = found(ctx, mailbox_id)
        rows.tell_removed(change, f"{_ABOUT}{mailbox_id}", label_of(row), values_of(row))
        ctx.session.delete(row)
        ctx.session.flush()
    return True


def tidied(fields: Fields, typed: Mapping[str, Any]) -> dict[str, Any]:
    """A mailbox as it is kept; what is wrong with it goes to `fields`."""
    filled: dict[str, Any] = {
        "host": fields.one_line("host", typed["host"], required=_HOST_WANTED).lower(),
        "security": typed["security"],
        "login": fields.one_line("login", typed["login"], required=_("Enter the user name.")),
        "folder": fields.one_line("folder", typed["folder"]) or NEW["folder"],
        "purpose": fields.one_line("purpose", typed["purpose"]).lower() or NEW["purpose"],
        "move": fields.one_line("move", typed["move"]),
        "active": bool(typed["active"]),
    }
    if filled["host"] and not _HOST.fullmatch(filled["host"]):
        fields.refuse("host", _HOST_WANTED)
    if filled["security"] == "none" and filled["host"] and not _is_here(filled["host"]):
        fields.refuse("security", _("Choose an encrypted connection: this server is on another machine."))
    if not _PURPOSE.fullmatch(filled["purpose"]):
        fields.refuse("purpose", SLUG_RULE)
    if filled["move"] and filled["move"] == filled["folder"]:
        fields.refuse("move", _("Enter another folder than the one that is read."))
    port = fields.one_line("port", typed["port"]) or str(_PORTS.get(typed["security"], ""))
    number = whole_number(port)
    if number is None or not 1 <= number <= _MOST:
        fields.refuse("port", _("Enter a number from %(min)s to %(max)s.", min=1, max=_MOST))
    return {**filled, "port": str(number)}


def _is_here(host: str) -> bool:
    """Whether a host is this machine: what is sent to it passes no network."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _check(
    ctx: Context,
    fields: Fields,
    row: MailboxAccount | None,
    values: Mapping[str, Any],
    *,
    has_secret: bool,
) -> None:
    known = ("login", "host", "port", "folder")
    wanted = [values[name] for name in known]
    for each in queries.accounts(ctx.session):
        if each is not row and [values_of(each)[name] for name in known] == wanted:
            fields.refuse("login", _("This mailbox is there already."))
    if has_secret:
        return
    if row is None:
        fields.refuse("password", _("Enter the password."))
    elif any(values_of(row)[name] != values[name] for name in BINDING):
        fields.refuse("password", _("Enter the password again: it was for another server or user."))


def _stored(ctx: Context, row: MailboxAccount, values: Mapping[str, Any], secret: str) -> MailboxAccount:
    from paidsupport.intake.mailboxes.reading import bound_to  # noqa: PLC0415  # late: few pages need it

    for name, value in values.items():
        setattr(row, name, int(value) if name == "port" else value)
    if secret:
        row.sealed = sealing.seal_bytes(ctx.services.links, bound_to(row), secret)
        row.password_at = ctx.now
    ctx.session.add(row)
    ctx.session.flush()
    return row
