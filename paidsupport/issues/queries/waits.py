"""Whether a ticket still waits for an issue."""

from __future__ import annotations

from sqlalchemy import Exists, exists, or_
from sqlalchemy.orm import aliased

from paidsupport.issues.tables import OVER, Follower, Issue
from paidsupport.tickets.tables import Ticket


def waits() -> Exists:
    """Whether a ticket follows something that is not over, or that its customer does not know of."""
    other = aliased(Follower)
    return (
        exists()
        .where(other.ticket_id == Ticket.id, other.ended_at.is_(None))
        .where(Issue.id == other.issue_id)
        .where(or_(other.told_at.is_(None), Issue.state.not_in(OVER)))
    )
