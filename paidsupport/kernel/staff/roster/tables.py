"""The roster: who is on duty when and in which order, and how far a ticket has climbed on it (T7)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, StaffName
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.indexes import partial_index

#: Minutes of a day: the end of a shift that goes on until midnight.
DAY = 24 * 60
#: Lines that are on the roster now; those taken off stay as a trace.
LIVE = "removed_at IS NULL"


class Shift(Base):
    """A stretch of duty, every week on `weekday` or once on `day`, in minutes of the desk's own clock.

    `position` is the place in the order of those who are on duty together; 1 is told first.
    """

    __tablename__ = "paidsupport_shift"
    __table_args__ = (
        CheckConstraint("(weekday IS NULL) <> (day IS NULL)", name="when"),
        CheckConstraint("weekday IS NULL OR weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(f"starts >= 0 AND starts < ends AND ends <= {DAY}", name="hours"),
        # the same shift is on the roster once, however often its form was sent
        *(
            partial_index(
                f"uq_paidsupport_shift_{column}",
                "person_id",
                column,
                "starts",
                "ends",
                unique=True,
                where=LIVE,
            )
            for column in ("weekday", "day")
        ),
        {"info": configuration("roster")},
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: 0 is Monday.
    weekday: Mapped[int | None]
    day: Mapped[date | None] = mapped_column(Date)
    starts: Mapped[int]
    ends: Mapped[int]
    position: Mapped[int]
    added_by: Mapped[StaffName]
    added_at: Mapped[Moment]
    removed_by: Mapped[StaffName] = mapped_column(default="")
    removed_at: Mapped[Maybe]


class Absence(Base):
    """Days on which a person is away, first and last included, and their substitute."""

    __tablename__ = "paidsupport_absence"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("substitute_id IS NULL OR substitute_id <> person_id", name="substitute"),
        partial_index(
            "uq_paidsupport_absence_days", "person_id", "first_day", "last_day", unique=True, where=LIVE
        ),
        {"info": configuration("roster")},
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    added_by: Mapped[StaffName]
    added_at: Mapped[Moment]
    removed_by: Mapped[StaffName] = mapped_column(default="")
    removed_at: Mapped[Maybe]
