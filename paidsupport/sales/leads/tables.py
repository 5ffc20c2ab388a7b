"""Blockers of a lead, and what management decides about its technical wishes (T9)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, StaffName, Word
from paidsupport.kernel.db.marks import GONE, STAFF, personal
from paidsupport.kernel.db.parts import hanging


class Blocker(Base):
    """One blocker of a lead. If it waits for an issue, it is solved when that has ended."""

    __tablename__ = "paidsupport_blocker"
    __table_args__ = (
        CheckConstraint("kind IN ('feature', 'contract', 'onboarding', 'legal', 'other')", name="kind"),
        Index(None, "ticket_id", "id"),
    )

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    kind: Mapped[Word]
    what: Mapped[Name] = mapped_column(info=personal(STAFF, becomes=GONE))
    #: The issue that it waits for.
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_issue.id"), index=True)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    noted_by_name: Mapped[StaffName]
    noted_at: Mapped[Moment]
    #: When a person marked it as solved.
    solved_at: Mapped[Maybe]
    solved_by_name: Mapped[StaffName] = mapped_column(default="")


class Wish(Base):
    """Something technical that a lead asks for, and what management decided about it.

    `summary` and `details` go into the issue, so they must not contain personal data.
    """

    __tablename__ = "paidsupport_wish"
    __table_args__ = (
        CheckConstraint("decision IN ('', 'offer', 'gratis', 'refuse')", name="decision"),
        CheckConstraint("(decision = '') = (decided_at IS NULL)", name="decided"),
        Index(None, "ticket_id", "id"),
    )

    id: Mapped[Id]
    reference: Mapped[Word] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    #: In one line, in the customer's words.
    what: Mapped[Name] = mapped_column(info=personal(STAFF, becomes=GONE))
    summary: Mapped[Name] = mapped_column(default="", info=personal(STAFF))
    details: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    noted_by_name: Mapped[StaffName]
    noted_at: Mapped[Moment]
    #: Empty until management has decided.
    decision: Mapped[Word] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    decided_by_name: Mapped[StaffName] = mapped_column(default="")
    decided_at: Mapped[Maybe]
    #: The issue that was opened for it, once it was accepted or granted free of charge.
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_issue.id"), index=True)


#: The wishes of a lead; its blockers are read separately.
WISHES = hanging("wishes", Wish.ticket_id)
BLOCKERS = hanging("blockers", Blocker.ticket_id)
