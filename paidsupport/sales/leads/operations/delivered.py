"""Leads whose issues are all solved, as their customers know (T18)."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.sales.invoices.operations import invoices
from paidsupport.sales.leads.queries import SOLVED, delivered
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket


def due(ctx: Context) -> list[int]:
    """The ids of leads whose issues are all over, whose customer knows, and whose history lacks this."""
    return delivered(ctx.session)


def deliver(ctx: Context, ticket_id: int) -> None:
    """Record that everything is delivered to a lead, if that still holds, and draft its invoice."""
    ticket = tickets.lock_by_id(ctx.session, ticket_id)
    if delivered(ctx.session, Ticket.id == ticket.id):
        history.tell(ctx, ticket, SOLVED)
        invoices.start(ctx, ticket)
