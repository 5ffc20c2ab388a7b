"""Attempts at something that may not happen too often: one row each."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment, Word
from paidsupport.kernel.db.marks import PROGRAM, Special, personal


class Attempt(Base):
    """Something that is counted per hour; `who` is a keyed hash, never an address."""

    __tablename__ = "paidsupport_attempt"
    __table_args__ = (Index(None, "kind", "who", "at"), Index(None, "at"))

    id: Mapped[Id]
    kind: Mapped[Word]
    who: Mapped[str] = mapped_column(String(64), info=personal(PROGRAM, becomes=Special.ROW_DELETED))
    at: Mapped[Moment]
