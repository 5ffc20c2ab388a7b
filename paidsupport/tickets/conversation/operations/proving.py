"""Knowing that the address of a ticket is its customer's, and not just one that was typed into a form."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.hooks import ADDRESS_PROVEN
from paidsupport.tickets.tables import Ticket


def prove_address(ctx: Context, ticket: Ticket) -> None:
    """Note that the address of a ticket is its customer's, and tell those who wait for that.

    The caller holds the ticket's lock, and has seen a mail with our proof, or that they are signed in.
    """
    if ticket.address_proven_at is None:
        tickets.change(ctx.session, ticket, address_proven_at=ctx.now)
        ctx.services.hooks.call(ADDRESS_PROVEN, ctx, ticket)
