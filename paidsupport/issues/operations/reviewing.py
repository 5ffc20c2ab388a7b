"""Review: a colleague of the author tries to reproduce the fault, and records the outcome (T17)."""

from __future__ import annotations

from paidsupport.issues.operations import access, followers, guards, history, notes, transitions
from paidsupport.issues.operations.transitions import Filled
from paidsupport.issues.rules.kinds import Outcome
from paidsupport.issues.tables import Issue
from paidsupport.issues.workflow import APPROVE, NOT_AUTHOR, REVIEW, REWORK, SETTLE
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import NotFoundError, StaleIssueError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _

#: The decisions of a reviewer, each with its outcome.
DECISIONS = {
    "approve": Outcome.NOT_REPRODUCED,
    "rework": Outcome.REPRODUCED,
    "pass": Outcome.NOT_TRIED,
}


def decide(ctx: Context, code: str, decision: str, what: str, *, version: int, key: str) -> Issue:
    """Record what was tried, and approve the solution, send it back, or leave it to another reviewer.

    An approved issue goes to the colleague who tells the customer, or is resolved at once if no customer
    waits.

    Raises:
        NotFoundError: There is no such issue for this person, or no such decision.
        StaleIssueError: There is another solution, or no review any more.
        TransitionRefusedError: This person is the author, or tasks are open.
        InvalidInputError: At `note`.
        KeyReusedError: The form was sent with other content.
    """
    if decision not in DECISIONS:
        raise NotFoundError
    issue = access.lock(ctx, code)
    if decision == "rework":
        filled = Filled(note=notes.tidied(what, "note", _MISSING[decision]))
        return transitions.apply(ctx, issue, REWORK.name, version=version, key=key, filled=filled)
    with history.edit(ctx, issue, key=key, content=("review", code, decision, what, ctx.by.id)) as change:
        if change.repeated:
            return issue
        if issue.version != version:
            raise StaleIssueError(code)
        refuse_author(ctx, issue)
        what = notes.tidied(what, "note", _MISSING[decision])
        _note(ctx, change, DECISIONS[decision], what)
        if decision == "approve":
            transition = APPROVE if followers.waiting(ctx, issue) else SETTLE
            transitions.apply(ctx, issue, transition.name, version=version)
    return issue


def refuse_author(ctx: Context, issue: Issue) -> None:
    """Refuse the author of the solution, and anyone while there is nothing to review.

    Raises:
        TransitionRefusedError: This person is the author, or there is nothing to review.
    """
    if issue.state != REVIEW.name:
        raise TransitionRefusedError(
            issue.code, [_("There's nothing to review: no solution has been submitted.")]
        )
    if not may_review(ctx, issue):
        raise TransitionRefusedError(issue.code, [NOT_AUTHOR.unmet])


def may_review(ctx: Context, issue: Issue) -> bool:
    """Whether this person can review it: they are staff and have not worked on its solution."""
    if issue.state != REVIEW.name or not ctx.by.is_person or ctx.by.id is None:
        return False
    return ctx.by.id not in guards.solvers(ctx, issue)


def _note(ctx: Context, change: Change[Context, Issue], outcome: Outcome, what: str) -> None:
    notes.keep(ctx, change.record, "review", what, about=outcome.value)
    data: dict[str, object] = {"outcome": outcome.value, "text": fingerprint(what)}
    change.tell("tried", data, reviewed_by_id=ctx.by.id, review_outcome=outcome.value)


_MISSING = {
    "approve": _("Enter what you tested and what you saw."),
    "rework": _("Enter what is still wrong and how you tested it."),
    "pass": _("Enter why you couldn't test it."),
}
