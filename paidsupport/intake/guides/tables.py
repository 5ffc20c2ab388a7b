"""Guides that staff read and improve (G21)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment, Name, StaffName, Structure, Word
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.marks import CATALOGUE, STAFF, plain


class Guide(Base):
    """A page in Markdown as it is now; `edition` is the number of its newest edition."""

    __tablename__ = "paidsupport_guide"
    __table_args__ = ({"info": configuration("guide")},)

    id: Mapped[Id]
    slug: Mapped[Word] = mapped_column(unique=True)
    position: Mapped[int]
    title: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    body: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    #: Its texts in other languages, by tag and by the names of columns.
    translations: Mapped[dict[str, Any]] = mapped_column(
        Structure, default=dict, server_default="{}", info=plain(CATALOGUE, STAFF)
    )
    #: Names of states and transitions that link to it.
    explains: Mapped[list[str]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    #: Whether customers can read it and be pointed to it (T5).
    public: Mapped[bool] = mapped_column(default=False)
    edition: Mapped[int]
    changed_at: Mapped[Moment]


class GuideEdition(Base):
    """The text of a guide from some moment on; never changed."""

    __tablename__ = "paidsupport_guide_edition"
    __table_args__ = (UniqueConstraint("guide_id", "number"), {"info": configuration("guide")})

    id: Mapped[Id]
    guide_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_guide.id"))
    number: Mapped[int]
    title: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    body: Mapped[str] = mapped_column(Text, info=plain(CATALOGUE, STAFF))
    #: Its texts in other languages, by tag and by the names of columns.
    translations: Mapped[dict[str, Any]] = mapped_column(
        Structure, default=dict, server_default="{}", info=plain(CATALOGUE, STAFF)
    )
    author_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    author_name: Mapped[StaffName]
    at: Mapped[Moment]
