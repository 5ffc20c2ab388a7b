"""Queries for requests whose issues are all over."""

from __future__ import annotations

from functools import cache

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from paidsupport.intake.workflow import REQUEST, RESOLVE
from paidsupport.issues.queries.followers import all_solved
from paidsupport.issues.tables import Follower
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

#: The most rows in one run.
ROUND = 100
_UNSETTLED = (EmailState.QUEUED, EmailState.SENDING, EmailState.UNCERTAIN, EmailState.FAILED)


def over(session: Session, *which: ColumnElement[bool]) -> list[int]:
    """The ids of matching requests whose issues are all over; the customer was told and has not answered.

    If the customer has written since, the owner reads it and decides.
    """
    return list(session.scalars(_over().where(*which) if which else _over()))


@cache
def _over() -> Select[int]:
    """The statement; built once, because workers run it all the time."""
    answered = exists().where(
        Message.ticket_id == Ticket.id,
        Message.direction == "in",
        Follower.ticket_id == Ticket.id,
        Message.at > Follower.told_at,
    )
    unsettled = exists().where(
        Email.ticket_id == Ticket.id, Email.message_id.is_not(None), Email.state.in_(_UNSETTLED)
    )
    wanted = select(Ticket.id).where(
        Ticket.workflow == REQUEST.name,
        Ticket.part == Part.PENDING,
        Ticket.state.in_(RESOLVE.sources),
        all_solved(),
        ~answered,
        ~unsettled,
    )
    return wanted.order_by(Ticket.id).limit(ROUND)
