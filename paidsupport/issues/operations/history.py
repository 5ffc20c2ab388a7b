"""The history of an issue: chained like that of a ticket, in a table of its own.

Its data holds figures, names of staff and hashes: nothing that was typed.
"""

from __future__ import annotations

from paidsupport.issues import tables as issues
from paidsupport.issues.events import ISSUE
from paidsupport.issues.tables import Issue, IssueEvent
from paidsupport.kernel.context import Context
from paidsupport.kernel.history import History

ISSUES: History[Context, Issue] = History(
    ISSUE,
    IssueEvent,
    "issue_id",
    lock=lambda ctx, typed: issues.lock(ctx.session, issues.named(typed), ctx.by),
    change=issues.change,
    salt=("issue",),
)
edit, create, append, tell = ISSUES.edit, ISSUES.create, ISSUES.append, ISSUES.tell
once, done_before = ISSUES.once, ISSUES.done_before
