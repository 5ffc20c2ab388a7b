"""Resolution: how far a solution has come, and telling every waiting customer in time (T18).

Where tickets change as well, they are locked before the issue. If a ticket began to follow between the two,
the operation is started again on what is there now.
"""

from __future__ import annotations

from dataclasses import replace

from paidsupport.issues.operations import (
    access,
    followers,
    history,
    leaving,
    news,
    notes,
    privacy,
    tellers,
    transitions,
)
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.operations.tellers import Teller, is_ready, teller
from paidsupport.issues.queries.followers import told_by
from paidsupport.issues.rules.kinds import STAGES, Occasion, Stage, reached
from paidsupport.issues.tables import Issue
from paidsupport.issues.workflow import ASSIGNED, RESOLVE, states_where
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import is_visible
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.operations import history as ticket_history
from paidsupport.tickets.tables import Ticket

__all__ = ["Teller", "is_ready", "teller"]

#: States with a solution, finished or not.
SOLVING = frozenset(states_where(lambda state: state.solving))
#: The subject (`about`) of an annotation about a customer who was told in person.
ABOUT = "told"
_WRITTEN = (EmailState.QUEUED, EmailState.SENDING, EmailState.UNCERTAIN, EmailState.FAILED)


def may_reach(ctx: Context, issue: Issue) -> bool:
    """Whether this person can set the stage of the solution: its assignee, its author, or a manager."""
    mine = ctx.by.id is not None and ctx.by.id in {issue.owner_id, issue.author_id}
    return issue.state in SOLVING and (mine or ctx.by.is_manager)


def reach(ctx: Context, code: str, stage: str, version: str, *, key: str, why: str = "") -> Issue:
    """The solution has come to `stage`, in `version`; colleagues who can now tell a customer are notified.

    The stage only goes forward, unless `why` says why it is withdrawn.

    Raises:
        NotFoundError: There is no such issue for this person.
        TransitionRefusedError: It is not this person's, or nothing is solved.
        InvalidInputError: By field (`stage`, `version`, `why`).
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("reach", code, stage, version, why, ctx.by.id)) as change:
        issue = change.record
        if change.repeated:
            return issue
        if issue.state not in SOLVING:
            raise TransitionRefusedError(code, [_("The issue isn't solved yet.")])
        if not may_reach(ctx, issue):
            raise TransitionRefusedError(
                code, [_("Only the assignee, the author of the solution or a manager can update the stage.")]
            )
        version, why = _checked(issue, stage, version, why)
        privacy.refuse_personal(ctx, issue, version, "version")
        back = bool(issue.stage) and not reached(stage, issue.stage)
        before = {each.follower.id for each in _ready(ctx, issue)}
        data: dict[str, object] = {"stage": stage, "version": fingerprint(version)}
        if back:
            notes.keep(ctx, issue, "note", why, about="taken-back", field="why")
            data["note"] = fingerprint(why)
        kind = "taken-back" if back else "reached"
        change.tell(kind, data, stage=stage, stage_version=version)
        for each in _ready(ctx, issue):
            if each.follower.id not in before:
                _let_tell(ctx, issue, each)
    return issue


def may_change(ctx: Context, issue: Issue, ticket: Ticket) -> bool:
    """Whether this person can change what a customer waits for: the owner of their ticket or of the issue."""
    return ctx.by.is_manager or (ctx.by.id is not None and ctx.by.id in {ticket.owner_id, issue.owner_id})


def wait_for(ctx: Context, code: str, ticket_code: str, stage: str, *, key: str) -> Issue:
    """Set the stage at which a solution is of use to one customer.

    Raises:
        NotFoundError: There is no such issue or ticket for this person.
        TransitionRefusedError: It is not this person's, or the customer no longer waits.
        InvalidInputError: At `stage`.
        KeyReusedError: The form was sent with other content.
    """
    ticket, issue, each = _both(ctx, code, ticket_code)
    with history.edit(ctx, issue, key=key, content=("wait-for", code, ticket_code, stage)) as change:
        if change.repeated:
            return issue
        _refuse_others(ctx, issue, each)
        if stage not in STAGES:
            raise InvalidInputError({"stage": [_("Choose the stage the customer is waiting for.")]})
        was_ready = is_ready(issue, each.follower.stage)
        each.follower.stage = stage
        data = {"ticket": ticket.code, "stage": stage}
        change.tell("stage-set", data)
        if is_ready(issue, stage) and not was_ready and each.solved is None:
            _let_tell(ctx, issue, each)
    return issue


def name_teller(ctx: Context, code: str, ticket_code: str, person_id: int | None, *, key: str) -> Issue:
    """Let a colleague tell a customer; the clock hands the ticket over to them.

    Raises:
        NotFoundError: There is no such issue or ticket for this person.
        TransitionRefusedError: The ticket is not theirs, nothing is approved, or the customer no longer
            waits.
        InvalidInputError: At `teller`.
        KeyReusedError: The form was sent with other content.
    """
    ticket, issue, each = _both(ctx, code, ticket_code)
    with history.edit(ctx, issue, key=key, content=("name-teller", code, ticket_code, person_id)) as change:
        if change.repeated:
            return issue
        _refuse_others(ctx, issue, each)
        if not ctx.by.is_manager and ctx.by.id != ticket.owner_id:
            # the colleague who tells a customer gets their ticket, which only its owner can hand over
            raise TransitionRefusedError(
                code, [_("Only the owner of the ticket or a manager can choose who tells this customer.")]
            )
        if issue.approved_at is None:
            raise TransitionRefusedError(
                code, [_("The solution isn't approved yet, so there's nothing to tell.")]
            )
        person = ctx.session.get(Person, person_id) if person_id is not None else None
        if person is None or not person.active:
            raise InvalidInputError({"teller": [_("Choose a colleague from the list.")]})
        data = {"ticket": ticket.code, "colleague": person.id}
        change.tell("teller-named", data)
        first = tellers.first_answerer(ctx, each)
        tellers.appoint(ctx, issue, each, Teller(person.id, first if first != person.id else None))
    return issue


def told(ctx: Context, code: str, ticket_code: str, note: str, *, key: str) -> Issue:
    """Note that a customer was told by phone or in person that it is solved; the note stays on their ticket.

    The conditions are those of the email.

    Raises:
        NotFoundError: There is no such issue or ticket for this person.
        TransitionRefusedError: The customer cannot be told now.
        InvalidInputError: At `note`.
        KeyReusedError: The form was sent with other content.
    """
    ticket, issue, each = _both(ctx, code, ticket_code)
    with history.edit(ctx, issue, key=key, content=("told", code, ticket_code, note)) as change:
        if change.repeated:
            return issue
        _refuse_others(ctx, issue, each)
        if sentences := against(issue, each):
            raise TransitionRefusedError(ticket.code, sentences)
        note = notes.tidied(note, "note", _("Enter how you told the customer and what they said."))
        annotation.keep(ctx, ticket, note, about=ABOUT)
        each.follower.told_at, each.follower.told_by_id, each.follower.to_pass = ctx.now, ctx.by.id, False
        ticket_history.tell(ctx, ticket, "issue-told", {"issue": issue.code, "note": fingerprint(note)})
        data = {"ticket": ticket.code}
        change.tell("told-otherwise", data)
        finish(ctx, issue)
    return issue


def leave(ctx: Context, code: str, ticket_code: str, note: str, *, key: str) -> Issue:
    """End a customer's wait: they were told that nothing will be done, or it is of no use to them any more.

    The note stays on their ticket.

    Raises:
        NotFoundError: There is no such issue or ticket for this person.
        TransitionRefusedError: It is not this person's, or the customer no longer waits.
        InvalidInputError: At `note`.
        KeyReusedError: The form was sent with other content.
    """
    ticket, issue, each = _both(ctx, code, ticket_code)
    with history.edit(ctx, issue, key=key, content=("leave", code, ticket_code, note)) as change:
        if change.repeated:
            return issue
        _refuse_others(ctx, issue, each)
        if each.solved is not None and each.solved.state in _WRITTEN:
            raise TransitionRefusedError(code, [_("The email that says it's solved is on its way to them.")])
        note = notes.tidied(note, "note", _("Enter why they're no longer waiting and what you told them."))
        annotation.keep(ctx, ticket, note, about=ABOUT)
        data = {"ticket": ticket.code, "note": fingerprint(note)}
        change.tell("let-go", data)
        leaving.stop(ctx, issue, each, leaving.TOLD_OTHERWISE)
        finish(ctx, issue)
    return issue


def against(issue: Issue, waiting: Waiting) -> list[str]:
    """Why a customer cannot be told now that it is solved, in sentences; empty if they can."""
    follower, email = waiting.follower, waiting.solved
    if follower.ended_at is not None:
        return [_("This customer is no longer waiting for the issue.")]
    if waiting.knows_it_is_solved:
        return [_("The customer has already been told that it's solved.")]
    if email is not None and email.state in _WRITTEN:
        return [
            _("The email that says so is already written. If it's stuck, decide what happens to it first.")
        ]
    if issue.approved_at is None or issue.state not in SOLVING:
        return [_("The solution hasn't been approved in a review yet.")]
    if not reached(issue.stage, follower.stage):
        return [_NOT_THERE[follower.stage]]
    return []


def find(ctx: Context, issue: Issue, ticket: Ticket) -> Waiting:
    """How a ticket follows an issue. Raises NotFoundError if it never did."""
    return existing(followers.find(ctx, issue, ticket))


def finish(ctx: Context, issue: Issue) -> bool:
    """Resolve an approved, locked issue if all waiting customers know; returns whether that was done."""
    if issue.state != ASSIGNED.name or issue.approved_at is None:
        return False
    if any(not each.knows_it_is_solved for each in followers.waiting(ctx, issue)):
        return False
    transitions.apply(replace(ctx, by=CLOCK), issue, RESOLVE.name, version=issue.version)
    return True


def may_leave(ctx: Context, message_id: int | None) -> bool:
    """Whether the email that tells a customer may leave now: still approved, and the stage is reached.

    The caller holds the lock of the email's ticket.
    """
    row = told_by(ctx.session, message_id)
    if row is None or row[0].ended_at is not None or row[1].state not in SOLVING:
        return False
    return is_ready(row[1], row[0].stage)


def _ready(ctx: Context, issue: Issue) -> list[Waiting]:
    """The customers who can be told now and have not been."""
    waiting = followers.waiting(ctx, issue)
    return [each for each in waiting if not against(issue, each)]


def _let_tell(ctx: Context, issue: Issue, each: Waiting) -> None:
    """Notify the colleague who tells a customer that they can; or their substitute, if they have left."""
    found = tellers.teller_of(ctx, each)
    named = each.follower.teller_id
    chosen = named is not None and tellers.is_here(ctx, named)
    if not chosen and found.person_id is not None and found.person_id != named:
        tellers.appoint(ctx, issue, each, found)
    else:
        news.tell(ctx, issue, Occasion.TELL, [named])


def _checked(issue: Issue, stage: str, version: str, why: str) -> tuple[str, str]:
    fields = Fields()
    missing = _("Enter the version or the commit.")
    version = fields.one_line("version", version, required=missing, limit=40)
    if stage not in STAGES:
        fields.refuse("stage", _("Choose a stage."))
    why = fields.many_lines("why", why).strip()
    if not fields.problems and issue.stage and not reached(stage, issue.stage) and not is_visible(why):
        fields.refuse(
            "why",
            _("Enter why it goes back from “%(stage)s”.", stage=STAGES[issue.stage]),
        )
    fields.done()
    return version, why


#: Shown while a solution has not reached the stage that a customer waits for.
_NOT_THERE: dict[str, str] = {
    Stage.GIT: _("This customer is waiting until it's in the repository. It isn't there yet."),
    Stage.STAGING: _("This customer is waiting until it's on the test system. It isn't there yet."),
    Stage.PRODUCTION: _("This customer is waiting until it's in production. It isn't there yet."),
}


def _both(ctx: Context, code: str, ticket_code: str) -> tuple[Ticket, Issue, Waiting]:
    """A ticket and the issue that it follows, both locked, the ticket first."""
    access.see(ctx, code)
    ticket = tickets.lock(ctx.session, ticket_code)
    issue = access.lock(ctx, code)
    return ticket, issue, find(ctx, issue, ticket)


def _refuse_others(ctx: Context, issue: Issue, each: Waiting) -> None:
    if not may_change(ctx, issue, each.ticket):
        raise TransitionRefusedError(
            issue.code,
            [_("Only the owner of the ticket, the assignee of the issue or a manager can do this.")],
        )
    if each.follower.ended_at is not None:
        raise TransitionRefusedError(issue.code, [_("This customer is no longer waiting for the issue.")])
    if each.knows_it_is_solved:
        raise TransitionRefusedError(issue.code, [_("The customer has already been told that it's solved.")])
