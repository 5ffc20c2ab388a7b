"""The guards of transitions that are about the ticket itself and its emails.

Anything that a page has already read of the ticket is not read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from paidsupport.kernel import transitions
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.transitions import Attempt, Fact
from paidsupport.tickets import standing
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.conversation import queries
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.emails.rules import EmailKind, EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.report import operations as report
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations import credentials as vault

_MAY_HAVE_ARRIVED = (EmailState.SENDING, EmailState.SENT, EmailState.UNCERTAIN, EmailState.FAILED)
_UNSETTLED = (EmailState.QUEUED, EmailState.SENDING, EmailState.UNCERTAIN, EmailState.FAILED)


@dataclass(frozen=True, slots=True)
class Filled(transitions.Filled):
    """What was filled into the form of a transition."""

    #: Whether the customer's logins are destroyed with this transition (G16).
    destroy: bool = False


class TicketAttempt(Attempt[Context, Ticket, Filled]):
    """A transition of a ticket, being shown or made."""

    @cached_property
    def emails(self) -> Sequence[Email]:
        """The ticket's emails that carry a message."""
        if self.page is not None:
            found: Sequence[Email] = self.page.emails
            return found
        return queries.emails(self.ctx.session, self.record)

    def written(self, *states: EmailState) -> list[Email]:
        """The emails of the present claim that are in one of `states`."""
        number = self.record.claim_number
        return [row for row in self.emails if row.claim_number == number and row.state in states]


def _not_anothers(at: TicketAttempt) -> bool | None:
    """Whether this person is the owner; does not apply to managers."""
    return None if at.ctx.by.is_manager else at.record.owner_id in {None, at.ctx.by.id}


def _contacted(at: TicketAttempt) -> bool | None:
    """Whether the customer was contacted. Without an address, the note says what was agreed on the phone."""
    if not at.record.customer_email:
        return None
    return any(email.contact for email in at.written(EmailState.SENT))


def _agreed(at: TicketAttempt) -> bool:
    """Whether there is a note, or the customer replied after the contact of this claim had left.

    The reply must be the last message: an answer to a question for consent agrees to nothing else.
    """
    if at.filled.note:
        return True
    left = [row.sent_at for row in at.written(EmailState.SENT) if row.contact and row.sent_at]
    if not left or at.record.awaits != "desk":
        return False
    return queries.has_replied(at.ctx.session, at.record, min(left))


def _told(at: TicketAttempt) -> bool:
    """Whether there is a note, or an email from any colleague has reached the customer."""
    return bool(at.filled.note) or any(row.state == EmailState.SENT for row in at.emails)


def _pointed(at: TicketAttempt) -> bool:
    """Whether the last message, written under this claim, points the customer to the documentation."""
    last = at.emails[-1] if at.emails else None
    number = at.record.claim_number
    return last is not None and last.kind == EmailKind.POINTER and last.claim_number == number


def _explained(at: TicketAttempt) -> bool | None:
    """Whether there is a note; does not apply if no email of this claim can have reached the customer."""
    return bool(at.filled.note) or (False if at.written(*_MAY_HAVE_ARRIVED) else None)


def _colleague(at: TicketAttempt) -> bool:
    """Whether an active colleague other than the owner was chosen."""
    if at.filled.colleague in {None, at.record.owner_id}:
        return False
    person = at.ctx.session.get(Person, at.filled.colleague)
    return person is not None and person.active


def _noted(at: TicketAttempt) -> bool:
    return bool(at.filled.note)


GUARDS: Mapping[str, Fact] = {
    "unheld": lambda at: at.record.owner_id is None,
    "not-anothers": _not_anothers,
    "contacted": _contacted,
    "agreed": _agreed,
    "letters-settled": lambda at: all(email.state not in _UNSETTLED for email in at.emails),
    "paid-first": lambda at: standing.paid_first(at.record),
    "explained": _explained,
    "note": _noted,
    "why": _noted,
    "followed": _noted,
    "told": _told,
    "pointed": _pointed,
    "reason": lambda at: at.filled.reason in {reason.name for reason in at.transition.offered},
    "colleague": _colleague,
    **checklists.GUARDS,
    **report.GUARDS,
    **decisions.GUARDS,
    **vault.GUARDS,
}
