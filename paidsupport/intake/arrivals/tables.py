"""How each ticket reached the desk: by mail, by phone, by form, and what was recorded then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Name, Word
from paidsupport.kernel.db.marks import CUSTOMER, PROGRAM, STAFF, personal
from paidsupport.kernel.db.parts import Loaded, Part, any_with
from paidsupport.kernel.db.rows import ReadOnly
from paidsupport.kernel.staff.tables import Person


class Intake(Base):
    """One row per request or lead; orders from a service's form have none."""

    __tablename__ = "paidsupport_intake"
    __table_args__ = (
        CheckConstraint("channel IN ('mail', 'phone', 'form')", name="channel"),
        CheckConstraint("caller IN ('', 'user', 'merchant', 'bank', 'other')", name="caller"),
        # finds the earlier tickets of a caller by their number
        Index(None, "digits", "ticket_id"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"), unique=True)
    channel: Mapped[Word]
    #: The purpose of the address that was written to, or of the call: `support`, `sales`, an operator's own.
    purpose: Mapped[Word]
    #: The kind of customer, as recorded by the person who took the call.
    caller: Mapped[Word] = mapped_column(default="", info=personal(STAFF))
    organisation: Mapped[Name] = mapped_column(default="", info=personal(CUSTOMER, STAFF))
    phone: Mapped[Name] = mapped_column(default="", info=personal(CUSTOMER, STAFF))
    #: The digits of the number in the form used for comparing; see `paidsupport.kernel.phones`.
    digits: Mapped[Word] = mapped_column(default="", info=personal(PROGRAM))
    called_at: Mapped[Maybe] = mapped_column(info=personal(STAFF, becomes=None))
    #: The person who took the call.
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))


_ROWS = ReadOnly(Intake)
_WANTED = (
    select(Person.name, *_ROWS.columns)
    .select_from(Intake)
    .outerjoin(Person, Person.id == Intake.taken_by_id)
    .where(Intake.ticket_id == bindparam("record"))
)


@dataclass(frozen=True, slots=True)
class Came:
    """How a ticket reached the desk, if not by the order form, and the person who took the call."""

    intake: Intake | None = None
    taken_by: str = ""


def _came(page: Loaded[Any]) -> Came:
    [row] = page.ask(_WANTED)
    return Came(_ROWS.row(row[1:]), row[0] or "")


#: How a ticket reached the desk.
CAME = Part(
    "came",
    any_with(Intake.ticket_id),
    _came,
    Came,
)
