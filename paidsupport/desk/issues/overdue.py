"""Feedback that is overdue: whoever owes it is told once for each due date (T12)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select

from paidsupport.desk.issues import history, news
from paidsupport.desk.visit import Visit
from paidsupport.domain.issues import Occasion
from paidsupport.domain.workflows.issue import FEEDBACK
from paidsupport.store import issues
from paidsupport.store.issues import Issue, IssueEvent

#: Most issues of one round of the clock.
ROUND = 100
_KIND = "feedback-overdue"


def due(visit: Visit) -> list[int]:
    """The ids of issues whose feedback has become overdue and whose assignee does not know it from us."""
    wanted = select(Issue.id).where(*_late(visit)).order_by(Issue.feedback_due_at).limit(ROUND)
    return list(visit.session.scalars(wanted))


def tend(visit: Visit, issue_id: int) -> bool:
    """Tell whoever owes the feedback of one issue; returns whether it was news."""
    issue = issues.lock_by_id(visit.session, issue_id)
    # another worker may have told them, or they have answered meanwhile
    if visit.session.scalar(select(Issue.id).where(Issue.id == issue_id, *_late(visit))) is None:
        return False
    history.tell(visit, issue, _KIND)
    news.tell(visit, issue, Occasion.OVERDUE, [issue.owner_id])
    return True


def _late(visit: Visit) -> list[ColumnElement[bool]]:
    said = exists().where(
        IssueEvent.issue_id == Issue.id, IssueEvent.kind == _KIND, IssueEvent.at >= Issue.feedback_due_at
    )
    return [Issue.state == FEEDBACK.name, Issue.feedback_due_at <= visit.now, ~said]
