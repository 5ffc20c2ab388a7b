"""Tasks that a review waits for, such as packaging and installing it on the test system (T17)."""

from __future__ import annotations

from paidsupport.issues.operations import history, privacy
from paidsupport.issues.queries.contents import tasks_of
from paidsupport.issues.tables import Issue, Step
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel import fields
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import TransitionRefusedError, existing
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Part


def add(ctx: Context, code: str, what: str, *, key: str) -> Issue:
    """Add a task to be done before approval; all staff may.

    Raises:
        NotFoundError: There is no such issue for this person.
        TransitionRefusedError: The issue has ended.
        InvalidInputError: At `task`.
        KeyReusedError: The form was sent with another task.
    """
    with history.edit(ctx, code, key=key, content=("task", code, what)) as change:
        issue = change.record
        if change.repeated:
            return issue
        _only_while_open(issue)
        what = fields.one_line("task", what, required=_("Enter in one line what is to be done."))
        privacy.refuse_personal(ctx, issue, what, "task")
        step = Step(
            issue_id=issue.id,
            what=what,
            for_review=True,
            added_by=ctx.by.name,
            added_at=ctx.now,
        )
        ctx.session.add(step)
        ctx.session.flush()
        change.tell("task-added", {"task": step.id})
    return issue


def tick(ctx: Context, code: str, step_id: int, *, done: bool, key: str) -> Issue:
    """Note that a task is done, or not done after all; repeating it changes nothing.

    Raises:
        NotFoundError: There is no such issue for this person, or the task is not of this issue.
        TransitionRefusedError: The issue has ended.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("tick", code, step_id, done)) as change:
        issue = change.record
        if change.repeated:
            return issue
        step = existing(next((task for task in tasks_of(ctx.session, issue) if task.id == step_id), None))
        _only_while_open(issue)
        if done == (step.done_at is not None):
            return issue
        step.done_at, step.done_by_id = (ctx.now, ctx.by.id) if done else (None, None)
        step.done_by = ctx.by.name if done else ""
        kind = "task-done" if done else "task-opened"
        change.tell(kind, {"task": step.id})
    return issue


def _only_while_open(issue: Issue) -> None:
    if ISSUE.state(issue.state).part is Part.CLOSED:
        raise TransitionRefusedError(issue.code, [_("The issue is closed. Reopen it first.")])
    if issue.approved_at is not None:
        raise TransitionRefusedError(
            issue.code, [_("The solution is already approved, so its tasks can't change.")]
        )
