"""What customers were asked about the work, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Row, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Word
from paidsupport.kernel.db.marks import CUSTOMER, personal
from paidsupport.kernel.db.parts import hanging
from paidsupport.tickets.tables import Ticket


class Rating(Base):
    """One request to rate a ticket, and the answer to it; there is none before the customer was asked."""

    __tablename__ = "paidsupport_rating"
    __table_args__ = (
        CheckConstraint("choice IN ('', 'great', 'okay', 'bad')", name="choice"),
        CheckConstraint("(choice = '') = (rated_at IS NULL)", name="rated"),
        Index(None, "asked_at"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"), unique=True)
    asked_at: Mapped[Moment]
    choice: Mapped[Word] = mapped_column(default="")
    word: Mapped[str] = mapped_column(Text, default="", info=personal(CUSTOMER))
    rated_at: Mapped[Maybe]


#: The rating that hangs on a ticket, if its customer was asked for one.
RATINGS = hanging("ratings", Rating.ticket_id)


def of(session: Session, ticket: Ticket) -> Rating | None:
    """What the customer of a ticket was asked, as it is now."""
    wanted = select(Rating).where(Rating.ticket_id == ticket.id)
    return session.scalar(wanted, execution_options={"populate_existing": True})


def was_asked(session: Session, ticket: Ticket, since: datetime) -> bool:
    """Whether the customer of a ticket was asked about any of theirs since a moment."""
    same = Ticket.customer_address == ticket.customer_address
    wanted = select(Rating.id).join(Ticket, Ticket.id == Rating.ticket_id).where(same)
    return session.scalar(wanted.where(Rating.asked_at > since).limit(1)) is not None


def since(session: Session, moment: datetime) -> Sequence[Row[datetime, str]]:
    """When customers were asked since a moment, and what they said."""
    return session.execute(select(Rating.asked_at, Rating.choice).where(Rating.asked_at >= moment)).all()
