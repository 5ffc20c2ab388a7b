"""Knowing that the address of a ticket is its customer's, and not just one that was typed into a form."""

from __future__ import annotations

from paidsupport.desk.hooks import ADDRESS_PROVEN
from paidsupport.desk.visit import Visit
from paidsupport.store import tickets
from paidsupport.store.tickets import Ticket


def prove_address(visit: Visit, ticket: Ticket) -> None:
    """Note that the address of a ticket is its customer's, and tell those who wait for that.

    The caller holds the ticket's lock, and has seen a mail with our proof, or that they are signed in.
    """
    if ticket.address_proven_at is None:
        tickets.change(visit.session, ticket, address_proven_at=visit.now)
        visit.house.hooks.call(ADDRESS_PROVEN, visit, ticket)
