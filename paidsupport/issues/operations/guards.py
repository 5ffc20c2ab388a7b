"""The guards of transitions of issues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from paidsupport.issues.operations import drafting, followers
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.queries.contents import last_starter, newest_note, tasks_of
from paidsupport.issues.queries.families import unanswered_parts
from paidsupport.issues.rules.kinds import Outcome
from paidsupport.issues.tables import NO_DEADLINE, Issue
from paidsupport.issues.workflow import FEEDBACK
from paidsupport.kernel import transitions
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.transitions import Attempt, Fact


@dataclass(frozen=True, slots=True)
class Filled(transitions.Filled):
    """What was filled into the form of a transition; `colleague` is also the reviewer who is asked."""

    release: str = ""


class IssueAttempt(Attempt[Context, Issue, Filled]):
    """A transition of an issue, being shown or made; everything it needs is read once."""

    @cached_property
    def waiting(self) -> list[Waiting]:
        """The customers who wait for it."""
        if self.page is not None:
            found: list[Waiting] = self.page.waiting
            return found
        return followers.waiting(self.ctx, self.record)

    @cached_property
    def untold(self) -> bool:
        """Whether a waiting customer does not know that it is solved."""
        return any(not each.knows_it_is_solved for each in self.waiting)


def solvers(ctx: Context, issue: Issue) -> set[int | None]:
    """Who submitted the solution, and who last started work on it: neither of them can review it (T17)."""
    return {issue.author_id, last_starter(ctx.session, issue)}


def is_colleague(at: IssueAttempt) -> bool:
    """Whether an active person was chosen; the assignee can be asked again, but not assigned again."""
    chosen = at.filled.colleague
    if chosen is None or ("feedback-asked" not in at.transition.effects and chosen == at.record.owner_id):
        return False
    person = at.ctx.session.get(Person, chosen)
    return person is not None and person.active


def _answered(at: IssueAttempt) -> bool:
    """Whether there is an estimate with a path, or it is solved already elsewhere."""
    issue = at.record
    known = issue.estimate_minutes is not None and bool(issue.path)
    return issue.feedback_at is not None and (known or bool(issue.fixed_where))


def _subs_answered(at: IssueAttempt) -> bool:
    """Whether all sub-issues have their feedback, at any depth."""
    if at.page is not None:
        return not at.page.missing
    return not unanswered_parts(at.ctx.session, at.ctx.by, at.record)


def _own_part(at: IssueAttempt) -> bool:
    """Whether it is a part of an issue on which this person is asked for feedback."""
    parent = at.ctx.session.get(Issue, at.record.parent_id) if at.record.parent_id else None
    return parent is not None and parent.state == FEEDBACK.name and parent.owner_id == at.ctx.by.id


def _planned(at: IssueAttempt) -> bool:
    known = at.record.deadline != NO_DEADLINE or bool(at.record.target_release)
    return at.record.timeline_at is not None and known


def _drafted(at: IssueAttempt) -> bool | None:
    return newest_note(at.ctx.session, at.record, "draft") is not None if at.untold else None


def _not_anothers(at: IssueAttempt) -> bool | None:
    """Whether this person is the assignee; does not apply to managers."""
    return None if at.ctx.by.is_manager else at.record.owner_id in {None, at.ctx.by.id}


def _noted(at: IssueAttempt) -> bool:
    return bool(at.filled.note)


GUARDS: Mapping[str, Fact] = {
    "unheld": lambda at: at.record.owner_id in {None, at.ctx.by.id},
    "not-anothers": _not_anothers,
    "colleague": is_colleague,
    "own-part": _own_part,
    "answered": _answered,
    "subs-answered": _subs_answered,
    "feedback-in": lambda at: _answered(at) and _subs_answered(at),
    "timeline": _planned,
    "reporters-told": lambda at: all(each.knows_we_look for each in at.waiting) if at.waiting else None,
    "drafted": _drafted,
    "tone": lambda at: drafting.is_clean(at.ctx, at.record) if at.untold else None,
    "not-author": lambda at: at.ctx.by.id not in {None, *solvers(at.ctx, at.record)},
    "unapproved": lambda at: at.record.approved_at is None,
    "unanswered": lambda at: at.record.feedback_at is None and at.record.timeline_at is None,
    "tried": lambda at: at.record.reviewed_by_id == at.ctx.by.id and bool(at.record.review_outcome),
    "gone": lambda at: at.record.review_outcome == Outcome.NOT_REPRODUCED,
    "tasks-done": lambda at: all(task.done_at for task in tasks_of(at.ctx.session, at.record)),
    "customer-waits": lambda at: bool(at.waiting),
    "no-customer-waits": lambda at: not at.waiting,
    "approved": lambda at: at.record.approved_at is not None,
    "customers-told": lambda at: not at.untold if at.waiting else None,
    "release": lambda at: bool(at.filled.release),
    "reason": lambda at: at.filled.reason in {reason.name for reason in at.transition.offered},
    "note": _noted,
    "why": _noted,
}
