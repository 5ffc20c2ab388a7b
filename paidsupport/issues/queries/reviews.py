"""Queries for waiting reviews, and for all that a reviewer reads of one solution (T17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from paidsupport.issues.queries.contents import tasks_of
from paidsupport.issues.queries.followers import WAIT_FOR_IT
from paidsupport.issues.tables import Issue, IssueNote, Step, visible
from paidsupport.issues.workflow import REVIEW
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.staff.tables import Person

#: The most reviews in a list.
MOST = 100

# aliases of the table, because aliasing a class would configure all mappers at import
_AUTHOR, _REVIEWER = Person.__table__.alias(), Person.__table__.alias()
_OPEN_TASKS = (
    select(func.count())
    .where(Step.issue_id == Issue.id, Step.for_review, Step.done_at.is_(None))
    .correlate(Issue)
    .scalar_subquery()
)
_WAITING = (
    select(Issue, _AUTHOR.c.name, _REVIEWER.c.name, _OPEN_TASKS, WAIT_FOR_IT)
    .outerjoin(_AUTHOR, _AUTHOR.c.id == Issue.author_id)
    .outerjoin(_REVIEWER, _REVIEWER.c.id == Issue.reviewer_id)
    .where(Issue.state == REVIEW.name)
    .order_by(Issue.priority, Issue.submitted_at, Issue.id)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A solution that waits for a review: by whom, who was asked, and further facts."""

    issue: Issue
    author: str
    #: Empty if any colleague of the author may do it.
    reviewer: str
    open_tasks: int
    #: The number of waiting customers.
    customers: int


@dataclass(frozen=True, slots=True)
class Matter:
    """What a reviewer reads: notes with and about the solution, the draft in force, the tasks."""

    said: list[IssueNote]
    draft: IssueNote | None
    tasks: Sequence[Step]


def waiting(session: Session, by: Actor, *, asked_of: int | None = None) -> list[Waiting]:
    """Waiting reviews that `by` may see, most urgent first, then the oldest; at most MOST: one query."""
    query = _WAITING.where(visible(by)).limit(MOST)
    if asked_of is not None:
        query = query.where(Issue.reviewer_id == asked_of)
    rows = session.execute(query).all()
    return [
        Waiting(issue, author or "", reviewer or "", *counts) for issue, author, reviewer, *counts in rows
    ]


def matter(session: Session, issue: Issue, notes: Sequence[IssueNote]) -> Matter:
    """Everything to read about a solution, from among its notes: one query."""
    drafts = [note for note in notes if note.kind == "draft"]
    said = [note for note in notes if note.kind == "review" or note.about == "submit"]
    return Matter(said, drafts[-1] if drafts else None, tasks_of(session, issue))
