"""How far a ticket has been escalated along the roster."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment
from paidsupport.kernel.db.indexes import partial_index


class CascadeStep(Base):
    """One person was notified of an unclaimed ticket; `round` is its claim number at that time.

    Every claim and every end of one raises that number, so the escalation of a reopened ticket starts again.
    The unique keys keep two workers from notifying anyone twice.
    """

    __tablename__ = "paidsupport_cascade_step"
    __table_args__ = (
        UniqueConstraint("ticket_id", "round", "step"),
        UniqueConstraint("ticket_id", "round", "person_id"),
        CheckConstraint("step >= 1", name="step"),
        # the managers are notified once, as the last step
        partial_index(
            "uq_paidsupport_cascade_step_last", "ticket_id", "round", unique=True, where="person_id IS NULL"
        ),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    round: Mapped[int]
    step: Mapped[int]
    #: The person who was notified; null for the last step, which notifies all managers.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    at: Mapped[Moment]
