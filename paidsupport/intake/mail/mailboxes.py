"""How far each mailbox was read, and who reads it now: one worker, until its time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.exc import IntegrityError

from paidsupport.intake.mail.queries import mailbox
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.tickets.received.tables import Mailbox

#: A worker that has said nothing for so long reads the mailbox no more.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Progress:
    """Which mails of a mailbox are new: those after `last_uid`, as long as its numbers are valid.

    Under other numbers, all since the day before it was read last: what was taken then is known again.
    """

    validity: int | None
    last_uid: int
    since: date | None


def take(ctx: Context, name: str) -> Progress | None:
    """Begin to read a mailbox; None if another worker does."""
    row = mailbox(ctx.session, name) or Mailbox(name=name)
    try:
        with ctx.session.begin_nested():
            ctx.session.add(row)
    except IntegrityError:
        return None
    free = or_(Mailbox.busy_until.is_(None), Mailbox.busy_until < ctx.now)
    if not _change(ctx, name, free, busy_until=ctx.now + LEASE):
        return None
    ctx.session.refresh(row)
    since = (row.read_at - timedelta(days=1)).date() if row.read_at else None
    return Progress(row.uid_validity, row.last_uid, since)


def advance(ctx: Context, name: str, validity: int, uid: int) -> None:
    """Remember that a mail was taken; the worker has more time from now on."""
    newer = Mailbox.uid_validity == validity, Mailbox.last_uid < uid
    _change(ctx, name, *newer, last_uid=uid, busy_until=ctx.now + LEASE)


def begin(ctx: Context, name: str, validity: int, uid: int) -> None:
    """Start after `uid` under these numbers: at the first connection, and when a server counts anew."""
    _change(ctx, name, uid_validity=validity, last_uid=uid)


def release(ctx: Context, name: str, *, read: bool) -> None:
    """End reading; `read`: all that was new when it began was taken."""
    _change(ctx, name, busy_until=None, **({"read_at": ctx.now} if read else {}))


def _change(ctx: Context, name: str, *which: ColumnElement[bool], **values: object) -> int:
    return changed(ctx.session, update(Mailbox).where(Mailbox.name == name, *which).values(**values))
