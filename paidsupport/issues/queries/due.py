"""What the clock finds to be done for issues: the ids of a round."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, CompoundSelect, Select, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from paidsupport.issues.queries.families import lacks_feedback
from paidsupport.issues.tables import LOAD, NO_DEADLINE, WAITING, Follower, Issue, IssueEvent, Workload
from paidsupport.issues.workflow import ASSIGNED, FEEDBACK, NEW
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email

#: Most rows of one round.
ROUND = 100
#: Somebody of whose issues none was changed is looked at again after that long: time passes.
PAUSE = timedelta(hours=1)
_APPROVED = (Issue.state == ASSIGNED.name, Issue.approved_at.is_not(None))


def issues_going_on(session: Session) -> list[int]:
    """Issues that go on by themselves: all feedback is in, or everybody who waits was told."""
    return [issue_id for wanted in _going_on() for issue_id in session.scalars(wanted)]


@cache
def _going_on() -> tuple[Select[int], ...]:
    """The statements; workers ask again and again, so these and the next ones are made once."""
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
    """Followers whose email has left, whose ticket is to be handed over, or who came after the approval."""
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
    """Approved issues that nobody waits for any more who does not know."""
    return list(session.scalars(_all_told()))


@cache
def _all_told() -> Select[int]:
    waits = exists().where(Follower.issue_id == Issue.id, text(WAITING))
    return select(Issue.id).where(*_APPROVED, ~waits).order_by(Issue.id).limit(ROUND)


def feedback_overdue(session: Session, now: datetime, *which: ColumnElement[bool]) -> list[int]:
    """Issues that are such, whose feedback has become overdue and whose assignee was not told of it."""
    said = exists().where(
        IssueEvent.issue_id == Issue.id,
        IssueEvent.kind == "feedback-overdue",
        IssueEvent.at >= Issue.feedback_due_at,
    )
    late = Issue.state == FEEDBACK.name, Issue.feedback_due_at <= now, ~said
    return list(
        session.scalars(select(Issue.id).where(*late, *which).order_by(Issue.feedback_due_at).limit(ROUND))
    )


def people_to_look_at(session: Session, now: datetime) -> list[int]:
    """Those whose issues were changed since the clock looked at them, or not for an hour."""
    theirs = select(Issue.id).where(text(LOAD), Issue.owner_id == Person.id)
    wanted = select(Person.id).outerjoin(Workload, Workload.person_id == Person.id)
    wanted = wanted.where(
        exists(theirs.where(Issue.deadline < NO_DEADLINE)),
        or_(
            Workload.id.is_(None),
            Workload.looked_at <= now - PAUSE,
            # the end of an index, which a question for any such row would not always use
            theirs.with_only_columns(func.max(Issue.changed_at)).scalar_subquery() >= Workload.looked_at,
        ),
    )
    return list(session.scalars(wanted.order_by(Person.id)))
