"""Whether a ticket waits for no issue any more."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import aliased

from paidsupport.issues.tables import OVER, Follower, Issue
from paidsupport.tickets.tables import Ticket


def all_solved() -> ColumnElement[bool]:
    """Whether a ticket followed issues that are all over, and its customer was told of one at least."""
    told = exists().where(
        Follower.ticket_id == Ticket.id, Follower.told_at.is_not(None), Follower.ended_at.is_(None)
    )
    other = aliased(Follower)
    waits = (
        exists()
        .where(other.ticket_id == Ticket.id, other.ended_at.is_(None))
        .where(Issue.id == other.issue_id)
        .where(or_(other.told_at.is_(None), Issue.state.not_in(OVER)))
    )
    return told & ~waits
