"""The figures that management looks at: counted by a worker, kept as one row (P11).

Every reading here goes over all tickets or all of a table. None is made while a page waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from paidsupport.intake.gaps.tables import Asked, Topic
from paidsupport.issues.tables import Issue, IssueEvent
from paidsupport.issues.workflow import START, states_where
from paidsupport.kernel.db.base import Base, BigKey, Facts, Id, Moment
from paidsupport.kernel.db.marks import of_staff
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.deadlines.tables import Deadline
from paidsupport.tickets.tables import Ticket

#: Resolved issues that are compared with their estimates.
ESTIMATES = 30
#: Pages and questions.
TOPICS = 20


class Overview(Base):
    """The newest figures: one row. `took` are the milliseconds it took to count them."""

    __tablename__ = "paidsupport_overview"

    id: Mapped[Id]
    at: Mapped[Moment]
    took: Mapped[int]
    #: The newest event then: without a newer one nothing has changed.
    last_event: Mapped[int] = mapped_column(BigKey)
    last_issue_event: Mapped[int] = mapped_column(BigKey)
    figures: Mapped[Facts] = mapped_column(info=of_staff())


@dataclass(frozen=True, slots=True)
class Days:
    """Days of some time zone: from which moments on they are how far ahead of those of UTC, in order."""

    shifts: tuple[tuple[datetime, timedelta], ...]

    @property
    def since(self) -> datetime:
        """When the first of them began."""
        return self.shifts[0][0]


def newest_issue_event(session: Session) -> int:
    """The highest id of an event of an issue."""
    return session.scalar(select(func.max(IssueEvent.id))) or 0


def by_day(
    session: Session, moment: InstrumentedAttribute[Any], days: Days, *which: ColumnElement[bool]
) -> dict[date, int]:
    """How many rows have `moment` on each of `days`."""
    day = _day(session, moment, days)
    rows = session.execute(select(day, func.count()).where(moment >= days.since, *which).group_by(day))
    return {_date(row[0]): row[1] for row in rows}


def revenue(
    session: Session, days: Days, fulfilled: Sequence[tuple[str, str]]
) -> list[tuple[date, str, int]]:
    """What paid work that was completed cost, by day and currency: minor units.

    `fulfilled`: workflows with their states in which it is completed.
    """
    day = _day(session, Ticket.ended_at, days)
    completed = tuple_(Ticket.workflow, Ticket.state).in_(fulfilled)
    done = Ticket.part == Part.CLOSED, completed, Ticket.price_minor > 0
    wanted = select(day, Ticket.currency, func.sum(Ticket.price_minor)).where(
        *done, Ticket.ended_at >= days.since
    )
    rows = session.execute(wanted.group_by(day, Ticket.currency))
    return [(_date(row[0]), row[1], int(row[2])) for row in rows]


def ages(session: Session, borders: Sequence[datetime]) -> dict[str, list[int]]:
    """Tickets that have not ended, by part: how many came in since the first border, between the next ….

    `borders` go back in time.
    """
    spans = [
        Ticket.submitted_at >= borders[0],
        *(
            and_(Ticket.submitted_at < later, Ticket.submitted_at >= earlier)
            for later, earlier in pairwise(borders)
        ),
        Ticket.submitted_at < borders[-1],
    ]
    counts = [func.sum(case((span, 1), else_=0)) for span in spans]
    wanted = select(Ticket.part, *counts).where(Ticket.part.in_((Part.UNASSIGNED, Part.PENDING)))
    rows = session.execute(wanted.group_by(Ticket.part))
    return {row[0]: [int(number) for number in row[1:]] for row in rows}


def waiting(session: Session) -> list[Row[*tuple[Any, ...]]]:
    """Of each person: tickets whose customer waits for them, and on which they wait for the customer."""
    asked = func.sum(case((Ticket.awaits == "customer", 0), else_=1))
    asking = func.sum(case((Ticket.awaits == "customer", 1), else_=0))
    wanted = select(Person.name, asked, asking).join(Ticket, Ticket.owner_id == Person.id)
    return list(session.execute(wanted.where(Ticket.part == Part.PENDING).group_by(Person.id, Person.name)))


_ASKED, _TRIED = states_where(lambda state: state.asked), states_where(lambda state: state.tried)
_WORKED_ON = states_where(lambda state: state.worked_on)


def unclaimed(session: Session) -> int:
    """Tickets without an owner."""
    return session.scalar(select(func.count()).where(Ticket.part == Part.UNASSIGNED)) or 0


def owed(session: Session) -> list[Row[*tuple[Any, ...]]]:
    """Of each person: feedback they owe, reviews asked of them, issues they work on."""
    wanted = (
        select(
            Person.name,
            func.sum(case((and_(Issue.state.in_(_ASKED), Issue.owner_id == Person.id), 1), else_=0)),
            func.sum(case((and_(Issue.state.in_(_TRIED), Issue.reviewer_id == Person.id), 1), else_=0)),
            func.sum(case((and_(Issue.state.in_(_WORKED_ON), Issue.owner_id == Person.id), 1), else_=0)),
        )
        .join(Issue, or_(Issue.owner_id == Person.id, Issue.reviewer_id == Person.id))
        .where(Issue.state.in_((*_ASKED, *_TRIED, *_WORKED_ON)))
        .group_by(Person.id, Person.name)
    )
    return list(session.execute(wanted))


def kept_deadlines(session: Session, kind: str, days: Days) -> list[tuple[date, str, int, int]]:
    """Deadlines of a kind that were met or missed: day, outcome, hours it took (whole ones), how many."""
    done = Deadline.kind == kind, Deadline.done_at >= days.since, Deadline.outcome.in_(("met", "late"))
    day, hours = _day(session, Deadline.done_at, days), _hours(session, Deadline.started_at, Deadline.done_at)
    wanted = select(day, Deadline.outcome, hours, func.count()).where(*done)
    found = session.execute(wanted.group_by(day, Deadline.outcome, hours))
    return [(_date(row[0]), row[1], int(row[2]), row[3]) for row in found]


def estimated(session: Session) -> list[Row[*tuple[Any, ...]]]:
    """The newest resolved issues with an estimate: code, minutes, when work began and was submitted."""
    own = IssueEvent.issue_id == Issue.id
    began = select(func.min(IssueEvent.at)).where(own, IssueEvent.kind == START.name)
    wanted = (
        select(Issue.code, Issue.estimate_minutes, began.scalar_subquery().label("began"), Issue.submitted_at)
        .where(Issue.resolved_at.is_not(None), Issue.estimate_minutes.is_not(None), ~Issue.private)
        .where(Issue.submitted_at.is_not(None))
        .order_by(Issue.resolved_at.desc())
        .limit(ESTIMATES)
    )
    return list(session.execute(wanted))


def topics(session: Session, kind: str, since: datetime) -> list[Row[*tuple[Any, ...]]]:
    """Pages or questions (`kind`): name, and in how many requests asked, helped, did not help; worst first.

    A question that no page answers counts as not helped.
    """
    number = func.count(Asked.ticket_id.distinct())
    helped = func.count(case((Asked.answer == "helped", Asked.ticket_id)).distinct())
    failed = func.count(case((Asked.answer.in_(("not-helped", "nowhere")), Asked.ticket_id)).distinct())
    wanted = select(Topic.name, number, helped, failed).join(Topic, Topic.id == Asked.topic_id)
    wanted = wanted.where(Topic.kind == kind, Asked.counted_at >= since).group_by(Topic.id, Topic.name)
    order = (failed.desc(), number.desc()) if kind == "page" else (number.desc(), failed.desc())
    return list(session.execute(wanted.order_by(*order).limit(TOPICS)))


def _day(session: Session, moment: InstrumentedAttribute[Any], days: Days) -> ColumnElement[Any]:
    """The one of `days` on which a moment is, on either database: SQLite knows no time zones."""
    if session.get_bind().dialect.name == "postgresql":
        return func.date(func.timezone("UTC", moment) + _shifted(moment, days, lambda shift: shift))
    return func.date(moment, _shifted(moment, days, lambda shift: f"{int(shift.total_seconds())} seconds"))


def _shifted(
    moment: InstrumentedAttribute[Any], days: Days, spell: Callable[[timedelta], timedelta | str]
) -> ColumnElement[Any]:
    """How far the day of `moment` is ahead, as each database spells it."""
    spans = [(moment < end, literal(spell(shift))) for (_, shift), (end, _) in pairwise(days.shifts)]
    last = literal(spell(days.shifts[-1][1]))
    return case(*spans, else_=last) if spans else last


def _hours(
    session: Session, first: InstrumentedAttribute[Any], last: InstrumentedAttribute[Any]
) -> ColumnElement[Any]:
    """The whole hours between two moments, on either database."""
    if session.get_bind().dialect.name == "postgresql":
        return func.floor(func.extract("epoch", last - first) / 3600)
    return func.floor((func.julianday(last) - func.julianday(first)) * 24)


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
