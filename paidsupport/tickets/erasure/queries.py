"""What of rows is personal, as the marks on their columns say, and what is still there of it (P13).

Nothing here names a column: `paidsupport.kernel.db.marks` knows what each of them becomes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, Table, Text, and_, cast, false, or_, select, true
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON

from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.marks import Special, Whose
from paidsupport.tickets.tables import Ticket

#: Columns that say when a row was written, where rows can still be added after an erasure.
_MOMENTS = ("at", "created_at", "received_at")
_TICKETS = metadata.tables[Ticket.__tablename__]


@cache
def tables() -> tuple[Table, ...]:
    """Every table whose rows name a ticket and hold something personal of its customer."""
    named = (table for table in metadata.sorted_tables if "ticket_id" in table.columns)
    return tuple(table for table in named if marks.erased_columns(table))


def values(table: Table, whose: Whose = Whose.CUSTOMER) -> dict[str, object]:
    """What an erasure writes into a row, by column; without what is done in another way."""
    return {
        column.name: becomes(table) if callable(becomes) else becomes
        for column, becomes in marks.erased_columns(table, whose).items()
        if not isinstance(becomes, Special)
    }


def is_full(table: Table) -> ColumnElement[bool]:
    """Whether a row holds something that an erasure takes away."""
    if Special.ROW_DELETED in marks.erased_columns(table).values():
        return true()
    return or_(false(), *(_differs(table.c[name], value) for name, value in values(table).items()))


def left(table: Table) -> Select[Any]:
    """The codes of erased tickets with a row that still holds something: one for each row."""
    wanted = select(Ticket.code).where(Ticket.erased_at.is_not(None), is_full(table))
    if table is _TICKETS:
        return wanted
    return wanted.join(table, table.c.ticket_id == Ticket.id).where(is_older(table, Ticket.erased_at))


def contents_left(column: Column[Any]) -> Select[Any]:
    """The names of contents in the store that should be gone, with the codes of their tickets."""
    table = column.table
    wanted = select(column, Ticket.code).join(Ticket, Ticket.id == table.c.ticket_id)
    older = and_(true(), *(moment <= Ticket.erased_at for moment in _moments(table)))
    return wanted.where(Ticket.erased_at.is_not(None), older, column.is_not(None))


def stored() -> Iterator[Column[Any]]:
    """The columns that name a content in the store of files, in tables whose rows name a ticket."""
    for table in tables():
        yield from (column for column in table.columns if marks.is_stored(column))


def contents(session: Session, ticket: Ticket) -> Iterator[str]:
    """What the rows of a ticket name in the store of files."""
    for column in stored():
        named = select(column).where(column.table.c.ticket_id == ticket.id, column.is_not(None))
        yield from session.scalars(named).all()


def facts(session: Session, column: Column[Any], *which: ColumnElement[bool]) -> Sequence[Row[int, str, Any]]:
    """The data of lines of histories, each with the id and kind of its line."""
    lines = column.table.c
    return session.execute(select(lines.id, lines.kind, column).where(*which)).all()


def _differs(column: Column[Any], value: object) -> ColumnElement[bool]:
    if isinstance(column.type, JSON):
        return cast(column, Text) != json.dumps(value)
    return column.is_distinct_from(value)


def is_older(table: Table, than: Any) -> ColumnElement[bool]:  # noqa: ANN401  # a moment or a column
    """Whether a row was there before an erasure; what it writes itself is as old as it is."""
    return and_(true(), *(moment.is_(None) | (moment < than) for moment in _moments(table)))


def _moments(table: Table) -> list[Column[Any]]:
    return [table.c[name] for name in _MOMENTS if name in table.columns]
