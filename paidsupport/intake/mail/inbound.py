"""Taking a mail in: it is stored and committed before it is processed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from paidsupport.intake.mail import inbox, parse, plain
from paidsupport.intake.mail.deadline import UnreadableError
from paidsupport.kernel.by_clock import ByClock
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConfigurationError, NotFoundError, StaleTicketError, StorageFullError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.text import LINE_LIMIT
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.emails.rules import MailState
from paidsupport.tickets.received import tables as rows
from paidsupport.tickets.received.tables import RawMail

log = logging.getLogger("paidsupport.mail")

#: A mail that was stored this long ago and not processed has lost the program that took it in.
LOST_AFTER = timedelta(minutes=1)
_UNFILED = storable(_("It could not be filed: %(error)s"))
_CONTENT_GONE = storable(_("Its content is gone from where files are kept."))


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail."""

    mail: str
    state: str
    reason: str
    ticket: str | None
    duplicate: bool = False


def take_in(desk: ByClock, raw: bytes, *, recipient: str = "", purpose: str = "") -> Taken:
    """Store a mail durably, then put it where it belongs.

    Raises DBAPIError, StorageFullError or OSError if it could not be stored; then nothing of it remains. Once
    it is stored, nothing is raised: a fault becomes its state, or it is tried again later.
    """
    parse.need_extra()
    names = {"header_id": parse.header_id(raw), "content_hash": parse.content_hash(raw)}
    with desk.writing() as ctx:
        mail, new = inbox.keep(
            ctx, raw, **names, recipient=plain.one_line(recipient, LINE_LIMIT), purpose=purpose
        )
        taken = _told(ctx, mail, duplicate=not new)
    return (_understand(desk, mail.id, raw) or taken) if new else taken


def replay(desk: ByClock, mail_id: int) -> Taken | None:
    """Process a mail again at a person's request, whatever came of it before, unless it is on a ticket.

    Returns None if that cannot be done now.
    """
    parse.need_extra()
    return _understand(desk, mail_id, again=True)


def resume(desk: ByClock) -> int:
    """Process the mails whose program was stopped after storing them; returns how many."""
    with desk.reading() as ctx:
        lost = rows.unsettled(ctx.session, ctx.now - LOST_AFTER)
    if lost:
        parse.need_extra()
    return sum(_understand(desk, mail_id) is not None for mail_id in lost)


def _understand(
    desk: ByClock, mail_id: int, raw: bytes | None = None, *, again: bool = False
) -> Taken | None:
    """Parse a stored mail and settle it; None if the database or the file store is unreachable."""
    try:
        incoming = parse.understand(_content(desk, mail_id) if raw is None else raw)
        with desk.writing() as ctx:
            return _told(ctx, inbox.settle(ctx, mail_id, incoming, again=again))
    except ConfigurationError:
        raise
    except (DBAPIError, StaleTicketError, StorageFullError, OSError) as error:
        log.warning("a mail was kept and waits to be understood: %s", type(error).__name__)
    except Exception as error:
        if not isinstance(error, (UnreadableError, NotFoundError)):
            log.exception("a mail was kept and could not be understood")
        return _failed(desk, mail_id, error)
    return None


def _failed(desk: ByClock, mail_id: int, error: Exception) -> Taken | None:
    why = str(error) if isinstance(error, UnreadableError) else filled(_UNFILED, error=repr(error))
    if isinstance(error, NotFoundError):
        why = _CONTENT_GONE
    try:
        with desk.writing() as ctx:
            return _told(ctx, inbox.fail(ctx, mail_id, why))
    except DBAPIError as away:
        log.warning("a mail was kept and waits to be understood: %s", type(away).__name__)
        return None


def _content(desk: ByClock, mail_id: int) -> bytes:
    with desk.reading() as ctx:
        mail = ctx.session.get(RawMail, mail_id)
    if mail is None:
        raise NotFoundError
    with desk.services.files.open(mail.storage_key) as content:
        return content.read()


def _told(ctx: Context, mail: RawMail, *, duplicate: bool = False) -> Taken:
    code = tickets.by_id(ctx.session, mail.ticket_id).code if mail.ticket_id else None
    return Taken(mail.reference, MailState(mail.state), mail.reason, code, duplicate)
