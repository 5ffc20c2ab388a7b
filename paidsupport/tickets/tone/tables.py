"""Rules of tone that managers write; those that come with the desk are in `paidsupport.privacy.tones`."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Word
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.marks import CATALOGUE, STAFF, plain


class ToneRule(Base):
    """Words that should be reconsidered in emails to customers, and why."""

    __tablename__ = "paidsupport_tone_rule"
    __table_args__ = ({"info": configuration("tone")},)

    id: Mapped[Id]
    #: Of emails in which language; empty: in every one.
    language: Mapped[Word]
    #: Words and phrases, one on each line.
    words: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    reason: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    suggestion: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
