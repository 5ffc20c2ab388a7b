"""Queries for what the clock has to do for issues: the ids for one run."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, CompoundSelect, Select, bindparam, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from paidsupport.issues.queries.families import lacks_feedback
from paidsupport.issues.tables import LOAD, NO_DEADLINE, WAITING, Follower, Issue, IssueEvent, Workload
from paidsupport.issues.workflow import ASSIGNED, FEEDBACK, NEW
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email

#: The most rows in one run.
ROUND = 100
#: A person is checked again after this time even if none of their issues has changed: time passes.
PAUSE = timedelta(hours=1)
_APPROVED = (Issue.state == ASSIGNED.name, Issue.approved_at.is_not(None))


def issues_going_on(session: Session) -> list[int]:
    """Issues that go on by themselves: all feedback is in, or all waiting customers were told."""
    return [issue_id for wanted in _going_on() for issue_id in session.scalars(wanted)]


@cache
def _going_on() -> tuple[Select[int], ...]:
    """The statements; built once like the following ones, because workers run them all the time."""
    part = aliased(Issue)
    given = select(Issue.id).where(
        Issue.state == FEEDBACK.name,
        Issue.feedback_at.is_not(None),
        ~exists().where(part.parent_id == Issue.id, lacks_feedback(part)),
    )
    sent = exists().where(Email.message_id == Follower.investigating_id, Email.state == EmailState.SENT)
    waits = Follower.ended_at.is_(None) & Follower.told_at.is_(None) & Follower.investigating_at.is_(None)
    untold = exists().where(Follower.issue_id == Issue.id, waits, ~sent)
    planned = select(Issue.id).where(
        Issue.state == NEW.name, Issue.timeline_at.is_not(None), Issue.feedback_at.is_not(None), ~untold
    )
    return tuple(wanted.order_by(Issue.changed_at, Issue.id).limit(ROUND) for wanted in (given, planned))


def followers_due(session: Session) -> list[int]:
    """Followers whose email has left, whose ticket is to be handed over, or that came after the approval."""
    return list(session.scalars(_followers_due()))


@cache
def _followers_due() -> CompoundSelect[int]:
    left = exists().where(Email.message_id == Follower.solved_id, Email.state == EmailState.SENT)
    told = text(WAITING), Follower.solved_id.is_not(None), left
    approved = exists().where(Issue.id == Follower.issue_id, *_APPROVED)
    late = text(WAITING), Follower.teller_id.is_(None), approved
    to_pass = select(Follower.id).where(Follower.to_pass)
    wanted = to_pass.union(*(select(Follower.id).where(*which) for which in (told, late)))
    return wanted.limit(ROUND)


def issues_all_told(session: Session) -> list[int]:
    """Approved issues whose waiting customers all know."""
    return list(session.scalars(_all_told()))


@cache
def _all_told() -> Select[int]:
    waits = exists().where(Follower.issue_id == Issue.id, text(WAITING))
    return select(Issue.id).where(*_APPROVED, ~waits).order_by(Issue.id).limit(ROUND)


def feedback_overdue(session: Session, now: datetime, *which: ColumnElement[bool]) -> list[int]:
    """Issues that match, whose feedback is overdue and whose assignee was not notified of it."""
    wanted = _feedback_overdue()
    return list(session.scalars(wanted.where(*which) if which else wanted, {"now": now}))


@cache
def _feedback_overdue() -> Select[int]:
    said = exists().where(
        IssueEvent.issue_id == Issue.id,
        IssueEvent.kind == "feedback-overdue",
        IssueEvent.at >= Issue.feedback_due_at,
    )
    late = Issue.state == FEEDBACK.name, Issue.feedback_due_at <= bindparam("now"), ~said
    return select(Issue.id).where(*late).order_by(Issue.feedback_due_at).limit(ROUND)


def people_to_look_at(session: Session, now: datetime) -> list[int]:
    """People whose issues have changed since the clock's last check, or who were last checked an hour ago."""
    return list(session.scalars(_people_to_look_at(), {"before": now - PAUSE}))


@cache
def _people_to_look_at() -> Select[int]:
    theirs = select(Issue.id).where(text(LOAD), Issue.owner_id == Person.id)
    wanted = select(Person.id).outerjoin(Workload, Workload.person_id == Person.id)
    wanted = wanted.where(
        exists(theirs.where(Issue.deadline < NO_DEADLINE)),
        or_(
            Workload.id.is_(None),
            Workload.looked_at <= bindparam("before"),
            # reads the end of an index, which an EXISTS would not always use
            theirs.with_only_columns(func.max(Issue.changed_at)).scalar_subquery() >= Workload.looked_at,
        ),
    )
    return wanted.order_by(Person.id)
