"""Tags: words that staff put on tickets to find them by (P7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Word
from paidsupport.kernel.db.marks import PROGRAM, STAFF, Special, personal
from paidsupport.kernel.db.parts import Loaded, Part, hanging
from paidsupport.tickets.tags.rules import fold_tag

#: This many of the newest tags are suggested where one is typed.
NEWEST = 200


class Tag(Base):
    """One tag on one ticket. `folded` is the name without its case: a ticket has each only once."""

    __tablename__ = "paidsupport_tag"
    __table_args__ = (UniqueConstraint("ticket_id", "folded"), Index(None, "folded", "ticket_id"))

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    name: Mapped[Word] = mapped_column(info=personal(STAFF, becomes=Special.ROW_DELETED))
    #: Longer than the name, because some characters become two when folded.
    folded: Mapped[str] = mapped_column(String(120), info=personal(PROGRAM, becomes=Special.ROW_DELETED))


def newest() -> ColumnElement[bool]:
    """The condition that a tag was added recently."""
    return Tag.id > select(func.max(Tag.id) - NEWEST).scalar_subquery()


def distinct(names: Iterable[str]) -> list[str]:
    """Each tag once, in one of its spellings, by name."""
    spelled = {fold_tag(name): name for name in names}
    return [spelled[folded] for folded in sorted(spelled)]


#: The tags of a ticket, in the order they were added.
TAGS = hanging("tags", Tag.ticket_id)
_NEWEST = select(Tag.name).where(newest()).order_by(Tag.id)


def _proposed(page: Loaded[Any]) -> list[str]:
    """The suggestions, the same for all staff until another tag is added."""
    stamp = ("tags", page.flags["proposed"])
    found: list[str] = page.keep(stamp, lambda: distinct(row.name for row in page.ask(_NEWEST)))
    return found


#: The tags that any ticket got recently.
PROPOSED: Part[list[str]] = Part("proposed", "SELECT max(id) FROM paidsupport_tag", _proposed)
