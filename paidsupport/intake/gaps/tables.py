"""What is asked, by page and by question, and the issues that follow from it (T5, N8).

Nothing here is personal: only the request says who asked.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import HASHED, STAFF, plain
from paidsupport.kernel.db.statements import changed


class Topic(Base):
    """A page that customers are pointed to, or a question that was named; both are counted."""

    __tablename__ = "paidsupport_topic"
    __table_args__ = (
        CheckConstraint("kind IN ('page', 'question')", name="kind"),
        UniqueConstraint("kind", "key"),
    )

    id: Mapped[Id]
    kind: Mapped[Word]
    #: A hash that identifies it; see `paidsupport.intake.gaps.rules`.
    key: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    #: The question, or the address of the page.
    name: Mapped[str] = mapped_column(String(500), info=plain("a question or page without who asked", STAFF))
    guide_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_guide.id"), index=True)
    created_at: Mapped[Moment]


class Gap(Base):
    """Missing documentation: a topic and the one issue that was opened for it.

    It lasts as long as its issue; after that, the topic is counted from zero.
    """

    __tablename__ = "paidsupport_gap"
    __table_args__ = (
        CheckConstraint("reason IN ('nowhere', 'unhappy', 'repeated')", name="reason"),
        partial_index("uq_paidsupport_gap_open", "topic_id", unique=True, where="ended_at IS NULL"),
    )

    id: Mapped[Id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_topic.id"), index=True)
    reason: Mapped[Word]
    issue_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_issue.id"), unique=True)
    issue_code: Mapped[Word]
    opened_at: Mapped[Moment]
    ended_at: Mapped[Maybe]


class Asked(Base):
    """A request in which a topic came up once.

    With a pointer it is counted twice: for its page and, if named, for its question. Without a pointer, no
    page answers it. `gap_id`: the gap that it counts towards, at most one.
    """

    __tablename__ = "paidsupport_asked"
    __table_args__ = (
        CheckConstraint("answer IN ('', 'helped', 'not-helped', 'nowhere')", name="answer"),
        CheckConstraint("(answer = 'nowhere') = (pointer_id IS NULL)", name="pointer"),
        UniqueConstraint("pointer_id", "topic_id"),
        # for counting; and by topic, for requests that count towards no gap yet
        Index(None, "counted_at", "topic_id"),
        Index(None, "topic_id", "gap_id", "counted_at"),
        # for the topics that a customer's answer is about
        Index(None, "ticket_id", "answer"),
    )

    id: Mapped[Id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_topic.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    pointer_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_pointer.id"))
    gap_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_gap.id"), index=True)
    answer: Mapped[Word] = mapped_column(default="")
    asked_at: Mapped[Moment]
    #: When it was asked or, if later, answered.
    counted_at: Mapped[Moment]


def answer(session: Session, ticket_id: int, said: str, at: datetime) -> None:
    """Record the answer for every page and question that the ticket's customer was asked about.

    The rows are locked in the order in which workers lock them.
    """
    open_ones = select(Asked.id).where(Asked.ticket_id == ticket_id, Asked.answer == "")
    ids = session.scalars(open_ones.order_by(Asked.id).with_for_update(key_share=True)).all()
    if ids:
        changed(session, update(Asked).where(Asked.id.in_(ids)).values(answer=said, counted_at=at))
