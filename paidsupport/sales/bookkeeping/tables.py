"""What was paid out to developers, of the money that the desk received for their work."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, StaffName, Word
from paidsupport.kernel.db.marks import CATALOGUE, STAFF, of_staff, plain


class Payout(Base):
    """A sum that a manager paid out to a developer. Never changed; taken back if it was a mistake."""

    __tablename__ = "paidsupport_payout"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"), Index(None, "person_id", "id"))

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    #: The one-time key of the form, so that a form sent twice counts once.
    key: Mapped[Word] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), info=plain(CATALOGUE))
    paid_on: Mapped[date] = mapped_column(Date)
    #: How, or the number of the transfer.
    note: Mapped[str] = mapped_column(String(200), default="", info=of_staff(STAFF))
    noted_by: Mapped[StaffName]
    noted_at: Mapped[Moment]
    undone_by: Mapped[StaffName] = mapped_column(default="")
    undone_at: Mapped[Maybe]
