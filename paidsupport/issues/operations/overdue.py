"""Feedback that is overdue: whoever owes it is told once for each due date (T12)."""

from __future__ import annotations

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import history, news
from paidsupport.issues.queries.due import feedback_overdue
from paidsupport.issues.rules.kinds import Occasion
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context


def due(ctx: Context) -> list[int]:
    """The ids of issues whose feedback has become overdue and whose assignee does not know it from us."""
    return feedback_overdue(ctx.session, ctx.now)


def tend(ctx: Context, issue_id: int) -> bool:
    """Tell whoever owes the feedback of one issue; returns whether it was news."""
    issue = issues.lock_by_id(ctx.session, issue_id)
    # another worker may have told them, or they have answered meanwhile
    if not feedback_overdue(ctx.session, ctx.now, Issue.id == issue_id):
        return False
    history.tell(ctx, issue, "feedback-overdue")
    news.tell(ctx, issue, Occasion.OVERDUE, [issue.owner_id])
    return True
