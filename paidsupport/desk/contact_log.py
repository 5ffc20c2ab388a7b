"""The log of contacts as the desk keeps it: every path of a letter that opens a conversation passes here."""

from __future__ import annotations

from paidsupport.desk.visit import Visit
from paidsupport.domain.contact_log import Contacted, ContactLog
from paidsupport.domain.letters import LetterKind, LetterState, contact_slot
from paidsupport.store import contact_log
from paidsupport.store.contact_log import ContactLine
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

#: The customer has a letter in one of these states, or may have.
_MAY_HAVE_LEFT = {LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN}


def log_of(visit: Visit, letter: Letter) -> ContactLog:
    """The log that `letter` can be in: nothing was logged of letters that no claim fences."""
    if letter.claim_number is None:
        return ContactLog([])
    return contact_log.of_ticket(visit.session, letter.ticket_id)


def slot_of(letter: Letter, log: ContactLog) -> str:
    """The slot that a letter was written for, also after it gave that back; nothing for plain messages."""
    by_kind = contact_slot(LetterKind(letter.kind), letter.claim_number or 0) if letter.claim_number else None
    return letter.contact or log.slot_of(letter.reference) or by_kind or ""


def note(visit: Visit, letter: Letter, *happened: Contacted, slot: str = "", turn: int | None = None) -> None:
    """Write down what happened to a letter, if it is one that opens a conversation.

    Args:
        visit: Whose deed it is, and when.
        letter: The letter, before it gives its slot back.
        happened: What happened, in its order.
        slot: The slot it was written for, where the letter itself may not say so any more.
        turn: The number of the attempt, where one begins.
    """
    if slot := slot or letter.contact or "":
        visit.session.add_all(
            ContactLine(
                ticket_id=letter.ticket_id,
                slot=slot,
                turn=turn if what is Contacted.TAKEN else None,
                letter=letter.reference,
                claim_number=letter.claim_number,
                what=what,
                at=visit.now,
            )
            for what in happened
        )


def keeps_slot(visit: Visit, letter: Letter) -> bool:
    """Whether a letter that is taken back now keeps its slot for ever: it may have left, now or long ago."""
    return letter.state in _MAY_HAVE_LEFT or log_of(visit, letter).may_have_left(letter.reference)


def has_begun(visit: Visit, ticket: Ticket) -> bool:
    """Whether the customer has heard of the ticket from a person, or is about to."""
    return bool(contact_log.of_ticket(visit.session, ticket.id).openings())


def released(visit: Visit, ticket: Ticket, claim_number: int) -> None:
    """Write down that a claim ended, for what was written under it."""
    log = contact_log.of_ticket(visit.session, ticket.id)
    visit.session.add_all(
        ContactLine(
            ticket_id=ticket.id,
            slot=log.slot_of(letter),
            letter=letter,
            claim_number=claim_number,
            what=Contacted.RELEASED,
            at=visit.now,
        )
        for letter in log.under(claim_number)
    )
