"""What customers are reminded of on later days: to change passwords, to delete the backup (G16, G19, P9)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select, update

from paidsupport.desk import checklists, history, letters, report
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterKind
from paidsupport.kernel.transitions import Effect, ends, frees
from paidsupport.store import tickets
from paidsupport.store.post import Reminder
from paidsupport.store.tickets import Ticket
from paidsupport.store.vault import Secret

#: Days after the end on which an unconfirmed change of passwords is reminded of.
PASSWORD_DAYS = (2, 7, 21)
#: Most reminders written in one round of the clock.
ROUND = 100
#: When a letter of a later day is written: in the desk's morning.
_MORNING = time(8, 0)


class ReminderKind(StrEnum):
    """What is reminded of."""

    PASSWORD = "password"  # noqa: S105  # a word
    BACKUP = "backup"


_LETTERS = {
    ReminderKind.PASSWORD: LetterKind.PASSWORD_REMINDER,
    ReminderKind.BACKUP: LetterKind.BACKUP_REMINDER,
}


def plan(visit: Visit, ticket: Ticket) -> None:
    """Note what to remind of after this end; an earlier plan is void."""
    drop(visit, ticket)
    if unchanged(visit, ticket):
        for days in PASSWORD_DAYS:
            _add(visit, ticket, ReminderKind.PASSWORD, visit.now + timedelta(days=days))
    if left := report.backup(checklists.of(visit, ticket), visit.today):
        due = datetime.combine(left.until, _MORNING, visit.house.hours.zone)
        _add(visit, ticket, ReminderKind.BACKUP, max(due, visit.now))


def drop(visit: Visit, ticket: Ticket) -> None:
    """Nothing is reminded of any more: the ticket is worked on again, or its customer is erased."""
    visit.session.execute(
        update(Reminder)
        .where(Reminder.ticket_id == ticket.id, Reminder.done_at.is_(None))
        .values(done_at=visit.now, outcome="dropped")
        .execution_options(synchronize_session=False)
    )


def unchanged(visit: Visit, ticket: Ticket) -> list[Secret]:
    """What the customer gave us and has not said to have changed, deleted or removed (G16)."""
    wanted = select(Secret).where(Secret.ticket_id == ticket.id, Secret.changed_at.is_(None))
    return list(visit.session.scalars(wanted.order_by(Secret.id)))


def due(visit: Visit) -> list[int]:
    """The ids of the reminders whose day has come."""
    wanted = select(Reminder.id).where(Reminder.done_at.is_(None), Reminder.due_at <= visit.now)
    return list(visit.session.scalars(wanted.order_by(Reminder.due_at).limit(ROUND)))


def tend(visit: Visit, reminder_id: int) -> str:
    """Write the letter of one reminder, unless its occasion is gone; returns `sent`, `dropped` or nothing.

    It is looked at again under the ticket's lock: another worker may have written it meanwhile.
    """
    owner = visit.session.scalars(select(Reminder.ticket_id).where(Reminder.id == reminder_id)).one()
    ticket = tickets.lock_by_id(visit.session, owner)
    reminder = visit.session.get(Reminder, reminder_id, populate_existing=True)
    if reminder is None or reminder.done_at is not None:
        return ""
    reminder.done_at = visit.now
    reminder.outcome = "sent" if _is_needed(visit, ticket, reminder.kind) else "dropped"
    if reminder.outcome == "sent":
        _write(visit, ticket, ReminderKind(reminder.kind))
    return reminder.outcome


def _is_needed(visit: Visit, ticket: Ticket, kind: str) -> bool:
    if ticket.erased_at is not None or ticket.ended_at is None:
        return False
    return kind != ReminderKind.PASSWORD or bool(unchanged(visit, ticket))


def _write(visit: Visit, ticket: Ticket, kind: ReminderKind) -> None:
    context = {
        "secrets": unchanged(visit, ticket),
        "backup": report.backup(checklists.of(visit, ticket), visit.today),
    }
    subject, body = (
        letters.render(visit, _LETTERS[kind], part, ticket, **context) for part in ("subject", "body")
    )
    letters.to_customer(visit, ticket, _LETTERS[kind], subject, body)
    history.tell(visit, ticket, "reminded", {"of": kind})


def _add(visit: Visit, ticket: Ticket, kind: ReminderKind, due_at: datetime) -> None:
    visit.session.add(Reminder(ticket_id=ticket.id, kind=kind, due_at=due_at))


EFFECTS = (
    Effect("reminders-planned", lambda at: plan(at.ctx, at.record), on=ends),
    Effect("reminders-dropped", lambda at: drop(at.ctx, at.record), on=frees),
)
