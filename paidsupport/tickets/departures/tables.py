"""Emails that left after a backup was made: the restored database learns of them from the journal."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment, Word
from paidsupport.kernel.db.marks import HASHED, plain


class Departed(Base):
    """An email that has left, or may have, but has no row; the next one like it is held for a person."""

    __tablename__ = "paidsupport_departed"
    __table_args__ = (Index(None, "ticket_id"),)

    id: Mapped[Id]
    reference: Mapped[Word] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    kind: Mapped[Word]
    audience: Mapped[Word]
    #: A keyed hash of the address, if it went to a member of staff.
    who: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    at: Mapped[Moment]
    #: The reference of the email that was held because of it.
    met_by: Mapped[Word] = mapped_column(default="")
