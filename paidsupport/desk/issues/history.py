"""The history of an issue: chained like that of a ticket, in a table of its own (reliability 24).

Its data holds figures, names of ours and hashes: nothing that was typed.
"""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.desk.issues.events import ISSUE
from paidsupport.desk.visit import Visit
from paidsupport.kernel.history import History
from paidsupport.store import issues
from paidsupport.store.issues import Issue, IssueEvent

ISSUES: History[Visit, Issue] = History(
    ISSUE,
    IssueEvent,
    "issue_id",
    lock=lambda visit, typed: issues.lock(visit.session, issues.named(typed), visit.by),
    change=issues.change,
    salt=("issue",),
)
edit, create, append, tell = ISSUES.edit, ISSUES.create, ISSUES.append, ISSUES.tell
once, done_before = ISSUES.once, ISSUES.done_before


def of(visit: Visit, issue: Issue, newest: int | None = None) -> list[IssueEvent]:
    """The history of an issue from the first line on; or its `newest` lines, the newest first."""
    wanted = select(IssueEvent).where(IssueEvent.issue_id == issue.id)
    if newest is None:
        return list(visit.session.scalars(wanted.order_by(IssueEvent.number)))
    return list(visit.session.scalars(wanted.order_by(IssueEvent.number.desc()).limit(newest)))
