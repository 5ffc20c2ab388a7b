"""The issues that a ticket follows, for its page."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, bindparam, exists, select

from paidsupport.issues.queries.analysis import NEVER_LEFT
from paidsupport.issues.tables import OVER, Follower, Issue, IssueReader
from paidsupport.kernel.db.parts import Loaded, Part, any_with
from paidsupport.kernel.db.rows import ReadOnly

_FOLLOWERS, _ISSUES = ReadOnly(Follower), ReadOnly(Issue)
_READS = exists().where(
    IssueReader.issue_id == Follower.issue_id,
    IssueReader.person_id == bindparam("person", type_=Integer),
)
_WANTED = (
    select(_READS, *_FOLLOWERS.columns, *_ISSUES.columns)
    .select_from(Follower)
    .join(Issue, Issue.id == Follower.issue_id)
    .where(Follower.ticket_id == bindparam("record"))
    .order_by(Follower.id)
)


@dataclass(frozen=True, slots=True)
class Followed:
    """An issue that a ticket follows or followed; `reads`: whether the viewer may see it although private."""

    follower: Follower
    issue: Issue
    reads: bool

    def is_untold(self, gone: Container[int | None]) -> bool:
        """Like `analysis.untold`, in Python; `gone`: the messages whose emails have never left."""
        row, issue = self.follower, self.issue
        waits = row.ended_at is None and row.told_at is None and row.investigating_at is None
        written = row.investigating_id is not None and row.investigating_id not in gone
        return waits and not written and issue.timeline_at is not None and issue.state not in OVER


def _followed(page: Loaded[Any]) -> list[Followed]:
    width = _FOLLOWERS.width + 1
    return [
        Followed(_FOLLOWERS.row(row[1:width]), _ISSUES.row(row[width:]), bool(row[0]))
        for row in page.ask(_WANTED)
    ]


#: The issues that a ticket follows, in the order in which it began to.
FOLLOWED: Part[list[Followed]] = Part(
    "followed",
    any_with(Follower.ticket_id),
    _followed,
)


def untold(page: Loaded[Any]) -> list[Followed]:
    """Those that have a timeline which the customer does not know yet (T13)."""
    gone = {email.message_id for email in page.emails if email.state in NEVER_LEFT}
    return [each for each in page[FOLLOWED] if each.is_untold(gone)]
