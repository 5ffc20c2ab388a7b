"""Whether emails and the messages they carry fit together, and under which claim they left."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from paidsupport.desk.invariants import faults, invariant
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterState
from paidsupport.store.conversation import Message
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Claim, Ticket

#: Letters that have left, or may have.
_LEFT = (LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN, LetterState.FAILED)


@invariant("no letter under a lost claim")
def no_letter_under_a_lost_claim(visit: Visit) -> Iterator[str]:
    """Every letter with a claim number was written by the one who held that claim, and left during it."""
    foreign = (
        select(Ticket.code)
        .join(Letter, Letter.ticket_id == Ticket.id)
        .outerjoin(Claim, and_(Claim.ticket_id == Ticket.id, Claim.number == Letter.claim_number))
        .where(
            Letter.claim_number.is_not(None),
            or_(Claim.id.is_(None), Claim.person_id != Letter.author_id),
        )
    )
    yield from faults(visit, foreign, "a letter was written by somebody who did not hold that claim")
    late = (
        select(Ticket.code)
        .join(Letter, Letter.ticket_id == Ticket.id)
        .where(
            Letter.claim_number.is_not(None),
            Letter.state.in_(_LEFT),
            Letter.taken_under.is_distinct_from(Letter.claim_number),
        )
    )
    yield from faults(visit, late, "a letter left after its claim had ended")


@invariant("letters and messages agree")
def letters_and_messages_agree(visit: Visit) -> Iterator[str]:
    """Every message of ours has its one letter, with the same claim number."""
    counted = (
        select(Ticket.code)
        .join(Message, Message.ticket_id == Ticket.id)
        .outerjoin(Letter, Letter.message_id == Message.id)
        .where(Message.direction == "out")
        .group_by(Ticket.code, Message.id)
        .having(func.count(Letter.id) != 1)
    )
    yield from faults(visit, counted, "a message of ours does not have exactly one letter")
    unlike = (
        select(Ticket.code)
        .join(Message, Message.ticket_id == Ticket.id)
        .join(Letter, Letter.message_id == Message.id)
        .where(or_(Letter.claim_number.is_distinct_from(Message.claim_number), Letter.ticket_id != Ticket.id))
    )
    yield from faults(visit, unlike, "a letter and its message disagree")


@invariant("conversations complete")
def threads_complete(visit: Visit) -> Iterator[str]:
    """The messages of a ticket are numbered without a gap, up to what the ticket says."""
    counted = (
        select(Ticket.code)
        .outerjoin(Message, Message.ticket_id == Ticket.id)
        .group_by(Ticket.id, Ticket.code, Ticket.thread)
        .having(
            or_(
                func.count(Message.id) != Ticket.thread,
                func.coalesce(func.max(Message.number), 0) != Ticket.thread,
            )
        )
    )
    yield from faults(visit, counted, "a message is missing")
