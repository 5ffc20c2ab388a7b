"""Requests: the pages that their customers were pointed to (T1, T5, T6)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from paidsupport.intake.gaps import tables as gaps
from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Word
from paidsupport.kernel.db.marks import STAFF, personal


class Pointer(Base):
    """A page that a customer was pointed to, and whether it helped; counted for N8 (T5)."""

    __tablename__ = "paidsupport_pointer"
    __table_args__ = (
        CheckConstraint("answer IN ('', 'helped', 'not-helped')", name="answer"),
        CheckConstraint("(answer = '') = (answered_at IS NULL)", name="answered"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"), index=True)
    #: The message of the email that names the page.
    message_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_message.id"), unique=True)
    #: The guide that was chosen; null for another page.
    guide_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_guide.id"), index=True)
    url: Mapped[str] = mapped_column(Text, info=personal(STAFF))
    asked_at: Mapped[Moment]
    answer: Mapped[Word] = mapped_column(default="")
    answered_at: Mapped[Maybe]


#: The transitions that record whether a page helped.
ANSWERS = frozenset({"helped", "not-helped"})


def answer_pointers(session: Session, ticket_id: int, answer: str, at: datetime) -> None:
    """Record and count the answer for the pages that a ticket's customer was asked about."""
    open_ones = update(Pointer).where(Pointer.ticket_id == ticket_id, Pointer.answer == "")
    session.execute(open_ones.values(answer=answer, answered_at=at))
    gaps.answer(session, ticket_id, answer, at)
