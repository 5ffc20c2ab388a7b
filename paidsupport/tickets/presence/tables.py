"""Who has a ticket open: one row for each person and ticket, deleted within a minute."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment


class Presence(Base):
    """A member of staff who has the page of a ticket open."""

    __tablename__ = "paidsupport_presence"
    __table_args__ = (UniqueConstraint("ticket_id", "person_id"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"), index=True)
    #: Whether they are writing to the customer.
    writing: Mapped[bool]
    seen_at: Mapped[Moment] = mapped_column(index=True)
