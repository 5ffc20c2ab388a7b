"""Payments as staff recorded them: one row for each time that money arrived."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, StaffName, Word
from paidsupport.kernel.db.marks import CATALOGUE, plain
from paidsupport.kernel.db.parts import hanging
from paidsupport.kernel.errors import existing
from paidsupport.tickets.tables import Ticket

#: The provider of payments that go to a developer directly.
DIRECT = "direct"


class Payment(Base):
    """Money that arrived for a ticket; `reference` is its id at its provider, and in addresses."""

    __tablename__ = "paidsupport_payment"
    __table_args__ = (
        UniqueConstraint("provider", "reference"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "ticket_id", "id"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    provider: Mapped[Word] = mapped_column(default=DIRECT)
    reference: Mapped[Word]
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), info=plain(CATALOGUE))
    received_on: Mapped[date] = mapped_column(Date)
    #: Who received it, and who recorded it.
    payee: Mapped[StaffName]
    noted_by: Mapped[StaffName]
    noted_at: Mapped[Moment]
    #: When staff marked it as recorded by mistake.
    undone_at: Mapped[Maybe]


#: The payments of a ticket that were not undone.
PAYMENTS = hanging("payments", Payment.ticket_id, Payment.undone_at.is_(None))


def of(session: Session, ticket: Ticket) -> list[Payment]:
    """The payments for a ticket, oldest first, without undone ones."""
    theirs = select(Payment).where(Payment.ticket_id == ticket.id, Payment.undone_at.is_(None))
    return list(session.scalars(theirs.order_by(Payment.id).execution_options(populate_existing=True)))


def find(session: Session, ticket: Ticket, reference: str) -> Payment:
    """One payment, undone or not. Raises NotFoundError."""
    wanted = select(Payment).where(Payment.ticket_id == ticket.id, Payment.reference == reference)
    return existing(session.scalar(wanted.execution_options(populate_existing=True)))
