"""How far each mailbox has been read, and which worker is reading it, under a lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.exc import IntegrityError

from paidsupport.intake.mail.queries import mailbox
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.tickets.received.tables import Mailbox

#: A worker that has recorded no progress for this long has lost its lease.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Progress:
    """Which mails of a mailbox are new: those after `last_uid`, as long as its numbering is valid.

    Under another numbering, all since the day before the last reading: mails fetched then are recognised.
    """

    validity: int | None
    last_uid: int
    since: date | None


def take(ctx: Context, name: str) -> Progress | None:
    """Begin to read a mailbox; None if another worker is reading it."""
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
    """Record that a mail was fetched; this renews the worker's lease."""
    newer = Mailbox.uid_validity == validity, Mailbox.last_uid < uid
    _change(ctx, name, *newer, last_uid=uid, busy_until=ctx.now + LEASE)


def begin(ctx: Context, name: str, validity: int, uid: int) -> None:
    """Start after `uid` under this numbering: at the first connection, and when a server numbers anew."""
    _change(ctx, name, uid_validity=validity, last_uid=uid)


def release(ctx: Context, name: str, *, read: bool) -> None:
    """End reading; `read`: whether everything that was new at the beginning was fetched."""
    _change(ctx, name, busy_until=None, **({"read_at": ctx.now} if read else {}))


def _change(ctx: Context, name: str, *which: ColumnElement[bool], **values: object) -> int:
    return changed(ctx.session, update(Mailbox).where(Mailbox.name == name, *which).values(**values))
