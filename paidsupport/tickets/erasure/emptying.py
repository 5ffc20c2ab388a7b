"""Emptying rows of what is personal in them, as the marks on their columns say (P13)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, update

from paidsupport.kernel.context import Context
from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import PREFIX, metadata
from paidsupport.kernel.db.marks import Special, Whose
from paidsupport.kernel.db.statements import changed
from paidsupport.tickets.erasure import queries
from paidsupport.tickets.erasure.queries import is_full, is_older, tables, values
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.tables import Ticket

_TICKETS = metadata.tables[Ticket.__tablename__]


def empty_ticket(ctx: Context, ticket: Ticket) -> Counter[str]:
    """Empty all rows of a ticket that is being erased; returns how many, by table."""
    return Counter({_short(table): empty(ctx, table, table.c.ticket_id == ticket.id) for table in tables()})


def empty_again(ctx: Context, ticket: Ticket, erased_at: datetime) -> Counter[str]:
    """Empty whatever an erased ticket still holds, or holds again; returns how many rows, by table."""
    counts: Counter[str] = Counter()
    for table in tables():
        which = (table.c.ticket_id == ticket.id, is_older(table, erased_at), is_full(table))
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
        for id_, kind, data in queries.facts(ctx.session, column, *which):
            cut = ctx.events.cut(TICKET, kind, data)
            ctx.session.execute(update(table).where(table.c.id == id_).values({column.name: cut}))
    written = values(table, whose)
    return changed(ctx.session, update(table).where(*which).values(written)) if written else 0


def drop_contents(ctx: Context, ticket: Ticket) -> None:
    """Drop what lies in the store of files: contents, and the keys of secrets."""
    for key in queries.contents(ctx.session, ticket):
        ctx.services.files.drop(key)


def _short(table: Table) -> str:
    return table.name.removeprefix(PREFIX)
