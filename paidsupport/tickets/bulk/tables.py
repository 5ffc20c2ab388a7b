"""Bulk actions, kept for as long as they can be undone (P6)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Structure, Word
from paidsupport.kernel.db.marks import OURS, of_staff, plain


class Bulk(Base):
    """One bulk action. Holds nothing personal: what was typed stands in the histories of the tickets."""

    __tablename__ = "paidsupport_bulk"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    #: What was done: one of `operations.ACTIONS`.
    action: Mapped[Word]
    #: The one-time key of the form.
    key: Mapped[Word]
    #: For each ticket that was changed: its code, its new version, and what it was before.
    tickets: Mapped[list[list[Any]]] = mapped_column(Structure, info=plain(OURS))
    #: For each ticket that could not be changed, or not restored: its code, and why.
    refused: Mapped[list[list[str]]] = mapped_column(Structure, info=of_staff(reason="it is gone soon"))
    at: Mapped[Moment]
    undone_at: Mapped[Maybe]
