"""What waits for a review, and everything of one solution that a reviewer looks at (T17)."""

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

#: More reviews than this are not listed at once.
MOST = 100

# of the table, not of its class: an alias of a class sets up all tables there are, at the start already
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
    """A solution that waits for a review: by whom, of whom it was asked, and what stands beside it."""

    issue: Issue
    author: str
    #: Empty if anybody else may do it.
    reviewer: str
    open_tasks: int
    #: How many customers wait for it.
    customers: int


@dataclass(frozen=True, slots=True)
class Matter:
    """What a reviewer reads: what was said with the solution and of it, the draft in force, the tasks."""

    said: list[IssueNote]
    draft: IssueNote | None
    tasks: Sequence[Step]


def waiting(session: Session, by: Actor, *, asked_of: int | None = None) -> list[Waiting]:
    """What waits and `by` may see, most urgent first, then what waits longest; at most MOST: one query."""
    query = _WAITING.where(visible(by)).limit(MOST)
    if asked_of is not None:
        query = query.where(Issue.reviewer_id == asked_of)
    rows = session.execute(query).all()
    return [
        Waiting(issue, author or "", reviewer or "", *counts) for issue, author, reviewer, *counts in rows
    ]


def matter(session: Session, issue: Issue, notes: Sequence[IssueNote]) -> Matter:
    """What there is to read of a solution, among its notes: one query."""
    drafts = [note for note in notes if note.kind == "draft"]
    said = [note for note in notes if note.kind == "review" or note.about == "submit"]
    return Matter(said, drafts[-1] if drafts else None, tasks_of(session, issue))
