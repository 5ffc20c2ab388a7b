"""Leads for whom everything is there that they waited for, as their customers know (T18)."""

from __future__ import annotations

from sqlalchemy import exists, select

from paidsupport.issues.queries.waits import waits
from paidsupport.issues.tables import Follower
from paidsupport.kernel.context import Context
from paidsupport.kernel.workflow import Part
from paidsupport.sales.invoices.operations import invoices
from paidsupport.sales.leads.workflow import SALES
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Event, Ticket

#: Most rows looked at in one round.
ROUND = 100
#: The line in the history of a lead that all it waited for is solved.
SOLVED = "issues-solved"


def due(ctx: Context, only: int | None = None) -> list[int]:
    """The ids of leads whose issues are all over, as the customer knows, and that do not say so yet."""
    said = exists().where(Event.ticket_id == Ticket.id, Event.kind == SOLVED)
    told = exists().where(
        Follower.ticket_id == Ticket.id, Follower.told_at.is_not(None), Follower.ended_at.is_(None)
    )
    wanted = select(Ticket.id).where(Ticket.workflow == SALES.name, Ticket.part != Part.UNASSIGNED)
    wanted = wanted.where(told, ~waits(), ~said, Ticket.erased_at.is_(None))
    if only is not None:
        wanted = wanted.where(Ticket.id == only)
    return list(ctx.session.scalars(wanted.order_by(Ticket.id).limit(ROUND)))


def deliver(ctx: Context, ticket_id: int) -> None:
    """What a lead waited for is there, if it still is: its history says so, and its invoice is drafted."""
    ticket = tickets.lock_by_id(ctx.session, ticket_id)
    if ticket.id in due(ctx, only=ticket.id):
        history.tell(ctx, ticket, SOLVED)
        invoices.start(ctx, ticket)
