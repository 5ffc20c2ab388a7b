"""Recording that the address of a ticket is proven to be its customer's."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.hooks import ADDRESS_PROVEN
from paidsupport.tickets.tables import Ticket


def prove_address(ctx: Context, ticket: Ticket) -> None:
    """Note that the address of a ticket is proven, and call the subscribers.

    The caller holds the ticket's lock, and has seen a mail with our proof, or a signed-in customer.
    """
    if ticket.address_proven_at is None:
        tickets.change(ctx.session, ticket, address_proven_at=ctx.now)
        ctx.services.hooks.call(ADDRESS_PROVEN, ctx, ticket)
