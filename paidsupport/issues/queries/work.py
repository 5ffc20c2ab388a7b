"""Queries for a person's work: issues in the order in which they are done, and load (T14, T15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, case, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from paidsupport.issues.queries.lists import LISTED
from paidsupport.issues.tables import FREE, LOAD, NO_DEADLINE, OVER, Estimate, Issue, Workload, visible
from paidsupport.issues.workflow import states_where
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.staff.roster.tables import Absence

#: The most rows of a person's issues, and of those that any developer may start.
MOST = 200
FREE_ONES = 50

#: Planned release in natural order, priority, deadline; the id makes the order total.
ORDER = (Issue.release_order, Issue.priority, Issue.deadline, Issue.id)
_SLIP = (Issue.slip_asked_at, Issue.release_order)
_ASKED, _TRIED = states_where(lambda state: state.asked), states_where(lambda state: state.tried)
_WORKED_ON, _FILLS_TIME = (
    states_where(lambda state: state.worked_on),
    states_where(lambda state: state.fills_time),
)
_LOAD = (Issue.id, Issue.code, Issue.summary, Issue.minutes_left, Issue.deadline)


def held(session: Session, by: Actor, person_id: int, now: datetime) -> Sequence[Row[Any]]:
    """A person's issues, as far as `by` may see them, with the number of their group as `part`.

    0 overdue feedback, 1 feedback, 2 requested reviews, 3 assigned, 4 confirmed. One query, at most MOST + 1
    rows.
    """
    theirs = Issue.owner_id == person_id
    part = case(
        (and_(Issue.state.in_(_ASKED), Issue.feedback_due_at < now), 0),
        (Issue.state.in_(_ASKED), 1),
        (Issue.state.in_(_TRIED), 2),
        (Issue.state.in_(_WORKED_ON), 3),
        else_=4,
    )
    mine = or_(
        and_(theirs, Issue.state.in_((*_ASKED, *_FILLS_TIME))),
        and_(Issue.reviewer_id == person_id, Issue.state.in_(_TRIED)),
    )
    query = LISTED.add_columns(*_SLIP, part.label("part")).where(mine, visible(by))
    return session.execute(query.order_by(part, *ORDER).limit(MOST + 1), {"reader": by.id or 0}).all()


def assigned_to(session: Session, person_id: int) -> Sequence[Issue]:
    """The open issues of a person, in the order in which every operation locks them."""
    theirs = select(Issue).where(Issue.owner_id == person_id, Issue.state.not_in(OVER))
    return session.scalars(theirs.order_by(Issue.id)).all()


def to_review_by(session: Session, person_id: int) -> Sequence[Issue]:
    """The issues that a person was asked to review."""
    asked = select(Issue).where(Issue.reviewer_id == person_id, Issue.state.in_(_TRIED))
    return session.scalars(asked.order_by(Issue.id)).all()


def free(session: Session, by: Actor) -> Sequence[Row[Any]]:
    """The first of the issues that any developer may start: one query, at most FREE_ONES + 1 rows."""
    query = LISTED.add_columns(*_SLIP).where(text(FREE), visible(by))
    return session.execute(query.order_by(*ORDER).limit(FREE_ONES + 1), {"reader": by.id or 0}).all()


def load(session: Session, person_id: int) -> Sequence[Row[int, str, str, int | None, date]]:
    """The issues with a deadline that fill a person's time."""
    return session.execute(_loaded(person_id).with_only_columns(*_LOAD)).all()


def look_begins(session: Session, person_id: int, now: datetime) -> None:
    """Record that a person's load is being checked; until the transaction ends, no other worker does."""
    make = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert
    row = make(Workload).values(person_id=person_id, looked_at=now)
    session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_={"looked_at": now}))


def loaded(session: Session, person_id: int) -> list[Issue]:
    """The issues that fill a person's time as whole rows, in the order of their ids."""
    return list(session.scalars(_loaded(person_id)))


def load_locked(session: Session, person_id: int, *, waiting: bool) -> list[Issue]:
    """Like `loaded`, locked in that order.

    Without `waiting`, issues that are locked by others are left out, for callers that hold a lock already.
    """
    wanted = _loaded(person_id).with_for_update(skip_locked=not waiting)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def _loaded(person_id: int) -> Select[Issue]:
    theirs = select(Issue).where(text(LOAD), Issue.owner_id == person_id, Issue.deadline < NO_DEADLINE)
    return theirs.order_by(Issue.id)


def away(session: Session, person_id: int, today: date) -> list[tuple[date, date]]:
    """The periods in which a person is away, today or later."""
    wanted = select(Absence.first_day, Absence.last_day).where(
        Absence.person_id == person_id, Absence.removed_at.is_(None), Absence.last_day >= today
    )
    return [(row.first_day, row.last_day) for row in session.execute(wanted)]


def estimates_of(session: Session, issue: Issue) -> list[Estimate]:
    """Every change of the work left and the deadline, oldest first."""
    return list(session.scalars(select(Estimate).where(Estimate.issue_id == issue.id).order_by(Estimate.id)))


def is_asked(session: Session, person_id: int) -> bool:
    """Whether a person was asked about an issue that will be late."""
    asked = select(Issue.id).where(text(LOAD), Issue.owner_id == person_id, Issue.slip_asked_at.is_not(None))
    return session.scalar(asked.limit(1)) is not None
