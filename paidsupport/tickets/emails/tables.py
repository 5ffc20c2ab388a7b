"""The outbox: an email is a row before it is sent."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import CUSTOMER, GONE, OURS, PROGRAM, STAFF, personal, plain

#: SQL for emails that a person must decide about.
STUCK = "state IN ('uncertain', 'failed')"


class Email(Base):
    """One outgoing email.

    `contact` is unique per ticket: `first` can be taken once over all claims, `claim-N` once per claim.
    An email with a `claim_number` leaves only while that claim lasts.
    """

    __tablename__ = "paidsupport_letter"
    __table_args__ = (
        UniqueConstraint("ticket_id", "contact"),
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'uncertain', 'failed', 'withdrawn')", name="state"
        ),
        CheckConstraint("contact IS NULL OR claim_number IS NOT NULL", name="fenced"),
        # enforced by the database too: an email is only ever taken under its own claim (N1)
        CheckConstraint(
            "claim_number IS NULL OR taken_under IS NULL OR taken_under = claim_number", name="taken_under"
        ),
        partial_index(
            "ix_paidsupport_letter_waiting", "state", "due_at", where="state IN ('queued', 'sending')"
        ),
        partial_index("ix_paidsupport_letter_stuck", "id", where=STUCK),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_message.id"), index=True)
    kind: Mapped[Word]
    contact: Mapped[str | None] = mapped_column(String(40), info=plain(OURS))
    claim_number: Mapped[int | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: `customer` or `person`: the kind of recipient.
    audience: Mapped[Word]
    to_name: Mapped[Name] = mapped_column(info=personal(CUSTOMER, STAFF))
    to_address: Mapped[Name] = mapped_column(info=personal(CUSTOMER, STAFF))
    subject: Mapped[Name] = mapped_column(info=personal(CUSTOMER, STAFF, PROGRAM, becomes=GONE))
    body: Mapped[str] = mapped_column(Text, info=personal(CUSTOMER, STAFF, PROGRAM))
    #: The tag of the language it was written in.
    language: Mapped[Word] = mapped_column(default="", server_default="")
    #: The Message-ID without angle brackets and domain: the same for every attempt.
    reference: Mapped[Word] = mapped_column(unique=True)
    state: Mapped[Word]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    due_at: Mapped[Moment]
    taken_at: Mapped[Maybe]
    #: The ticket's claim number when the email was taken, read under the ticket's lock.
    taken_under: Mapped[int | None]
    sent_at: Mapped[Maybe]
    #: The last problem, in words.
    problem: Mapped[str] = mapped_column(Text, default="", info=personal(PROGRAM))


class Reminder(Base):
    """An email to be written on a later day, unless there is no reason left by then (G16, G19, P9)."""

    __tablename__ = "paidsupport_reminder"
    __table_args__ = (
        # at most one of a kind per day among those that are not sent yet
        partial_index(
            "uq_paidsupport_reminder_planned",
            "ticket_id",
            "kind",
            "due_at",
            unique=True,
            where="done_at IS NULL",
        ),
        partial_index("ix_paidsupport_reminder_waiting", "due_at", where="done_at IS NULL"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    kind: Mapped[Word]
    due_at: Mapped[Moment]
    done_at: Mapped[Maybe]
    #: `sent`, or `dropped` if there was no reason left to send it.
    outcome: Mapped[Word] = mapped_column(default="")
