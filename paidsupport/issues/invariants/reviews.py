"""Invariants of reviews: by the histories, no one reviewed their own solution (T17)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from paidsupport.issues.tables import Issue, IssueEvent, Step
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant

#: Events that only reviewers cause.
_OF_REVIEWERS = ("tried", "rework", "approve", "settle")


@invariant("no solution was reviewed by its author")
def reviews_by_others(ctx: Context) -> Iterator[str]:
    """In no history does the person who submitted a solution try, return or approve it."""
    wanted = (
        select(Issue.code, IssueEvent.kind, IssueEvent.number, IssueEvent.actor_id)
        .join(Issue, Issue.id == IssueEvent.issue_id)
        .where(IssueEvent.kind.in_(("submit", *_OF_REVIEWERS)))
        .order_by(IssueEvent.issue_id, IssueEvent.number)
        .execution_options(yield_per=2000)
    )
    author: dict[str, int | None] = {}
    for event in ctx.session.execute(wanted):
        if event.kind == "submit":
            author = {event.code: event.actor_id}
        elif event.actor_id is None or author.get(event.code) == event.actor_id:
            yield f"{event.code}: event {event.number} ({event.kind}) is by the author of the solution"


@invariant("reviews are complete")
def approved_when_done(ctx: Context) -> Iterator[str]:
    """An approved issue has a reviewer, and none of its tasks was open then or was opened since."""
    lost = select(Issue.code).where(Issue.approved_at.is_not(None), Issue.reviewed_by_id.is_(None))
    yield from faults(ctx, lost, "it is approved, but it is not on record by whom")
    late = (
        select(Issue.code)
        .join(Step, Step.issue_id == Issue.id)
        .where(Step.for_review, Step.done_at > Issue.approved_at)
    )
    yield from faults(ctx, late, "a task of its review was done after it was approved")
