"""Making a move on an issue: lock, compare, check the needs, conditional update, history (design §5.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import and_, or_, select

from paidsupport.desk.issues import access, drafting, followers, history, news, notes, privacy, tellers
from paidsupport.desk.issues.followers import Waiting
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.issues import Occasion, Outcome
from paidsupport.domain.text import BadTextError, one_line
from paidsupport.domain.workflow import Holder, Move, Need
from paidsupport.domain.workflows.issue import (
    ASK,
    ASK_PART,
    ASSIGNED,
    CONFIRMED,
    FEEDBACK,
    ISSUE,
    NEW,
    START,
)
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError, StaleIssueError
from paidsupport.store import issues
from paidsupport.store.issues import NO_DEADLINE, Issue, IssueEvent, Step
from paidsupport.store.people import Person


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled into the form of a move; `colleague` is also whom a review is asked of."""

    reason: str = ""
    note: str = ""
    colleague: int | None = None
    release: str = ""


@dataclass(frozen=True, slots=True)
class Possible:
    """A move somebody may try, with the needs that do not hold yet."""

    move: Move
    blocked: tuple[Need, ...]


def make(
    visit: Visit, code: str, name: str, *, version: int, key: str, filled: Filled | None = None
) -> Issue:
    """Make the move `name` on the issue `code` as it was seen at `version`.

    Raises NotFoundError (no such issue or move, or a private one), StaleIssueError, MoveRefusedError (not
    from this state, not for this role, or a need does not hold), InvalidInputError, KeyReusedError. A resent
    `key` does nothing more.
    """
    return apply(visit, access.lock(visit, code), name, version=version, key=key, filled=filled)


def apply(
    visit: Visit,
    issue: Issue,
    name: str,
    *,
    version: int,
    key: str | None = None,
    filled: Filled | None = None,
) -> Issue:
    """As `make`, for an issue whose lock is held already."""
    filled = _tidy(filled or Filled())
    print_ = fingerprint("issue-move", issue.code, name, visit.by.id, filled)
    if issue.version != version:
        if key and history.done_before(visit, history.once(visit, issue, key), print_):
            return issue
        raise StaleIssueError(issue.code)
    move = _find(visit, issue, name)
    at = Standing(visit, issue, move, filled)
    if missing := move.missing(facts(at)):
        raise MoveRefusedError(issue.code, [need.sentence for need in missing])
    _carry_out(at, key, print_)
    return issue


def possible(visit: Visit, issue: Issue) -> list[Possible]:
    """The moves this person may try now, each with what still stands against it (shown before the click)."""
    found = []
    for move in ISSUE.moves_for(issue.state, visit.by.roles(issue.owner_id)):
        at = Standing(visit, issue, move, Filled())
        found.append(Possible(move, move.blocked(facts(at, asked_for=False))))
    return found


def facts(at: Standing, *, asked_for: bool = True) -> dict[str, bool]:
    """The facts a move needs; without those that its form asks for, if `asked_for` is false."""
    return {need.name: _FACTS[need.name](at) for need in at.move.needs if asked_for or not need.field}


@dataclass(frozen=True)
class Standing:
    """How an issue stands when a move is looked at; what has to be read for that is read once."""

    visit: Visit
    issue: Issue
    move: Move
    filled: Filled

    @cached_property
    def waiting(self) -> list[Waiting]:
        """The customers who wait for it."""
        return followers.waiting(self.visit, self.issue)

    @cached_property
    def untold(self) -> bool:
        """Whether a customer waits who does not know that it is solved."""
        return any(not each.knows_it_is_solved for each in self.waiting)

    def colleague(self) -> bool:
        """An active person; whoever has it can be asked again, but not be given what they have."""
        if self.filled.colleague is None or (
            self.move not in {ASK, ASK_PART} and self.filled.colleague == self.issue.owner_id
        ):
            return False
        person = self.visit.session.get(Person, self.filled.colleague)
        return person is not None and person.active

    def answered(self) -> bool:
        """An estimate with a path, or where it is solved already."""
        issue = self.issue
        known = issue.estimate_minutes is not None and bool(issue.path)
        return issue.feedback_at is not None and (known or bool(issue.fixed_where))

    def subs_answered(self) -> bool:
        """No sub-issue lacks its feedback, or that of its own sub-issues."""
        missing = or_(
            Issue.state == FEEDBACK.name, and_(Issue.state == NEW.name, Issue.feedback_at.is_(None))
        )
        open_ones = select(Issue.id).where(Issue.parent_id == self.issue.id, missing)
        return self.visit.session.scalar(open_ones.limit(1)) is None

    def own_part(self) -> bool:
        """It is a part of an issue that whoever acts is asked about."""
        parent = self.visit.session.get(Issue, self.issue.parent_id) if self.issue.parent_id else None
        return parent is not None and parent.state == FEEDBACK.name and parent.owner_id == self.visit.by.id

    def tasks_done(self) -> bool:
        """Nothing that a review waits for is still to be done."""
        open_ones = select(Step.id).where(
            Step.issue_id == self.issue.id, Step.for_review, Step.done_at.is_(None)
        )
        return self.visit.session.scalar(open_ones.limit(1)) is None


def solvers(visit: Visit, issue: Issue) -> set[int | None]:
    """Who says that it is solved, and who started work on it last: neither of them reviews it (T17)."""
    started = select(IssueEvent.actor_id).where(
        IssueEvent.issue_id == issue.id, IssueEvent.kind == START.name
    )
    return {issue.author_id, visit.session.scalar(started.order_by(IssueEvent.number.desc()).limit(1))}


def register_fact(name: str, fact: Callable[[Standing], bool]) -> None:
    """Teach the desk the fact behind a need."""
    _FACTS[name] = fact


def _tidy(filled: Filled) -> Filled:
    try:
        release = one_line(filled.release, 40)
    except BadTextError as error:
        raise InvalidInputError({"release": [str(error)]}) from None
    return replace(filled, note=notes.tidied(filled.note, "note", ""), release=release)


def _find(visit: Visit, issue: Issue, name: str) -> Move:
    try:
        move = ISSUE.move(name)
    except KeyError:
        raise NotFoundError from None
    if issue.state not in move.sources:
        state = ISSUE.state(issue.state).label
        raise MoveRefusedError(issue.code, [f"“{move.label}” is not possible: the issue is {state}."])
    if not move.who & visit.by.roles(issue.owner_id):
        who = " or ".join(sorted(_WHO.get(role.value, role.value) for role in move.who))
        raise MoveRefusedError(issue.code, [f"“{move.label}” is for the {who} of this issue."])
    return move


#: What the roles are called towards an issue.
_WHO = {"owner": "assignee"}


def _carry_out(at: Standing, key: str | None, print_: str) -> None:
    visit, issue, move, filled = at.visit, at.issue, at.move, at.filled
    before = issue.owner_id
    privacy.refuse_customers(visit, issue, filled.release, "release")
    values: dict[str, Any] = {"state": move.target or issue.state, "version": issue.version + 1}
    values |= _HOLDER[move.holder](at)
    values |= _EFFECTS.get(move.name, _no_effect)(at)
    values |= slip_taken_back(issue, values)
    data: dict[str, object] = {
        "from": issue.state,
        "to": values["state"],
        "claim": values.get("claim_number"),
    }
    if move.takes("reason"):
        data["reason"] = filled.reason
    if filled.colleague is not None:
        data["colleague"] = filled.colleague
    if filled.note:
        kind, about = _NOTES.get(move.name, ("move", move.name))
        notes.keep(visit, issue, kind, filled.note, about=about)
        data["note"] = fingerprint(filled.note)
    once = history.once(visit, issue, key) if key else None
    values |= history.append(visit, issue, move.name, data, key=once, fingerprint=print_ if key else None)
    issues.change(visit.session, issue, **values)
    access.let_read(visit, issue, issue.owner_id, issue.reviewer_id)
    _tell(at, before)
    _AFTER.get(move.name, _nothing_more)(at)


def slip_taken_back(issue: Issue, values: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody was asked about their deadlines is over once they have an issue no more (T15).

    An announcement stays: it was made to others, and only a new deadline takes it back.
    """
    held = values.get("owner_id", issue.owner_id) == issue.owner_id
    if issue.slip_asked_at is None or (held and values["state"] in {CONFIRMED.name, ASSIGNED.name}):
        return {}
    return {"slip_asked_at": None}


def _tell(at: Standing, before: int | None) -> None:
    issue, told = at.issue, _TOLD.get(at.move.name)
    if told is not None:
        occasion, whom = told
        news.tell(at.visit, issue, occasion, whom(at, before))


def _no_effect(at: Standing) -> dict[str, Any]:
    del at
    return {}


def _keeps(at: Standing) -> dict[str, Any]:
    del at
    return {}


def _takes(at: Standing) -> dict[str, Any]:
    if at.visit.by.id is None:
        raise NotFoundError
    if at.issue.owner_id == at.visit.by.id:
        return {}  # it was assigned to them before
    return _held_by(at, at.visit.by.id, None)


def _passes(at: Standing) -> dict[str, Any]:
    by = at.visit.by
    return _held_by(at, at.filled.colleague, by.id if by.is_manager else None)


def _whom_to_tell(at: Standing) -> int | None:
    """Whoever the reviewer named, else who first answered the customer; the reviewer, if nobody is here."""
    if at.filled.colleague is not None:
        person = at.visit.session.get(Person, at.filled.colleague)
        if person is None or not person.active:
            raise InvalidInputError({"colleague": ["Choose somebody who works at the desk."]})
        return person.id
    return tellers.teller(at.visit, at.issue).person_id or at.visit.by.id


def _drops(at: Standing) -> dict[str, Any]:
    return _held_by(at, None, None)


def _held_by(at: Standing, owner: int | None, assigned_by: int | None) -> dict[str, Any]:
    return {"owner_id": owner, "assigned_by_id": assigned_by, "claim_number": at.issue.claim_number + 1}


_HOLDER: Mapping[Holder, Callable[[Standing], dict[str, Any]]] = {
    Holder.KEEPS: _keeps,
    Holder.TAKES: _takes,
    Holder.DROPS: _drops,
    Holder.PASSES: _passes,
}


def _asked(at: Standing) -> dict[str, Any]:
    now, settings = at.visit.now, at.visit.house.settings
    due = at.visit.house.hours.after(now, settings.feedback_hours * 60)
    return {"feedback_asked_at": now, "feedback_due_at": due, "feedback_at": None, "timeline_at": None}


def _submitted(at: Standing) -> dict[str, Any]:
    if at.filled.colleague is not None and not at.colleague():
        # the owner is who submits, and whoever submits is the author
        raise InvalidInputError({"colleague": ["Ask somebody else who works here, or leave it open."]})
    fresh = {"submitted_at": at.visit.now, "approved_at": None, "reviewed_by_id": None, "review_outcome": ""}
    return fresh | {"author_id": at.visit.by.id, "reviewer_id": at.filled.colleague}


def _returned(at: Standing) -> dict[str, Any]:
    tried = {"reviewed_by_id": at.visit.by.id, "review_outcome": Outcome.REPRODUCED.value}
    # what was not solved has come nowhere
    return tried | {"stage": "", "stage_version": ""}


def _approved(at: Standing) -> dict[str, Any]:
    """Whoever first answered the customer has it from now on, to tell them."""
    return {"approved_at": at.visit.now, "owner_id": _whom_to_tell(at), "assigned_by_id": None}


def _reopened(at: Standing) -> dict[str, Any]:
    del at
    gone = (
        "feedback_at",
        "approved_at",
        "submitted_at",
        "resolved_at",
        "ended_at",
        "timeline_at",
        "slipping_since",
    )
    nobody = ("author_id", "reviewer_id", "reviewed_by_id")
    empty = (
        "review_outcome",
        "fixed_where",
        "fixed_version",
        "stage",
        "stage_version",
        "release",
        "end_reason",
    )
    return dict.fromkeys((*gone, *nobody)) | dict.fromkeys(empty, "")


_EFFECTS: dict[str, Callable[[Standing], dict[str, Any]]] = {
    "ask": _asked,
    "ask-part": _asked,
    "grab": _asked,
    "answer": lambda _: {"feedback_due_at": None},
    "give-back": lambda _: {"feedback_due_at": None, "feedback_asked_at": None},
    "submit": _submitted,
    "rework": _returned,
    "approve": _approved,
    "settle": lambda at: {"approved_at": at.visit.now, "resolved_at": at.visit.now},
    "resolve": lambda at: {"resolved_at": at.visit.now},
    "close": lambda at: {"release": at.filled.release, "ended_at": at.visit.now},
    "dismiss": lambda at: {
        "end_reason": at.filled.reason,
        "ended_at": at.visit.now,
        "feedback_due_at": None,
    },
    "not-fixed": _reopened,
    "reopen": _reopened,
}


def _nothing_more(at: Standing) -> None:
    del at


#: What a move does to those who wait for the issue.
_AFTER: dict[str, Callable[[Standing], None]] = {
    "approve": lambda at: tellers.appoint_all(at.visit, at.issue, at.issue.owner_id),
    "not-fixed": lambda at: tellers.wait_again(at.visit, at.issue),
    "reopen": lambda at: tellers.wait_again(at.visit, at.issue),
}
#: The kind of the note of a move, and what it is about, where it is more than a word with the move.
_NOTES = {"rework": ("review", Outcome.REPRODUCED.value)}

_TOLD: dict[str, tuple[Occasion, Callable[[Standing, int | None], list[int | None]]]] = {
    "ask": (Occasion.ASKED, lambda at, _: [at.issue.owner_id]),
    "ask-part": (Occasion.ASKED, lambda at, _: [at.issue.owner_id]),
    "hand-over": (Occasion.ASSIGNED, lambda at, _: [at.issue.owner_id]),
    "answer": (Occasion.COLLECTED, lambda at, _: [*news.managers(at.visit)]),
    "submit": (Occasion.REVIEW, lambda at, _: [at.issue.reviewer_id]),
    "rework": (Occasion.RETURNED, lambda at, _: [at.issue.author_id]),
    "settle": (Occasion.APPROVED, lambda at, _: [at.issue.author_id]),
    "not-fixed": (Occasion.OPENED, lambda at, _: [*news.managers(at.visit)]),
    "reopen": (Occasion.OPENED, lambda at, _: [*news.managers(at.visit)]),
}

_FACTS: dict[str, Callable[[Standing], bool]] = {
    "unheld": lambda at: at.issue.owner_id in {None, at.visit.by.id},
    "not-anothers": lambda at: at.visit.by.is_manager or at.issue.owner_id in {None, at.visit.by.id},
    "colleague": Standing.colleague,
    "own-part": Standing.own_part,
    "answered": Standing.answered,
    "subs-answered": Standing.subs_answered,
    "feedback-in": lambda at: at.answered() and at.subs_answered(),
    "timeline": lambda at: (
        at.issue.timeline_at is not None
        and (at.issue.deadline != NO_DEADLINE or bool(at.issue.target_release))
    ),
    "reporters-told": lambda at: all(each.knows_we_look for each in at.waiting),
    "drafted": lambda at: not at.untold or notes.newest(at.visit, at.issue, "draft") is not None,
    "tone": lambda at: not at.untold or drafting.is_clean(at.visit, at.issue),
    "not-author": lambda at: at.visit.by.id not in {None, *solvers(at.visit, at.issue)},
    "unapproved": lambda at: at.issue.approved_at is None,
    "unanswered": lambda at: at.issue.feedback_at is None and at.issue.timeline_at is None,
    "tried": lambda at: at.issue.reviewed_by_id == at.visit.by.id and bool(at.issue.review_outcome),
    "gone": lambda at: at.issue.review_outcome == Outcome.NOT_REPRODUCED,
    "tasks-done": Standing.tasks_done,
    "customer-waits": lambda at: bool(at.waiting),
    "no-customer-waits": lambda at: not at.waiting,
    "approved": lambda at: at.issue.approved_at is not None,
    "customers-told": lambda at: not at.untold,
    "release": lambda at: bool(at.filled.release),
    "reason": lambda at: at.filled.reason in {reason.name for reason in at.move.reasons},
    "note": lambda at: bool(at.filled.note),
    "why": lambda at: bool(at.filled.note),
}
