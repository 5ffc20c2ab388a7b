"""The facts that moves of tickets need, as far as they are about the ticket itself and its emails.

What a page has read of the ticket already is not read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from paidsupport.desk import checklists, decisions, report, vault
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterKind, LetterState
from paidsupport.kernel import transitions
from paidsupport.kernel.transitions import Attempt, Guard
from paidsupport.store.conversation import Message
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

_MAY_HAVE_ARRIVED = (LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN, LetterState.FAILED)
_UNSETTLED = (LetterState.QUEUED, LetterState.SENDING, LetterState.UNCERTAIN, LetterState.FAILED)


@dataclass(frozen=True, slots=True)
class Filled(transitions.Filled):
    """What was filled into the form of a move."""

    #: Whether what the customer gave of their access is destroyed with this move (G16).
    destroy: bool = False


class TicketAttempt(Attempt[Visit, Ticket, Filled]):
    """A move of a ticket that somebody looks at or makes."""

    @cached_property
    def letters(self) -> Sequence[Letter]:
        """The ticket's letters that carry a message."""
        if self.page is not None:
            found: Sequence[Letter] = self.page.letters
            return found
        wanted = select(Letter).where(Letter.ticket_id == self.record.id, Letter.message_id.is_not(None))
        wanted = wanted.order_by(Letter.id)
        return self.ctx.session.scalars(wanted, execution_options={"populate_existing": True}).all()

    def written(self, *states: LetterState) -> list[Letter]:
        """The letters of the present claim that are in one of `states`."""
        number = self.record.claim_number
        return [row for row in self.letters if row.claim_number == number and row.state in states]


def _not_anothers(at: TicketAttempt) -> bool | None:
    """For a manager it does not matter who has the ticket."""
    return None if at.ctx.by.is_manager else at.record.owner_id in {None, at.ctx.by.id}


def _contacted(at: TicketAttempt) -> bool | None:
    """Without an address there is no letter: what was said on the phone stands in the note."""
    if not at.record.customer_email:
        return None
    return any(letter.contact for letter in at.written(LetterState.SENT))


def _agreed(at: TicketAttempt) -> bool:
    """A note, or a reply: a message of the customer after the contact of this claim had left.

    It must be the last word of the thread: the answer to a question for consent agrees to nothing else.
    """
    if at.filled.note:
        return True
    left = [row.sent_at for row in at.written(LetterState.SENT) if row.contact and row.sent_at]
    if not left or at.record.awaits != "desk":
        return False
    replied = select(Message.id).where(
        Message.ticket_id == at.record.id,
        Message.number == at.record.thread,
        Message.direction == "in",
        Message.at >= min(left),
    )
    return at.ctx.session.scalar(replied) is not None


def _told(at: TicketAttempt) -> bool:
    """A note, or a letter that has reached the customer, whoever wrote it."""
    return bool(at.filled.note) or any(row.state == LetterState.SENT for row in at.letters)


def _pointed(at: TicketAttempt) -> bool:
    """The last word to the customer was a page of the documentation, written under the present claim."""
    last = at.letters[-1] if at.letters else None
    number = at.record.claim_number
    return last is not None and last.kind == LetterKind.POINTER and last.claim_number == number


def _explained(at: TicketAttempt) -> bool | None:
    """A note, unless no letter of this claim can have reached the customer."""
    return bool(at.filled.note) or (False if at.written(*_MAY_HAVE_ARRIVED) else None)


def _colleague(at: TicketAttempt) -> bool:
    """An active person other than the present owner."""
    if at.filled.colleague in {None, at.record.owner_id}:
        return False
    person = at.ctx.session.get(Person, at.filled.colleague)
    return person is not None and person.active


def _noted(at: TicketAttempt) -> bool:
    return bool(at.filled.note)


GUARDS: Mapping[str, Guard] = {
    "unheld": lambda at: at.record.owner_id is None,
    "not-anothers": _not_anothers,
    "contacted": _contacted,
    "agreed": _agreed,
    "letters-settled": lambda at: all(letter.state not in _UNSETTLED for letter in at.letters),
    "explained": _explained,
    "note": _noted,
    "why": _noted,
    "followed": _noted,
    "told": _told,
    "pointed": _pointed,
    "reason": lambda at: at.filled.reason in {reason.name for reason in at.move.reasons},
    "colleague": _colleague,
    **checklists.GUARDS,
    **report.GUARDS,
    **decisions.GUARDS,
    **vault.GUARDS,
}
