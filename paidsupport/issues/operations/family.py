"""An issue and those it is a part of: locked together, and going on together (T12).

Where the feedback of the last sub-issue comes in, the issue above is new again in the same transaction. So
whoever gives feedback locks all above it, the oldest first: two who answer at once wait for each other at
the top, and exactly one of them finds that nothing is missing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Row, exists, func, select, text
from sqlalchemy.orm import aliased

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access, transitions
from paidsupport.issues.tables import OPEN, Follower, Issue, visible
from paidsupport.issues.workflow import ANSWER, CONFIRM, FEEDBACK, ISSUE, NEW
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.context import Context
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email

#: Most issues that are looked at in one round of the clock.
ROUND = 100


@dataclass(frozen=True, slots=True)
class Family:
    """An issue and what it is a part of, the nearest first; all of them are locked."""

    issue: Issue
    above: tuple[Issue, ...]


def lock(ctx: Context, code: str) -> Family:
    """The issue called `code` with all above it, held until the transaction ends. Raises NotFoundError."""
    return _locked(ctx, access.see(ctx, code))


def rise(ctx: Context, above: Iterable[Issue]) -> None:
    """Let each of these locked issues be new again whose last missing feedback has just come in."""
    for issue in above:
        _go_on(ctx, issue, FEEDBACK.name, ANSWER.name)


def confirm(ctx: Context, issue: Issue) -> bool:
    """Call a locked issue confirmed if nothing is missing for that (T13); returns whether it is now."""
    return _go_on(ctx, issue, NEW.name, CONFIRM.name)


def due(ctx: Context) -> list[int]:
    """The ids of issues that go on by themselves: all feedback is in, or everybody who waits was told."""
    part = aliased(Issue)
    lacks = (part.state == FEEDBACK.name) | ((part.state == NEW.name) & part.feedback_at.is_(None))
    given = select(Issue.id).where(
        Issue.state == FEEDBACK.name,
        Issue.feedback_at.is_not(None),
        ~exists().where(part.parent_id == Issue.id, lacks),
    )
    sent = exists().where(Email.message_id == Follower.investigating_id, Email.state == EmailState.SENT)
    waits = Follower.ended_at.is_(None) & Follower.told_at.is_(None) & Follower.investigating_at.is_(None)
    untold = exists().where(Follower.issue_id == Issue.id, waits, ~sent)
    planned = select(Issue.id).where(
        Issue.state == NEW.name, Issue.timeline_at.is_not(None), Issue.feedback_at.is_not(None), ~untold
    )
    found: list[int] = []
    for wanted in (given, planned):
        found += ctx.session.scalars(wanted.order_by(Issue.changed_at, Issue.id).limit(ROUND))
    return found


def tend(ctx: Context, issue_id: int) -> None:
    """Let one issue go on if nothing is missing: a sub-issue was dismissed, or an email has left."""
    issue = ctx.session.get(Issue, issue_id)
    if issue is not None:
        family = _locked(ctx, issue)
        rise(ctx, (family.issue, *family.above))
        confirm(ctx, family.issue)


def total(ctx: Context, issue: Issue) -> int:
    """The minutes of work that are left on an issue and all of its open parts."""
    below = select(Issue.id).where(Issue.id == issue.id).cte("below", recursive=True)
    below = below.union(select(Issue.id).join(below, Issue.parent_id == below.c.id))
    left = func.coalesce(func.sum(func.coalesce(Issue.minutes_left, Issue.estimate_minutes, 0)), 0)
    open_ones = Issue.id.in_(select(below.c.id)), text(OPEN)
    return int(ctx.session.scalars(select(left).where(*open_ones)).one())


def missing(ctx: Context, issue: Issue) -> Sequence[Row[int, str, int | None, bool]]:
    """The sub-issues whose feedback an issue waits for, and whether whoever looks may see each (`seen`)."""
    lacks = (Issue.state == FEEDBACK.name) | ((Issue.state == NEW.name) & Issue.feedback_at.is_(None))
    columns = (Issue.id, Issue.code, Issue.owner_id, visible(ctx.by).label("seen"))
    return ctx.session.execute(
        select(*columns).where(Issue.parent_id == issue.id, lacks).order_by(Issue.id)
    ).all()


def _locked(ctx: Context, issue: Issue) -> Family:
    up = select(Issue.id, Issue.parent_id).where(Issue.id == issue.id).cte("up", recursive=True)
    up = up.union(select(Issue.id, Issue.parent_id).join(up, Issue.id == up.c.parent_id))
    parents = {row.id: row.parent_id for row in ctx.session.execute(select(up.c.id, up.c.parent_id))}
    held = {id_: issues.lock_by_id(ctx.session, id_) for id_ in sorted(parents)}
    above, at = [], issue.parent_id
    while at is not None and held[at] not in above:
        above.append(held[at])
        at = parents[at]
    # what somebody hid meanwhile is not theirs any more
    return Family(access.lock(ctx, issue.code), tuple(above))


def _go_on(ctx: Context, issue: Issue, state: str, name: str) -> bool:
    clock = replace(ctx, by=CLOCK)
    transition = ISSUE.transition(name)
    if issue.state != state or transition.missing(transitions.facts(clock, issue, transition)):
        return False
    transitions.apply(clock, issue, name, version=issue.version)
    return True
