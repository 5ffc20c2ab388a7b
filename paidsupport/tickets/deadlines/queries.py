"""Queries for deadlines and reminders of tickets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from paidsupport.tickets.deadlines.tables import Deadline
from paidsupport.tickets.emails.tables import Reminder
from paidsupport.tickets.tables import Ticket

#: The most rows checked in one run of the clock.
_ROUND = 100
# made once, because workers send them all the time
_TO_LOOK_AT = (
    select(Deadline.id).where(Deadline.look_at <= bindparam("now")).order_by(Deadline.look_at).limit(_ROUND)
)
_REMINDERS_DUE = (
    select(Reminder.id)
    .where(Reminder.done_at.is_(None), Reminder.due_at <= bindparam("now"))
    .order_by(Reminder.due_at)
    .limit(_ROUND)
)
_AS_SET = select(Deadline).order_by(Deadline.id).execution_options(populate_existing=True)


def open_deadlines(session: Session, ticket: Ticket) -> list[Deadline]:
    """The deadlines of a ticket that run or are paused, as they are now."""
    return list(session.scalars(_AS_SET.where(Deadline.ticket_id == ticket.id, Deadline.done_at.is_(None))))


def done_by(session: Session, ticket: Ticket, references: Collection[str]) -> list[Deadline]:
    """The deadlines that were ended by the emails with these references."""
    done = Deadline.letter_reference.in_(references), Deadline.done_at.is_not(None)
    return list(session.scalars(_AS_SET.where(Deadline.ticket_id == ticket.id, *done)))


def deadlines_to_look_at(session: Session, now: datetime) -> list[int]:
    """The ids of the deadlines to warn of, or to report as missed."""
    return list(session.scalars(_TO_LOOK_AT, {"now": now}))


def reminders_due(session: Session, now: datetime) -> list[int]:
    """The ids of the reminders that are due."""
    return list(session.scalars(_REMINDERS_DUE, {"now": now}))
