"""The history of an issue: chained like that of a ticket, in a table of its own.

Its data holds figures, names of staff and hashes: nothing that was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paidsupport.issues import tables as issues
from paidsupport.issues.events import ISSUE
from paidsupport.issues.hooks import ISSUE_LINES_WRITTEN
from paidsupport.issues.tables import Issue, IssueEvent
from paidsupport.kernel.context import Context
from paidsupport.kernel.history import History


class IssueHistory(History[Context, Issue]):
    """The history of issues, which other capabilities can subscribe to."""

    def heard(self, context: Context, record: Issue, kind: str, data: Mapping[str, object]) -> None:
        """Call the subscribers."""
        self.heard_all(context, kind, [(record, data)])

    def heard_all(
        self, context: Context, kind: str, lines: Sequence[tuple[Issue, Mapping[str, object]]]
    ) -> None:
        """Call the subscribers once for all."""
        context.services.hooks.call(ISSUE_LINES_WRITTEN, context, kind, lines)


ISSUES = IssueHistory(
    ISSUE,
    IssueEvent,
    "issue_id",
    lock=lambda ctx, typed: issues.lock(ctx.session, issues.named(typed), ctx.by),
    change=issues.change,
    salt=("issue",),
)
edit, create, append, tell = ISSUES.edit, ISSUES.create, ISSUES.append, ISSUES.tell
once, done_before = ISSUES.once, ISSUES.done_before
