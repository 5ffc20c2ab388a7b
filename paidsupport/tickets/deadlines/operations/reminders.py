"""Reminders to customers on later days: to change passwords, to delete the backup (G16, G19, P9)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import update

from paidsupport.kernel.context import Context
from paidsupport.kernel.transitions import Effect, ends, frees
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.queries import items
from paidsupport.tickets.deadlines import queries
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Reminder
from paidsupport.tickets.operations import history
from paidsupport.tickets.report import operations as report
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.queries import secrets
from paidsupport.tickets.vault.tables import Secret

#: Days after the end on which the customer is reminded to change passwords, unless they confirmed it.
PASSWORD_DAYS = (2, 7, 21)
#: The time at which the email of a later day is written: morning at the desk.
_MORNING = time(8, 0)


class ReminderKind(StrEnum):
    """What the customer is reminded of."""

    PASSWORD = "password"  # noqa: S105  # a word
    BACKUP = "backup"


_LETTERS = {
    ReminderKind.PASSWORD: EmailKind.PASSWORD_REMINDER,
    ReminderKind.BACKUP: EmailKind.BACKUP_REMINDER,
}


def plan(ctx: Context, ticket: Ticket) -> None:
    """Plan the reminders after this end; an earlier plan is dropped."""
    drop(ctx, ticket)
    if unchanged(ctx, ticket):
        for days in PASSWORD_DAYS:
            _add(ctx, ticket, ReminderKind.PASSWORD, ctx.now + timedelta(days=days))
    if left := report.backup(items(ctx.session, ticket), ctx.today):
        due = datetime.combine(left.until, _MORNING, ctx.services.hours.zone)
        _add(ctx, ticket, ReminderKind.BACKUP, max(due, ctx.now))


def drop(ctx: Context, ticket: Ticket) -> None:
    """Drop all reminders, because the ticket is worked on again or its customer is erased."""
    ctx.session.execute(
        update(Reminder)
        .where(Reminder.ticket_id == ticket.id, Reminder.done_at.is_(None))
        .values(done_at=ctx.now, outcome="dropped")
        .execution_options(synchronize_session=False)
    )


def unchanged(ctx: Context, ticket: Ticket) -> list[Secret]:
    """The logins that the customer has not said to have changed, deleted or removed (G16)."""
    return [secret for secret in secrets(ctx.session, ticket) if secret.changed_at is None]


def due(ctx: Context) -> list[int]:
    """The ids of the reminders that are due."""
    return queries.reminders_due(ctx.session, ctx.now)


def tend(ctx: Context, reminder_id: int) -> str:
    """Write the email of one reminder, unless there is no reason left; returns `sent`, `dropped` or "".

    It is read again under the ticket's lock, in case another worker has written it.
    """
    owner = ctx.session.get_one(Reminder, reminder_id).ticket_id
    ticket = tickets.lock_by_id(ctx.session, owner)
    reminder = ctx.session.get(Reminder, reminder_id, populate_existing=True)
    if reminder is None or reminder.done_at is not None:
        return ""
    reminder.done_at = ctx.now
    reminder.outcome = "sent" if _is_needed(ctx, ticket, reminder.kind) else "dropped"
    if reminder.outcome == "sent":
        _write(ctx, ticket, ReminderKind(reminder.kind))
    return reminder.outcome


def _is_needed(ctx: Context, ticket: Ticket, kind: str) -> bool:
    if ticket.erased_at is not None or ticket.ended_at is None:
        return False
    return kind != ReminderKind.PASSWORD or bool(unchanged(ctx, ticket))


def _write(ctx: Context, ticket: Ticket, kind: ReminderKind) -> None:
    context = {
        "secrets": unchanged(ctx, ticket),
        "backup": report.backup(items(ctx.session, ticket), ctx.today),
    }
    letter = _LETTERS[kind]
    emails.to_customer(ctx, ticket, letter, *emails.written(ctx, letter, ticket, **context))
    history.tell(ctx, ticket, "reminded", {"of": kind})


def _add(ctx: Context, ticket: Ticket, kind: ReminderKind, due_at: datetime) -> None:
    ctx.session.add(Reminder(ticket_id=ticket.id, kind=kind, due_at=due_at))


EFFECTS = (
    Effect("reminders-planned", lambda at: plan(at.ctx, at.record), on=ends),
    Effect("reminders-dropped", lambda at: drop(at.ctx, at.record), on=frees),
)
