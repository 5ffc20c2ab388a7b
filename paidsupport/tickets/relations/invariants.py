"""Invariants of merged tickets (P7)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import aliased

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant
from paidsupport.tickets.tables import Ticket


@invariant("merged tickets are consistent")
def merged_tickets_fit(ctx: Context) -> Iterator[str]:
    """A merged ticket has ended, and leads to a ticket of the same customer that is itself not merged."""
    other = aliased(Ticket)
    rows = ctx.session.execute(
        select(
            Ticket.code,
            Ticket.part,
            Ticket.customer_address,
            Ticket.customer_user_id,
            other.merged_into_id,
            other.customer_address,
            other.customer_user_id,
        )
        .join(other, other.id == Ticket.merged_into_id)
        .where(Ticket.merged_into_id.is_not(None))
        .order_by(Ticket.id)
    )
    for code, part, address, user_id, further, other_address, other_user_id in rows:
        if part != "closed":
            yield f"{code}: it is merged into another ticket and has not ended"
        if further is not None:
            yield f"{code}: it is merged into a ticket that is itself merged"
        elif (address, user_id) != (other_address, other_user_id):
            yield f"{code}: it is merged into a ticket of another customer"
