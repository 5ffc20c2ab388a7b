"""Saved views: lists with their filters, under a name (P6)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment, Name
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.marks import STAFF, of_staff

_KEPT = "the lists that staff work with are theirs"


class SavedView(Base):
    """A list with its filters; shared where `person_id` is null, else personal."""

    __tablename__ = "paidsupport_saved_view"
    __table_args__ = (
        Index(None, "person_id", "name"),
        {"info": configuration("view", personal=lambda row: row["person_id"] is not None)},
    )

    id: Mapped[Id]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    name: Mapped[Name] = mapped_column(info=of_staff(STAFF, reason=_KEPT))
    #: What stands behind the question mark in the address of the list.
    query: Mapped[str] = mapped_column(Text, info=of_staff(STAFF, reason=_KEPT))
    changed_at: Mapped[Moment]
