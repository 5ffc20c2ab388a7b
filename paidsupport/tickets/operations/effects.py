"""The effects of transitions of tickets, in order: ownership, and the ticket's part."""

from __future__ import annotations

from sqlalchemy import update

from paidsupport.kernel.errors import NotFoundError, TransitionRefusedError
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.transitions import Columns, Effect, Phase, begins_work, ends, frees
from paidsupport.kernel.workflow import Holder, Part
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.operations import worklog
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.deadlines.operations import deadlines, reminders
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.operations import endings, leases
from paidsupport.tickets.operations.guards import TicketAttempt
from paidsupport.tickets.ordering import requirements
from paidsupport.tickets.rules import COLLEAGUE
from paidsupport.tickets.tables import Claim
from paidsupport.tickets.vault.operations import credentials as vault


def _placed(at: TicketAttempt) -> Columns:
    """Set the part of the queue and, if the ticket changes to another workflow, that workflow."""
    return {"part": at.target.part} | ({"workflow": at.transition.into} if at.transition.into else {})


def _taken(at: TicketAttempt) -> Columns:
    person_id = at.ctx.by.id
    # disabled at this moment: they would find no page either
    if person_id is None or not staff.stays(at.ctx.session, person_id):
        raise NotFoundError
    return _begin_claim(at, person_id)


def _dropped(at: TicketAttempt) -> Columns:
    _end_claim(at, "dropped")
    return {"owner_id": None, "claimed_at": None, "claim_number": at.record.claim_number + 1}


def _passed(at: TicketAttempt) -> Columns:
    _end_claim(at, "handed-over")
    assert at.filled.colleague is not None  # noqa: S101  # the guard `colleague` was met
    if not staff.stays(at.ctx.session, at.filled.colleague):
        raise TransitionRefusedError(at.record.code, [COLLEAGUE.unmet])
    return _begin_claim(at, at.filled.colleague)


def _begin_claim(at: TicketAttempt, person_id: int) -> Columns:
    number = at.record.claim_number + 1
    tickets.note_claim(
        at.ctx.session,
        ticket_id=at.record.id,
        number=number,
        person_id=person_id,
        taken_at=at.ctx.now,
        ending="",
    )
    return {"owner_id": person_id, "claimed_at": at.ctx.now, "claim_number": number}


def _end_claim(at: TicketAttempt, ending: str) -> None:
    present = Claim.ticket_id == at.record.id, Claim.number == at.record.claim_number
    at.ctx.session.execute(
        update(Claim)
        .where(*present, Claim.ended_at.is_(None))
        .values(ended_at=at.ctx.now, ending=ending)
        .execution_options(synchronize_session=False)
    )


def _ended(at: TicketAttempt) -> Columns:
    _end_claim(at, at.transition.name)
    return {"ended_at": at.ctx.now, "lease_until": None, "awaits": ""}


def _freed(_: TicketAttempt) -> Columns:
    nothing = dict.fromkeys(("ended_at", "lease_until", "started_at"))
    return nothing | {"end_reason": "", "agreed": "", "awaits": "desk"}


def _leased(at: TicketAttempt) -> Columns:
    lease = leases.lease(at.ctx, at.record, patient=at.target.patient)
    return {"lease_until": None if at.target.lasting else at.ctx.now + lease, "lease_warned": False}


def _noted(at: TicketAttempt) -> None:
    annotation.keep(at.ctx, at.record, at.filled.note, about=at.transition.name)


def _agreed(at: TicketAttempt) -> Columns:
    agreed = {"agreed": at.filled.note or "The customer replied."}
    return agreed | requirements.confirmed(at.ctx, at.record)


EFFECTS = (
    Effect("placed", _placed, Phase.BEFORE, lambda _: True),
    Effect("claim-taken", _taken, Phase.BEFORE, lambda at: at.transition.holder is Holder.TAKES),
    Effect("claim-dropped", _dropped, Phase.BEFORE, lambda at: at.transition.holder is Holder.DROPS),
    Effect("claim-passed", _passed, Phase.BEFORE, lambda at: at.transition.holder is Holder.PASSES),
    Effect("ended", _ended, Phase.BEFORE, ends),
    Effect("freed", _freed, Phase.BEFORE, frees),
    Effect("leased", _leased, Phase.BEFORE, lambda at: at.target.part is Part.PENDING),
    Effect("work-begun", lambda at: {"started_at": at.ctx.now}, Phase.BEFORE, begins_work),
    Effect(
        "reason-kept",
        lambda at: {"end_reason": at.filled.reason},
        Phase.BEFORE,
        lambda at: at.transition.takes("reason"),
    ),
    Effect("note-kept", _noted, Phase.BEFORE, lambda at: bool(at.filled.note)),
    Effect("agreement-kept", _agreed, Phase.BEFORE),
    *emails.EFFECTS,
    *decisions.EFFECTS_OF_A_CLAIM,
    *worklog.EFFECTS,
    *checklists.EFFECTS,
    *decisions.EFFECTS,
    *vault.EFFECTS,
    *reminders.EFFECTS,
    *deadlines.EFFECTS,
    *endings.EFFECTS,
)
