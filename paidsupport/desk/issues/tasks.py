"""Tasks that a review waits for, such as packaging and bringing it to the test system (T17)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from paidsupport.desk.issues import history, privacy
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.errors import MoveRefusedError, NotFoundError
from paidsupport.kernel import fields
from paidsupport.store.issues import Issue, Step


def add(visit: Visit, code: str, what: str, *, key: str) -> Issue:
    """One more thing to be done before it can be approved; anybody adds it.

    Raises NotFoundError, MoveRefusedError (it has ended), InvalidInputError (field `task`), KeyReusedError.
    """
    with history.edit(visit, code, key=key, content=("task", code, what)) as change:
        issue = change.record
        if change.repeated:
            return issue
        _only_while_open(issue)
        what = fields.one_line("task", what, required="Say in one line what is to be done.")
        privacy.refuse_personal(visit, issue, what, "task")
        step = Step(
            issue_id=issue.id,
            what=what,
            for_review=True,
            added_by=visit.by.name,
            added_at=visit.now,
            done_by="",
        )
        visit.session.add(step)
        visit.session.flush()
        change.tell("task-added", {"task": step.id})
    return issue


def tick(visit: Visit, code: str, step_id: int, *, done: bool, key: str) -> Issue:
    """Say that a task is done, or that it is not after all; twice is once.

    Raises NotFoundError (also for a task of another issue), MoveRefusedError, KeyReusedError.
    """
    with history.edit(visit, code, key=key, content=("tick", code, step_id, done)) as change:
        issue = change.record
        if change.repeated:
            return issue
        step = visit.session.scalar(
            select(Step).where(Step.id == step_id, Step.issue_id == issue.id, Step.for_review, ~Step.touches)
        )
        if step is None:
            raise NotFoundError
        _only_while_open(issue)
        if done == (step.done_at is not None):
            return issue
        step.done_at, step.done_by_id = (visit.now, visit.by.id) if done else (None, None)
        step.done_by = visit.by.name if done else ""
        kind = "task-done" if done else "task-opened"
        change.tell(kind, {"task": step.id})
    return issue


def of(visit: Visit, issue: Issue) -> Sequence[Step]:
    """The tasks of a review, in the order in which they were added."""
    wanted = select(Step).where(Step.issue_id == issue.id, Step.for_review).order_by(Step.id)
    return visit.session.scalars(wanted).all()


def _only_while_open(issue: Issue) -> None:
    if ISSUE.state(issue.state).part is Part.CLOSED:
        raise MoveRefusedError(issue.code, ["The issue has ended: open it again first."])
    if issue.approved_at is not None:
        raise MoveRefusedError(issue.code, ["It is approved already: no review waits for its tasks."])
