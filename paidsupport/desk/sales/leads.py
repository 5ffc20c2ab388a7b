"""Offers to leads: one click of the customer decides, and the lead moves with it (T9)."""

from __future__ import annotations

from paidsupport.desk import moves
from paidsupport.desk.moves import Filled
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflows import SALES
from paidsupport.domain.workflows.sales import OFFER, OFFERED, QUALIFYING
from paidsupport.errors import MoveRefusedError
from paidsupport.store.decisions import Decision
from paidsupport.store.tickets import Ticket

#: Where a lead is until its customer has accepted.
_BEFORE = frozenset({QUALIFYING.name, OFFERED.name})


def offered(visit: Visit, ticket: Ticket) -> None:
    """A lead is `offered` with its offer.

    Raises:
        MoveRefusedError: management has not decided about a technical wish of the lead.
    """
    if ticket.workflow == SALES.name:
        if sentence := why_not(visit, ticket):
            raise MoveRefusedError(ticket.code, [sentence])
        if ticket.state == QUALIFYING.name:
            moves.apply(visit, ticket, OFFER.name, version=ticket.version)


def why_not(visit: Visit, ticket: Ticket) -> str:
    """Why nothing can be offered to a lead now, as a sentence; nothing if something can."""
    if ticket.workflow != SALES.name:
        return ""
    if ticket.state not in _BEFORE:
        return "This lead is not at the stage of offers: its customer has accepted already, or it has ended."
    missing = OFFER.missing(moves.facts(visit, ticket, OFFER, Filled(note="An offer.")))
    return " ".join(need.unmet for need in missing)


def answered(visit: Visit, ticket: Ticket, decision: Decision) -> None:
    """A yes of a lead is won for building, a no goes back to whoever qualifies it."""
    if ticket.workflow == SALES.name and ticket.state in _BEFORE:
        name = "accept" if decision.answer == "approved" else "decline"
        moves.apply(visit, ticket, name, version=ticket.version)
