"""An issue and its parents: locked together, and going on together (T12).

When the feedback of the last sub-issue comes in, its parent is new again in the same transaction. So giving
feedback locks all parents, the oldest first: of two people who answer at once, one waits at the top, and
exactly one of them finds that nothing is missing any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access, transitions
from paidsupport.issues.queries.due import issues_going_on
from paidsupport.issues.queries.families import parents
from paidsupport.issues.tables import Issue
from paidsupport.issues.workflow import ANSWER, CONFIRM, FEEDBACK, ISSUE, NEW
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.context import Context


@dataclass(frozen=True, slots=True)
class Family:
    """An issue and its parents, the nearest first; all of them are locked."""

    issue: Issue
    above: tuple[Issue, ...]


def lock(ctx: Context, code: str) -> Family:
    """Lock the issue called `code` and all its parents until the transaction ends. Raises NotFoundError."""
    return _locked(ctx, access.see(ctx, code))


def rise(ctx: Context, above: Iterable[Issue]) -> None:
    """Make each of these locked issues new again if its last missing feedback has just come in."""
    for issue in above:
        _go_on(ctx, issue, FEEDBACK.name, ANSWER.name)


def confirm(ctx: Context, issue: Issue) -> bool:
    """Confirm a locked issue if nothing is missing for that (T13); returns whether it is confirmed now."""
    return _go_on(ctx, issue, NEW.name, CONFIRM.name)


def due(ctx: Context) -> list[int]:
    """The ids of issues that may go on by themselves."""
    return issues_going_on(ctx.session)


def tend(ctx: Context, issue_id: int) -> None:
    """Let one issue go on if nothing is missing: a sub-issue was dismissed, or an email has left."""
    issue = ctx.session.get(Issue, issue_id)
    if issue is not None:
        family = _locked(ctx, issue)
        rise(ctx, (family.issue, *family.above))
        confirm(ctx, family.issue)


def _locked(ctx: Context, issue: Issue) -> Family:
    upwards = parents(ctx.session, issue)
    held = {id_: issues.lock_by_id(ctx.session, id_) for id_ in sorted(upwards)}
    above, at = [], issue.parent_id
    while at is not None and held[at] not in above:
        above.append(held[at])
        at = upwards[at]
    # an issue that was hidden in the meantime may not be seen any more
    return Family(access.lock(ctx, issue.code), tuple(above))


def _go_on(ctx: Context, issue: Issue, state: str, name: str) -> bool:
    clock = replace(ctx, by=CLOCK)
    transition = ISSUE.transition(name)
    if issue.state != state or transition.missing(transitions.facts(clock, issue, transition)):
        return False
    transitions.apply(clock, issue, name, version=issue.version)
    return True
