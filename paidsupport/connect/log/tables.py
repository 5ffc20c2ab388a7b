"""What happened, for other programs: one row for each line of a history, without anything personal (P12)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Facts, Id, Moment, StaffName, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import FIGURES, OURS, plain


class Announcement(Base):
    """One thing that happened.

    A worker gives it its `position` once it is committed: readers go on from the last position they saw, and
    no row ever appears before that, however long its transaction took.
    """

    __tablename__ = "paidsupport_announcement"
    __table_args__ = (partial_index("ix_paidsupport_announcement_new", "id", where="position IS NULL"),)

    id: Mapped[Id]
    position: Mapped[int | None] = mapped_column(unique=True)
    #: By it a receiver knows what it has had.
    reference: Mapped[Word] = mapped_column(unique=True)
    #: What it is called: `ticket.claim`.
    type: Mapped[str] = mapped_column(String(80), info=plain(OURS))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_ticket.id"), index=True)
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_issue.id"), index=True)
    #: The state of the ticket or issue then.
    state: Mapped[Word]
    actor_kind: Mapped[Word]
    actor_name: Mapped[StaffName]
    #: What its kind declares harmless: figures and words of ours.
    data: Mapped[Facts] = mapped_column(info=plain(FIGURES))
    at: Mapped[Moment] = mapped_column(index=True)
