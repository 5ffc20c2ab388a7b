"""Steps of an issue: what is to be done, and whether it affects a customer's account or data (T11).

Tasks that a review waits for are stored beside them, in `tasks`: they never affect a customer.
"""

from __future__ import annotations

from dataclasses import dataclass

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access, assignment, followers, history, notes, privacy
from paidsupport.issues.queries.contents import count_steps, steps_of
from paidsupport.issues.tables import OVER, Issue, Step
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.operations import Ask
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.tables import Ticket

#: The most steps of one issue.
MOST = 100

_OPEN = _("The customer hasn't approved this yet.")
_DECLINED = _("The customer didn't approve this, so it must not be done.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A step as it was typed; `ticket` is the code of the ticket whose customer it affects, if any."""

    what: str
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class StepState:
    """A step with its ticket, the question to its customer, and the obstacle to doing it now, if any."""

    step: Step
    ticket: Ticket | None
    consent: Decision | None
    against: str


def add(ctx: Context, code: str, wanted: Wanted, *, key: str) -> Step:
    """Add a step to an issue.

    A repeated key adds nothing more.

    Raises:
        NotFoundError: There is no such issue for this person.
        InvalidInputError: By field as in `Wanted`.
        TransitionRefusedError: The issue has ended.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("issue-step", code, wanted)) as change:
        issue = change.record
        if change.repeated:
            return _find(ctx, issue, int(change.earlier["step"]))
        if issue.state in OVER:
            raise TransitionRefusedError(
                issue.code, [_("The issue is closed. Reopen it before you plan more.")]
            )
        what = notes.tidied(wanted.what, "what", _("Enter what is to be done."))
        waiting = [each.ticket for each in followers.everybody(ctx, issue)]
        privacy.refuse_personal(ctx, waiting, what, "what")
        ticket = next((each for each in waiting if each.code == wanted.ticket), None)
        if wanted.ticket and ticket is None:
            raise InvalidInputError({"ticket": [_("Choose a ticket that is waiting for this issue.")]})
        if count_steps(ctx.session, issue) >= MOST:
            raise InvalidInputError(
                {"what": [_("An issue has at most %(most)s steps. Open a sub-issue.", most=MOST)]}
            )
        step = Step(
            issue_id=issue.id,
            what=what,
            touches=ticket is not None,
            ticket_id=ticket.id if ticket else None,
            added_by=ctx.by.name,
            added_at=ctx.now,
        )
        ctx.session.add(step)
        ctx.session.flush()
        data: dict[str, object] = {"step": step.id, "touches": step.touches, "text": fingerprint(what)}
        change.tell("step-added", data)
    return step


def do(ctx: Context, code: str, step_id: int, *, key: str) -> Step:
    """Note that this person has done a step.

    A step on a customer's account or data is for people whom management has assigned to the issue, and only
    after the customer has agreed to what they were asked. Raises NotFoundError, TransitionRefusedError,
    KeyReusedError.
    """
    touched = _find(ctx, access.see(ctx, code), step_id).ticket_id
    if touched is not None:
        tickets.lock_by_id(ctx.session, touched)  # before the issue, as everywhere
    issue = access.lock(ctx, code)
    step = _find(ctx, issue, step_id)
    with history.edit(ctx, issue, key=key, content=("issue-step-done", code, step_id)) as change:
        if change.repeated:
            return step
        if issue.state in OVER:
            raise TransitionRefusedError(issue.code, [_("The issue is closed, so its steps can't change.")])
        if step.done_at is not None:
            raise TransitionRefusedError(
                issue.code, [_("%(name)s has already done this.", name=step.done_by)]
            )
        if not ctx.by.is_person or ctx.by.id is None:
            raise NotFoundError
        if step.touches:
            assignment.require(ctx, issue)
            if why := _against(_consent(ctx, step)):
                raise TransitionRefusedError(issue.code, [why])
        step.done_by_id, step.done_by, step.done_at = ctx.by.id, ctx.by.name, ctx.now
        ctx.session.flush()
        data: dict[str, object] = {"step": step.id, "touches": step.touches}
        if step.touches:
            data["assigned_by"] = issue.assigned_by_id
        change.tell("step-done", data)
    return step


def ask_consent(
    ctx: Context, code: str, step_id: int, ask: Ask, *, claim: int, thread: int, key: str
) -> Decision:
    """Ask the customer of the ticket `code` whether a step on their account or data may be done.

    A no is final for that step. Raises NotFoundError if it is not a step for this ticket,
    TransitionRefusedError, and as `decisions.ask_consent`.
    """
    ticket = tickets.lock(ctx.session, code)
    step = ctx.session.get(Step, step_id, populate_existing=True)
    if step is None or step.ticket_id != ticket.id:
        raise NotFoundError
    issue = issues.lock_by_id(ctx.session, step.issue_id)
    earlier = _consent(ctx, step)
    if step.done_at is not None:
        raise TransitionRefusedError(code, [_("This is already done.")])
    if earlier is not None and earlier.answer == "declined":
        raise TransitionRefusedError(code, [_DECLINED])
    decision = decisions.ask_consent(ctx, code, ask, claim=claim, thread=thread, key=key)
    ctx.session.flush()
    if earlier is not None and not earlier.answer and earlier.id != decision.id:
        raise TransitionRefusedError(
            code, [_("The customer has already been asked. Withdraw that question first.")]
        )
    if step.consent_id != decision.id:
        step.consent_id = decision.id
        ctx.session.flush()
        history.tell(ctx, issue, "step-consent-asked", {"step": step.id})
    return decision


def of(ctx: Context, issue: Issue) -> list[StepState]:
    """The steps of an issue in order, each with the obstacle to doing it: one query."""
    return [
        StepState(step, ticket, asked, _why_not(ctx, issue, step, asked))
        for step, ticket, asked in steps_of(ctx.session, issue)
    ]


def _why_not(ctx: Context, issue: Issue, step: Step, asked: Decision | None) -> str:
    if not step.touches or step.done_at is not None:
        return ""
    return _against(asked) if assignment.is_assigned(ctx, issue) else assignment.FOR_STEP


def _against(asked: Decision | None) -> str:
    """The obstacle to a step that follows from the customer's answer; withdrawn questions do not count."""
    if asked is None:
        return ""
    return {"": _OPEN, "declined": _DECLINED}.get(asked.answer, "")


def _consent(ctx: Context, step: Step) -> Decision | None:
    if step.consent_id is None:
        return None
    return ctx.session.get(Decision, step.consent_id, populate_existing=True)


def _find(ctx: Context, issue: Issue, step_id: int) -> Step:
    for step, *_rest in steps_of(ctx.session, issue):
        if step.id == step_id:
            return step
    raise NotFoundError
