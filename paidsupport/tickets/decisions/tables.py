"""Decisions that the customer is asked for on their page: consents and offers (G14, G17, N4)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, StaffName, Word
from paidsupport.kernel.db.marks import CUSTOMER, GONE, OURS, PROGRAM, STAFF, personal, plain


class Decision(Base):
    """One question with one answer. Its text never changes: a changed question is a new one.

    `consent`: may we do this, why, at what risk, and how can it be undone. `offer`: extra work at a price.
    """

    __tablename__ = "paidsupport_decision"
    __table_args__ = (
        UniqueConstraint("ticket_id", "number"),
        CheckConstraint("kind IN ('consent', 'offer')", name="kind"),
        CheckConstraint("answer IN ('', 'approved', 'declined', 'withdrawn')", name="answer"),
        CheckConstraint("(answer = '') = (answered_at IS NULL)", name="answered"),
        CheckConstraint(
            "(kind = 'offer') = (price_minor IS NOT NULL AND valid_until IS NOT NULL)", name="offer"
        ),
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price"),
    )

    id: Mapped[Id]
    #: Its name in the customer's addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    number: Mapped[int]
    kind: Mapped[Word]
    #: The checklist item that waits for the consent, or that the accepted offer added.
    item_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_item.id"))
    #: The message that carries it to the customer.
    message_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_message.id"), unique=True)
    what: Mapped[Name] = mapped_column(info=personal(STAFF, becomes=GONE))
    why: Mapped[str] = mapped_column(Text, info=personal(STAFF))
    risk: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    undo: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    price_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="", info=plain(OURS))
    valid_until: Mapped[Maybe]
    #: A hash over all of the above: the answer names it, so that it answers exactly this text.
    text_hash: Mapped[str] = mapped_column(String(64), info=personal(PROGRAM))
    claim_number: Mapped[int]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    asked_by_name: Mapped[StaffName]
    asked_at: Mapped[Moment]
    #: Empty while it is open; `withdrawn` by the desk.
    answer: Mapped[Word] = mapped_column(default="")
    answered_at: Mapped[Maybe]
    #: What the customer added to the answer.
    word: Mapped[str] = mapped_column(Text, default="", info=personal(CUSTOMER))
