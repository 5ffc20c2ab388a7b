"""Overdue feedback: the person who owes it is notified once for each due date (T12)."""

from __future__ import annotations

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import history, news
from paidsupport.issues.queries.due import feedback_overdue
from paidsupport.issues.rules.kinds import Occasion
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context


def due(ctx: Context) -> list[int]:
    """The ids of issues with overdue feedback whose assignee has not been notified."""
    return feedback_overdue(ctx.session, ctx.now)


def tend(ctx: Context, issue_id: int) -> bool:
    """Notify the assignee that feedback on an issue is overdue; returns whether it was news."""
    issue = issues.lock_by_id(ctx.session, issue_id)
    # another worker may have notified them, or they may have answered
    if not feedback_overdue(ctx.session, ctx.now, Issue.id == issue_id):
        return False
    history.tell(ctx, issue, "feedback-overdue")
    news.tell(ctx, issue, Occasion.OVERDUE, [issue.owner_id])
    return True
