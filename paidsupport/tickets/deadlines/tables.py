"""Deadlines of tickets: one row for each that was ever set, and what the clock has done about it (P9)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.parts import Loaded, Part, hanging

#: The due date of a ticket without a deadline: keyset pages need a complete order.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Deadline(Base):
    """One deadline of a ticket. It runs (`due_at`), is paused (`left_minutes`), or is done.

    Its allowance is stored with it, so a change of the catalogue does not affect running deadlines.
    """

    __tablename__ = "paidsupport_deadline"
    __table_args__ = (
        CheckConstraint("kind IN ('first-contact', 'answer', 'resolution')", name="kind"),
        CheckConstraint("minutes > 0 AND warn_left >= 0 AND warn_left <= minutes", name="minutes"),
        CheckConstraint("(due_at IS NULL) = (left_minutes IS NOT NULL)", name="running"),
        CheckConstraint("(due_at IS NULL) = (warn_at IS NULL)", name="warned"),
        CheckConstraint("outcome IN ('', 'met', 'late', 'dropped')", name="outcome"),
        CheckConstraint("(done_at IS NULL) = (outcome = '')", name="done"),
        # the clock checks neither what is done nor what is paused
        CheckConstraint("look_at IS NULL OR (done_at IS NULL AND due_at IS NOT NULL)", name="look"),
        Index(None, "ticket_id", "id"),
        partial_index(
            "uq_paidsupport_deadline_open", "ticket_id", "kind", unique=True, where="done_at IS NULL"
        ),
        partial_index("ix_paidsupport_deadline_look_at", "look_at", where="look_at IS NOT NULL"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    kind: Mapped[Word]
    #: The working minutes it allows, and how many are left when staff are warned.
    minutes: Mapped[int]
    warn_left: Mapped[int]
    started_at: Mapped[Moment]
    due_at: Mapped[Maybe]
    #: From this moment on it is near.
    warn_at: Mapped[Maybe]
    #: The working minutes left while it is paused; negative if it was missed.
    left_minutes: Mapped[int | None]
    #: When the clock has to check it next.
    look_at: Mapped[Maybe]
    warned_at: Mapped[Maybe]
    #: When it was reported as missed.
    missed_at: Mapped[Maybe]
    done_at: Mapped[Maybe]
    outcome: Mapped[Word] = mapped_column(default="")
    #: The email to the customer that was the contact or the answer.
    letter_reference: Mapped[Word] = mapped_column(default="")


_UNDONE = hanging("deadlines", Deadline.ticket_id, Deadline.done_at.is_(None))


def _nearest_first(page: Loaded[Any]) -> list[Deadline]:
    return sorted(_UNDONE.read(page), key=lambda row: (row.due_at or NEVER, row.kind))


#: The deadlines of a ticket that run or are paused, the nearest first.
DEADLINES: Part[list[Deadline]] = Part("deadlines", _UNDONE.there, _nearest_first)
