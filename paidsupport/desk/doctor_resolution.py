"""What must hold of those who wait for an issue (T18)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from paidsupport.desk.invariants import invariant
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterKind
from paidsupport.domain.workflows.issue import CLOSED, RESOLVED
from paidsupport.store.issues import Follower, Issue
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket


@invariant("nobody waits for what is over")
def nobody_waits_for_what_is_over(visit: Visit) -> Iterator[str]:
    """Whoever waited for what is resolved knows it, or waits no more."""
    wanted = (
        select(Issue.code, Ticket.code.label("ticket"))
        .join(Follower, Follower.issue_id == Issue.id)
        .join(Ticket, Ticket.id == Follower.ticket_id)
        .where(Issue.state.in_((RESOLVED.name, CLOSED.name)))
        .where(Follower.told_at.is_(None), Follower.ended_at.is_(None))
    )
    for row in visit.session.execute(wanted):
        yield f"{row.code}: it is over, and {row.ticket} still waits for it"


@invariant("letters that it is solved are of who waits")
def letters_are_of_who_waits(visit: Visit) -> Iterator[str]:
    """The letter that told a customer is of their ticket, and says that it is solved."""
    wanted = (
        select(Issue.code, Letter.reference)
        .join(Follower, Follower.issue_id == Issue.id)
        .join(Letter, Letter.message_id == Follower.solved_id)
        .where(or_(Letter.ticket_id != Follower.ticket_id, Letter.kind != LetterKind.SOLVED))
    )
    for row in visit.session.execute(wanted):
        yield f"{row.code}: letter {row.reference} did not tell the customer that it is solved"
