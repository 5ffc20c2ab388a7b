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

#: So many of the newest tags are proposed where one is typed.
NEWEST = 200


class Tag(Base):
    """One word on one ticket. `folded` is the name without its case: a ticket has each once."""

    __tablename__ = "paidsupport_tag"
    __table_args__ = (UniqueConstraint("ticket_id", "folded"), Index(None, "folded", "ticket_id"))

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    name: Mapped[Word] = mapped_column(info=personal(STAFF, becomes=Special.ROW_DELETED))
    #: Longer than the name, for some emails become two.
    folded: Mapped[str] = mapped_column(String(120), info=personal(PROGRAM, becomes=Special.ROW_DELETED))


def newest() -> ColumnElement[bool]:
    """Whether a tag is among those that were put on lately."""
    return Tag.id > select(func.max(Tag.id) - NEWEST).scalar_subquery()


def distinct(names: Iterable[str]) -> list[str]:
    """Each tag once, in one of its spellings, by name."""
    spelled = {fold_tag(name): name for name in names}
    return [spelled[folded] for folded in sorted(spelled)]


#: The tags of a ticket, as they were put on.
TAGS = hanging("tags", Tag.ticket_id)
_NEWEST = select(Tag.name).where(newest()).order_by(Tag.id)


def _proposed(page: Loaded[Any]) -> list[str]:
    """The same for everybody until one more tag is put on."""
    stamp = ("tags", page.flags["proposed"])
    found: list[str] = page.keep(stamp, lambda: distinct(row.name for row in page.ask(_NEWEST)))
    return found


#: Those that any ticket got lately.
PROPOSED: Part[list[str]] = Part("proposed", "SELECT max(id) FROM paidsupport_tag", _proposed)
