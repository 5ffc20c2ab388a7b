"""What other programs are told: deliveries are rows before they are requests (T7, P12)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import CUSTOMER, PROGRAM, STAFF, personal

#: Deliveries that a worker has yet to deal with.
WAITING = "state IN ('queued', 'sending')"


class Delivery(Base):
    """One event for the site's webhook; `body` is what is sent, byte for byte the same at every attempt."""

    __tablename__ = "paidsupport_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sending', 'delivered', 'failed')", name="state"),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered"),
        partial_index("ix_paidsupport_delivery_waiting", "state", "due_at", where=WAITING),
        partial_index("ix_paidsupport_delivery_failed", "id", where="state = 'failed'"),
    )

    id: Mapped[Id]
    #: By it a receiver knows what it has had already.
    reference: Mapped[Word] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    event: Mapped[Word]
    body: Mapped[str] = mapped_column(Text, info=personal(CUSTOMER, STAFF, PROGRAM, becomes="{}"))
    state: Mapped[Word]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    due_at: Mapped[Moment]
    taken_at: Mapped[Maybe]
    delivered_at: Mapped[Maybe]
    #: What went wrong last, in words.
    problem: Mapped[str] = mapped_column(Text, default="", info=personal(PROGRAM))
