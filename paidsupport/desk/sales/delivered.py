"""Leads for whom everything is there that they waited for, as their customers know (T18)."""

from __future__ import annotations

from sqlalchemy import exists, select

from paidsupport.desk import history, invoices
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.sales import SALES
from paidsupport.store import tickets
from paidsupport.store.issue_waits import waits
from paidsupport.store.issues import Follower
from paidsupport.store.tickets import Event, Ticket

#: Most rows looked at in one round.
ROUND = 100
#: The line in the history of a lead that all it waited for is solved.
SOLVED = "issues-solved"


def due(visit: Visit, only: int | None = None) -> list[int]:
    """The ids of leads whose issues are all over, as the customer knows, and that do not say so yet."""
    said = exists().where(Event.ticket_id == Ticket.id, Event.kind == SOLVED)
    told = exists().where(
        Follower.ticket_id == Ticket.id, Follower.told_at.is_not(None), Follower.ended_at.is_(None)
    )
    wanted = select(Ticket.id).where(Ticket.workflow == SALES.name, Ticket.part != Part.UNASSIGNED)
    wanted = wanted.where(told, ~waits(), ~said, Ticket.erased_at.is_(None))
    if only is not None:
        wanted = wanted.where(Ticket.id == only)
    return list(visit.session.scalars(wanted.order_by(Ticket.id).limit(ROUND)))


def deliver(visit: Visit, ticket_id: int) -> None:
    """What a lead waited for is there, if it still is: its history says so, and its invoice is drafted."""
    ticket = tickets.lock_by_id(visit.session, ticket_id)
    if ticket.id in due(visit, only=ticket.id):
        history.tell(visit, ticket, SOLVED)
        invoices.start(visit, ticket)
