"""Offers to leads: one click of the customer decides, and the lead moves with it (T9)."""

from __future__ import annotations

from paidsupport.desk import decisions, moves
from paidsupport.desk.decisions import Offer
from paidsupport.desk.moves import Filled, Standing
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflows import SALES
from paidsupport.domain.workflows.sales import OFFER, OFFERED, QUALIFYING
from paidsupport.errors import MoveRefusedError
from paidsupport.store import pages, tickets
from paidsupport.store.decisions import Decision
from paidsupport.store.tickets import Ticket

#: Where a lead is until its customer has accepted.
_BEFORE = frozenset({QUALIFYING.name, OFFERED.name})


def make_offer(visit: Visit, code: str, offer: Offer, *, claim: int, thread: int, key: str) -> Decision:
    """As `decisions.make_offer`; a lead is `offered` with it.

    Raises MoveRefusedError while management has not decided about a technical wish of the lead.
    """
    ticket = tickets.lock(visit.session, code)
    before = ticket.event_count
    decision = decisions.make_offer(visit, code, offer, claim=claim, thread=thread, key=key)
    # the same form, sent once more, changes nothing
    if ticket.workflow == SALES.name and ticket.event_count != before:
        if sentence := why_not(visit, ticket):
            raise MoveRefusedError(code, [sentence])
        if ticket.state == QUALIFYING.name:
            moves.apply(visit, ticket, OFFER.name, version=ticket.version)
    return decision


def why_not(visit: Visit, ticket: Ticket) -> str:
    """Why nothing can be offered to a lead now, as a sentence; nothing if something can."""
    if ticket.workflow != SALES.name:
        return ""
    if ticket.state not in _BEFORE:
        return "This lead is not at the stage of offers: its customer has accepted already, or it has ended."
    missing = OFFER.missing(moves.facts(Standing(visit, ticket, OFFER, Filled(note="An offer."))))
    return " ".join(need.sentence for need in missing)


def answer(
    visit: Visit, ticket: Ticket, reference: str, choice: str, *, word: str, text_hash: str, key: str
) -> Decision:
    """As `decisions.answer`; a yes of a lead is won for building, a no goes back to whoever qualifies it."""
    ticket = tickets.lock(visit.session, ticket.code)
    before = pages.decision_for_customer(visit.session, ticket, reference).answer
    decision = decisions.answer(visit, ticket, reference, choice, word=word, text_hash=text_hash, key=key)
    is_first = not before and decision.kind == "offer" and decision.ticket_id == ticket.id
    if is_first and ticket.workflow == SALES.name and ticket.state in _BEFORE:
        name = "accept" if decision.answer == "approved" else "decline"
        moves.apply(visit, ticket, name, version=ticket.version)
    return decision
