"""How far a ticket has climbed on the roster."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment
from paidsupport.kernel.db.indexes import partial_index


class CascadeStep(Base):
    """Somebody was told of a ticket that nobody had taken; `round` is its claim number at that time.

    Every claim and every end of one counts that number up: a ticket that is open again begins anew. The
    keys are what keeps two workers from telling anybody twice.
    """

    __tablename__ = "paidsupport_cascade_step"
    __table_args__ = (
        UniqueConstraint("ticket_id", "round", "step"),
        UniqueConstraint("ticket_id", "round", "person_id"),
        CheckConstraint("step >= 1", name="step"),
        # the managers are told once, and it is the end
        partial_index(
            "uq_paidsupport_cascade_step_last", "ticket_id", "round", unique=True, where="person_id IS NULL"
        ),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    round: Mapped[int]
    step: Mapped[int]
    #: Who was told; nobody for the last step, which tells all managers.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    at: Mapped[Moment]
