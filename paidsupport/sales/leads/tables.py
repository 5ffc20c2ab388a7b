"""What stands in the way of a lead, and what management decides about technical wishes (T9)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, StaffName, Word
from paidsupport.kernel.db.marks import GONE, STAFF, personal
from paidsupport.kernel.db.parts import hanging


class Blocker(Base):
    """One thing in the way of a lead. One that waits for an issue is solved when that has ended."""

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
    #: When somebody said that it is solved.
    solved_at: Mapped[Maybe]
    solved_by_name: Mapped[StaffName] = mapped_column(default="")


class Wish(Base):
    """Something technical that a lead asks for, and what management decided about it.

    `summary` and `details` go into the issue: they are written without anything personal.
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
    #: In one line, as the customer would say it.
    what: Mapped[Name] = mapped_column(info=personal(STAFF, becomes=GONE))
    summary: Mapped[Name] = mapped_column(default="", info=personal(STAFF))
    details: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    noted_by_name: Mapped[StaffName]
    noted_at: Mapped[Moment]
    #: Nothing until management has decided.
    decision: Mapped[Word] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    decided_by_name: Mapped[StaffName] = mapped_column(default="")
    decided_at: Mapped[Maybe]
    #: The issue that was opened for it, once it was accepted or given free of charge.
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_issue.id"), index=True)


#: What a lead asks for, and what stands in its way.
WISHES = hanging("wishes", Wish.ticket_id)
BLOCKERS = hanging("blockers", Blocker.ticket_id)
