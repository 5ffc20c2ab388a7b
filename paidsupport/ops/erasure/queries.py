"""Which rows are about the customer of a ticket, and what is still there of one who was erased (P13)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, and_, select, true
from sqlalchemy.orm import Session

from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.emptying import is_full
from paidsupport.tickets.tables import Ticket

#: Columns that say when a row was written, where rows can still be added after an erasure.
_MOMENTS = ("at", "created_at", "received_at")
_TICKETS = metadata.tables[Ticket.__tablename__]


@cache
def tables() -> tuple[Table, ...]:
    """Every table whose rows name a ticket and hold something personal of its customer."""
    named = (table for table in metadata.sorted_tables if "ticket_id" in table.columns)
    return tuple(table for table in named if marks.erased_columns(table))


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


def is_older(table: Table, than: Any) -> ColumnElement[bool]:  # noqa: ANN401  # a moment or a column
    """Whether a row was there before an erasure; what it writes itself is as old as it is."""
    return and_(true(), *(moment.is_(None) | (moment < than) for moment in _moments(table)))


def _moments(table: Table) -> list[Column[Any]]:
    return [table.c[name] for name in _MOMENTS if name in table.columns]
