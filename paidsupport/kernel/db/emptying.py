"""Emptying rows of what is personal in them, as the marks on their columns say (P13).

Nothing here names a column: `paidsupport.kernel.db.marks` knows what each of them becomes.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Text, cast, delete, false, or_, select, true, update
from sqlalchemy.types import JSON

from paidsupport.kernel.context import Context
from paidsupport.kernel.db import marks
from paidsupport.kernel.db.marks import Special, Whose
from paidsupport.kernel.db.statements import changed


def values(table: Table, whose: Whose = Whose.CUSTOMER) -> dict[str, object]:
    """What an erasure writes into a row, by column; without what is done in another way."""
    return {
        column.name: becomes(table) if callable(becomes) else becomes
        for column, becomes in marks.erased_columns(table, whose).items()
        if not isinstance(becomes, Special)
    }


def empty(
    ctx: Context, table: Table, *which: ColumnElement[bool], whose: Whose = Whose.CUSTOMER, history: str = ""
) -> int:
    """Empty rows of one table, or delete them where that is what they become; returns how many.

    Args:
        ctx: Whose desk.
        table: Which table.
        which: Which rows.
        whose: What about whom is taken out.
        history: Whose history the rows are, if they are lines of one.
    """
    becomes = marks.erased_columns(table, whose)
    if Special.ROW_DELETED in becomes.values():
        return changed(ctx.session, delete(table).where(*which))
    for column in (column for column, special in becomes.items() if special is Special.FACTS_KEPT):
        for row in ctx.session.execute(select(table.c.id, table.c.kind, column).where(*which)).all():
            cut = ctx.events.cut(history, row[1], row[2])
            ctx.session.execute(update(table).where(table.c.id == row[0]).values({column.name: cut}))
    written = values(table, whose)
    return changed(ctx.session, update(table).where(*which).values(written)) if written else 0


def is_full(table: Table) -> ColumnElement[bool]:
    """Whether a row holds something that an erasure takes away."""
    if Special.ROW_DELETED in marks.erased_columns(table).values():
        return true()
    return or_(false(), *(_differs(table.c[name], value) for name, value in values(table).items()))


def _differs(column: Column[Any], value: object) -> ColumnElement[bool]:
    if isinstance(column.type, JSON):
        return cast(column, Text) != json.dumps(value)
    return column.is_distinct_from(value)
