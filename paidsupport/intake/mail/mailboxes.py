"""How far each mailbox was read, and who reads it now: one worker, until its time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, update
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
    if mailbox(ctx.session, name) is None:
        try:
            with ctx.session.begin_nested():
                ctx.session.add(Mailbox(name=name))
        except IntegrityError:
            return None
    free = or_(Mailbox.busy_until.is_(None), Mailbox.busy_until < ctx.now)
    taken = update(Mailbox).where(Mailbox.name == name, free).values(busy_until=ctx.now + LEASE)
    if changed(ctx.session, taken) != 1:
        return None
    row = mailbox(ctx.session, name)
    assert row is not None  # noqa: S101  # it was just taken
    since = (row.read_at - timedelta(days=1)).date() if row.read_at else None
    return Progress(row.uid_validity, row.last_uid, since)


def advance(ctx: Context, name: str, validity: int, uid: int) -> None:
    """Remember that a mail was taken; the worker has more time from now on."""
    ctx.session.execute(
        update(Mailbox)
        .where(Mailbox.name == name, Mailbox.uid_validity == validity, Mailbox.last_uid < uid)
        .values(last_uid=uid, busy_until=ctx.now + LEASE)
        .execution_options(synchronize_session=False)
    )


def begin(ctx: Context, name: str, validity: int, uid: int) -> None:
    """Start after `uid` under these numbers: at the first connection, and when a server counts anew."""
    ctx.session.execute(
        update(Mailbox)
        .where(Mailbox.name == name)
        .values(uid_validity=validity, last_uid=uid)
        .execution_options(synchronize_session=False)
    )


def release(ctx: Context, name: str, *, read: bool) -> None:
    """End reading; `read`: all that was new when it began was taken."""
    values = {"busy_until": None} | ({"read_at": ctx.now} if read else {})
    ctx.session.execute(
        update(Mailbox)
        .where(Mailbox.name == name)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
