"""The effects of transitions of issues, in the order in which they happen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from paidsupport.issues.operations import access, news, notes, privacy, tellers
from paidsupport.issues.operations.guards import IssueAttempt, is_colleague
from paidsupport.issues.queries.news import managers
from paidsupport.issues.rules.kinds import Occasion, Outcome
from paidsupport.issues.tables import Issue
from paidsupport.issues.workflow import ASSIGNED, CONFIRMED, RETRACT
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.transitions import Columns, Effect, Phase
from paidsupport.kernel.workflow import Holder
from paidsupport.tickets.rules import COLLEAGUE

#: Columns that are reset when an issue is reopened.
_GONE = (
    *("feedback_at", "approved_at", "submitted_at", "resolved_at", "ended_at", "timeline_at"),
    *("slipping_since", "author_id", "reviewer_id", "reviewed_by_id"),
)
_EMPTY = (
    *("review_outcome", "fixed_where", "fixed_version", "stage", "stage_version"),
    *("release", "end_reason"),
)


def _slip_taken_back(issue: Issue, values: Mapping[str, Any]) -> dict[str, Any]:
    """Once the assignee need not work on an issue any more, the question about its deadline is dropped (T15).

    An announcement stays: it was made to others, and only a new deadline makes it obsolete.
    """
    held = values.get("owner_id", issue.owner_id) == issue.owner_id
    if issue.slip_asked_at is None or (held and values["state"] in {CONFIRMED.name, ASSIGNED.name}):
        return {}
    return {"slip_asked_at": None}


def _taken(at: IssueAttempt) -> Columns:
    if at.ctx.by.id is None:
        raise NotFoundError
    if at.record.owner_id == at.ctx.by.id:
        return {}  # it was assigned to them already
    if not staff.stays(at.ctx.session, at.ctx.by.id):
        raise NotFoundError  # disabled at this moment: they would find no page either
    return _held_by(at, at.ctx.by.id)


def _passed(at: IssueAttempt) -> Columns:
    by = at.ctx.by
    # an approval chooses by itself who gets it, and looks itself
    if COLLEAGUE in at.transition.guards and not staff.stays(at.ctx.session, at.filled.colleague):
        raise TransitionRefusedError(at.record.code, [COLLEAGUE.unmet])
    return _held_by(at, at.filled.colleague, by.id if by.is_manager else None)


def _held_by(at: IssueAttempt, owner: int | None, assigned_by: int | None = None) -> Columns:
    return {"owner_id": owner, "assigned_by_id": assigned_by, "claim_number": at.record.claim_number + 1}


def _asked(at: IssueAttempt) -> Columns:
    now, settings = at.ctx.now, at.ctx.services.settings
    due = at.ctx.services.hours.after(now, settings.feedback_hours * 60)
    return {"feedback_asked_at": now, "feedback_due_at": due, "feedback_at": None, "timeline_at": None}


def _submitted(at: IssueAttempt) -> Columns:
    chosen = at.filled.colleague
    if chosen is not None and not (is_colleague(at) and staff.stays(at.ctx.session, chosen)):
        # the submitting person is the owner, and becomes the author
        raise InvalidInputError({"colleague": [_("Choose another colleague, or leave the reviewer open.")]})
    fresh = {"submitted_at": at.ctx.now, "approved_at": None, "reviewed_by_id": None, "review_outcome": ""}
    return fresh | {"author_id": at.ctx.by.id, "reviewer_id": chosen}


def _returned(at: IssueAttempt) -> Columns:
    tried = {"reviewed_by_id": at.ctx.by.id, "review_outcome": Outcome.REPRODUCED.value}
    # an unsolved issue has reached no stage
    again: Columns = {**tried, "stage": "", "stage_version": ""}
    if staff.stays(at.ctx.session, at.record.owner_id):
        return again
    # its solver no longer works here: it is with who sent it back
    return {**again, **_held_by(at, at.ctx.by.id)}


def _retracted(at: IssueAttempt) -> None:
    """What was under review is work of its owner again, who may be disabled at this moment."""
    if not staff.stays(at.ctx.session, at.record.owner_id):
        raise NotFoundError


def _passed_to_teller(at: IssueAttempt) -> Columns:
    """The colleague who first answered the customer becomes the owner, to tell them."""
    return {"owner_id": _whom_to_tell(at), "assigned_by_id": None}


def _whom_to_tell(at: IssueAttempt) -> int | None:
    """The person the reviewer named, or who first answered the customer; if both are away, the reviewer."""
    chosen = at.filled.colleague
    if chosen is not None:
        if not staff.stays(at.ctx.session, chosen):
            raise InvalidInputError({"colleague": [_("Choose a colleague from the list.")]})
        return chosen
    person_id = tellers.teller(at.ctx, at.record).person_id
    return person_id if staff.stays(at.ctx.session, person_id) else at.ctx.by.id


def _noted(at: IssueAttempt) -> None:
    notes.keep(at.ctx, at.record, "move", at.filled.note, about=at.transition.name)


def _reviewed(at: IssueAttempt) -> None:
    notes.keep(at.ctx, at.record, "review", at.filled.note, about=Outcome.REPRODUCED.value)


def _before(
    name: str, run: Callable[[Any], Columns | None], on: Callable[[Any], bool] | None = None
) -> Effect:
    return Effect(name, run, Phase.BEFORE, on)


def _stamp(column: str) -> Effect:
    """Store the moment of a transition in the column of this name."""
    return _before(column.removesuffix("_at").replace("_", "-"), lambda at: {column: at.ctx.now})


def _tells(name: str, occasion: Occasion, whom: Callable[[Any], Iterable[int | None]]) -> Effect:
    return Effect(name, lambda at: news.tell(at.ctx, at.record, occasion, whom(at)), Phase.AFTER)


def _owner(at: IssueAttempt) -> list[int | None]:
    return [at.record.owner_id]


def _author(at: IssueAttempt) -> list[int | None]:
    return [at.record.author_id]


def _managers(at: IssueAttempt) -> Iterable[int | None]:
    return managers(at.ctx.session)


EFFECTS = (
    _before(
        "release-checked",
        lambda at: privacy.refuse_customers(at.ctx, at.record, at.filled.release, "release"),
        lambda _: True,
    ),
    _before("taken", _taken, lambda at: at.transition.holder is Holder.TAKES),
    _before("dropped", lambda at: _held_by(at, None), lambda at: at.transition.holder is Holder.DROPS),
    _before("passed", _passed, lambda at: at.transition.holder is Holder.PASSES),
    _before("feedback-asked", _asked),
    _before("feedback-due-no-more", lambda _: {"feedback_due_at": None}),
    _before("feedback-asked-no-more", lambda _: {"feedback_asked_at": None}),
    _before("submitted", _submitted),
    _before("returned", _returned),
    Effect("retracted", _retracted, Phase.BEFORE, lambda at: at.transition is RETRACT),
    _stamp("approved_at"),
    _before("passed-to-teller", _passed_to_teller),
    _stamp("resolved_at"),
    _before("released", lambda at: {"release": at.filled.release}),
    _stamp("ended_at"),
    _before(
        "reason-kept", lambda at: {"end_reason": at.filled.reason}, lambda at: at.transition.takes("reason")
    ),
    _before("begun-anew", lambda _: dict.fromkeys(_GONE) | dict.fromkeys(_EMPTY, "")),
    _before("slip-taken-back", lambda at: _slip_taken_back(at.record, at.values), lambda _: True),
    _before(
        "note-kept",
        _noted,
        lambda at: bool(at.filled.note) and "review-kept" not in at.transition.effects,
    ),
    _before("review-kept", _reviewed),
    Effect(
        "readers-let-in",
        lambda at: access.let_read(at.ctx, at.record, at.record.owner_id, at.record.reviewer_id),
        Phase.AFTER,
        lambda _: True,
    ),
    _tells("owner-told-of-question", Occasion.ASKED, _owner),
    _tells("owner-told-of-assignment", Occasion.ASSIGNED, _owner),
    _tells("managers-told-of-answer", Occasion.COLLECTED, _managers),
    _tells("reviewer-told", Occasion.REVIEW, lambda at: [at.record.reviewer_id]),
    _tells("author-told-of-return", Occasion.RETURNED, _author),
    _tells("author-told-of-approval", Occasion.APPROVED, _author),
    _tells("managers-told-of-reopening", Occasion.OPENED, _managers),
    Effect(
        "tellers-appointed",
        lambda at: tellers.appoint_all(at.ctx, at.record, at.record.owner_id),
        Phase.AFTER,
    ),
    Effect("customers-wait-again", lambda at: tellers.wait_again(at.ctx, at.record), Phase.AFTER),
)
