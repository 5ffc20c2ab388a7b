"""Feedback that is overdue: whoever owes it is told once for each due date (T12)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import history, news
from paidsupport.issues.rules.kinds import Occasion
from paidsupport.issues.tables import Issue, IssueEvent
from paidsupport.issues.workflow import FEEDBACK
from paidsupport.kernel.context import Context

#: Most issues of one round of the clock.
ROUND = 100
_KIND = "feedback-overdue"


def due(ctx: Context) -> list[int]:
    """The ids of issues whose feedback has become overdue and whose assignee does not know it from us."""
    wanted = select(Issue.id).where(*_late(ctx)).order_by(Issue.feedback_due_at).limit(ROUND)
    return list(ctx.session.scalars(wanted))


def tend(ctx: Context, issue_id: int) -> bool:
    """Tell whoever owes the feedback of one issue; returns whether it was news."""
    issue = issues.lock_by_id(ctx.session, issue_id)
    # another worker may have told them, or they have answered meanwhile
    if ctx.session.scalar(select(Issue.id).where(Issue.id == issue_id, *_late(ctx))) is None:
        return False
    history.tell(ctx, issue, _KIND)
    news.tell(ctx, issue, Occasion.OVERDUE, [issue.owner_id])
    return True


def _late(ctx: Context) -> list[ColumnElement[bool]]:
    said = exists().where(
        IssueEvent.issue_id == Issue.id, IssueEvent.kind == _KIND, IssueEvent.at >= Issue.feedback_due_at
    )
    return [Issue.state == FEEDBACK.name, Issue.feedback_due_at <= ctx.now, ~said]
