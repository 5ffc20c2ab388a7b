"""Work on the customer's server: the checklist of a ticket, and the log of work (G12, G18)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    case,
)
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, StaffName, Structure, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import CATALOGUE, GONE, STAFF, Mark, personal, plain
from paidsupport.kernel.db.parts import hanging
from paidsupport.tickets.checklist.rules import EXTRA


def _extra(gone: str, column: str) -> dict[str, Mark]:
    """Mark a column whose text is kept for template items, which is public, but erased for extra work."""

    def becomes(table: Table) -> ColumnElement[str]:
        return case((table.c.name.startswith(EXTRA), gone), else_=table.c[column])

    return personal(STAFF, becomes=becomes)


_ANSWERS = personal(STAFF, becomes=[])


class Item(Base):
    """One item of a ticket's checklist: a copy of its template, and what has become of it.

    `version` grows with every change of this item, so people who tick different items never conflict, and
    two who tick the same one do.
    """

    __tablename__ = "paidsupport_item"
    __table_args__ = (
        UniqueConstraint("ticket_id", "name"),
        CheckConstraint("state IN ('open', 'done', 'skipped', 'refused')", name="state"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    name: Mapped[Word]
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text, info=_extra(GONE, "text"))
    reason: Mapped[str] = mapped_column(Text, info=_extra("", "reason"))
    #: Its sentence in the closing report once it is done; if empty, the report leaves it out.
    told: Mapped[str] = mapped_column(Text, default="", info=_extra("", "told"))
    phase: Mapped[Word]
    gates: Mapped[list[str]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    consent: Mapped[bool]
    skippable: Mapped[bool]
    guide: Mapped[Word]
    #: Its texts in other languages, copied from its template.
    translations: Mapped[dict[str, Any]] = mapped_column(
        Structure, default=dict, server_default="{}", info=plain(CATALOGUE, STAFF)
    )

    #: `refused`: the customer has declined what it needs, and it stays undone (G14).
    state: Mapped[Word] = mapped_column(default="open")
    version: Mapped[int] = mapped_column(default=1)
    #: What was entered as evidence: name, label, kind, value.
    answers: Mapped[list[dict[str, Any]]] = mapped_column(Structure, default=list, info=_ANSWERS)
    #: Why it was skipped.
    because: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    by_name: Mapped[StaffName] = mapped_column(default="")
    at: Mapped[Maybe]


class Entry(Base):
    """One stretch of work on a machine; without `ended_at`, its clock is running."""

    __tablename__ = "paidsupport_entry"
    __table_args__ = (
        Index(None, "ticket_id", "id"),
        # at most one running clock for each person and ticket
        partial_index(
            "uq_paidsupport_entry_running", "ticket_id", "person_id", unique=True, where="ended_at IS NULL"
        ),
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="order"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    person_name: Mapped[StaffName]
    machine: Mapped[Name] = mapped_column(info=personal(STAFF))
    what: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    started_at: Mapped[Moment]
    ended_at: Mapped[Maybe]


#: The log of a ticket; its checklist is in `wording`.
ENTRIES = hanging("entries", Entry.ticket_id, order=(Entry.started_at, Entry.id))
