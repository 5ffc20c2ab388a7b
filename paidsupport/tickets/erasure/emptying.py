"""Emptying rows of what is personal in them, as the marks on their columns say (P13).

Nothing here names a column: `paidsupport.kernel.db.marks` knows what each of them becomes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    cast,
    delete,
    false,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.types import JSON

from paidsupport.kernel.context import Context
from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import PREFIX, metadata
from paidsupport.kernel.db.marks import Special, Whose
from paidsupport.kernel.db.statements import changed
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.tables import Ticket

#: Columns that say when a row was written, where rows can still be added after an erasure.
_MOMENTS = ("at", "created_at", "received_at")


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


def empty_ticket(ctx: Context, ticket: Ticket) -> Counter[str]:
    """Empty all rows of a ticket that is being erased; returns how many, by table."""
    return Counter({_short(table): empty(ctx, table, table.c.ticket_id == ticket.id) for table in tables()})


def empty_again(ctx: Context, ticket: Ticket, erased_at: datetime) -> Counter[str]:
    """Empty whatever an erased ticket still holds, or holds again; returns how many rows, by table."""
    counts: Counter[str] = Counter()
    for table in tables():
        which = (table.c.ticket_id == ticket.id, _is_older(table, erased_at), is_full(table))
        counts[_short(table)] = empty(ctx, table, *which)
    own = _TICKETS.c.id == ticket.id
    counts["ticket"] = changed(
        ctx.session, update(_TICKETS).where(own, is_full(_TICKETS)).values(values(_TICKETS))
    )
    return counts


def empty(ctx: Context, table: Table, *which: ColumnElement[bool], whose: Whose = Whose.CUSTOMER) -> int:
    """Empty rows of one table, or delete them where that is what they become; returns how many."""
    becomes = marks.erased_columns(table, whose)
    if Special.ROW_DELETED in becomes.values():
        return changed(ctx.session, delete(table).where(*which))
    for column in (column for column, special in becomes.items() if special is Special.FACTS_KEPT):
        for row in ctx.session.execute(select(table.c.id, table.c.kind, column).where(*which)).all():
            cut = ctx.events.cut(TICKET, row[1], row[2])
            ctx.session.execute(update(table).where(table.c.id == row[0]).values({column.name: cut}))
    written = values(table, whose)
    return changed(ctx.session, update(table).where(*which).values(written)) if written else 0


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
    return wanted.join(table, table.c.ticket_id == Ticket.id).where(_is_older(table, Ticket.erased_at))


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


def drop_contents(ctx: Context, ticket: Ticket) -> None:
    """Drop what lies in the store of files: contents, and the keys of secrets."""
    for column in stored():
        named = select(column).where(column.table.c.ticket_id == ticket.id, column.is_not(None))
        for key in ctx.session.scalars(named).all():
            ctx.services.files.drop(key)


_TICKETS = metadata.tables[Ticket.__tablename__]


def _short(table: Table) -> str:
    return table.name.removeprefix(PREFIX)


def _differs(column: Column[Any], value: object) -> ColumnElement[bool]:
    if isinstance(column.type, JSON):
        return cast(column, Text) != json.dumps(value)
    return column.is_distinct_from(value)


def _is_older(table: Table, than: Any) -> ColumnElement[bool]:  # noqa: ANN401  # a moment or a column
    """Whether a row was there before an erasure; what it writes itself is as old as it is."""
    return and_(true(), *(moment.is_(None) | (moment < than) for moment in _moments(table)))


def _moments(table: Table) -> list[Column[Any]]:
    return [table.c[name] for name in _MOMENTS if name in table.columns]
