"""Lines of the roster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from paidsupport.kernel.staff.roster.tables import Absence, Shift

Line = TypeVar("Line", Shift, Absence)


def on_duty(session: Session, day: date, minute: int) -> list[Shift]:
    """The shifts of a moment of the desk's own clock, in their order."""
    wanted = _live(Shift).where(or_(Shift.weekday == day.weekday(), Shift.day == day))
    wanted = wanted.where(Shift.starts <= minute, Shift.ends > minute)
    return list(session.scalars(wanted.order_by(Shift.position, Shift.id)))


def away(session: Session, day: date) -> list[Absence]:
    """Who is away on a day."""
    wanted = _live(Absence).where(Absence.first_day <= day, Absence.last_day >= day)
    return list(session.scalars(wanted.order_by(Absence.id)))


def shifts(session: Session) -> list[Shift]:
    """All shifts, by the time they begin."""
    return list(session.scalars(_live(Shift).order_by(Shift.starts, Shift.position, Shift.id)))


def absences(session: Session, today: date) -> list[Absence]:
    """Who is away today or later, by their first day."""
    wanted = _live(Absence).where(Absence.last_day >= today)
    return list(session.scalars(wanted.order_by(Absence.first_day, Absence.id)))


def was_filled(session: Session) -> bool:
    """Whether there has ever been a shift."""
    return session.scalar(select(Shift.id).limit(1)) is not None


def twin(session: Session, row: Line, same: Sequence[str]) -> Line | None:
    """The line on the roster that has the `same` columns as `row`."""
    kind = type(row)
    alike = (getattr(kind, name).is_not_distinct_from(getattr(row, name)) for name in same)
    return session.scalar(_live(kind).where(*alike).limit(1))


def _live(kind: type[Line]) -> Select[Line]:
    return select(kind).where(kind.removed_at.is_(None))
