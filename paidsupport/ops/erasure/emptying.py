"""Emptying the rows of a ticket of what is personal in them, in whatever table they are (P13)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Table, update

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import PREFIX, metadata
from paidsupport.kernel.db.emptying import empty, is_full, values
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.unsent import drafts
from paidsupport.ops.erasure import queries
from paidsupport.ops.erasure.queries import is_older, tables
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.tables import Ticket

_TICKETS = metadata.tables[Ticket.__tablename__]


def empty_ticket(ctx: Context, ticket: Ticket) -> Counter[str]:
    """Empty all rows of a ticket that is being erased; returns how many, by table."""
    own = {table: table.c.ticket_id == ticket.id for table in tables()}
    drafts.forget_about(ctx, ticket.code)
    return Counter({_short(table): empty(ctx, table, which, history=TICKET) for table, which in own.items()})


def empty_again(ctx: Context, ticket: Ticket, erased_at: datetime) -> Counter[str]:
    """Empty whatever an erased ticket still holds, or holds again; returns how many rows, by table."""
    counts = Counter({"draft": drafts.forget_about(ctx, ticket.code)})
    for table in tables():
        which = (table.c.ticket_id == ticket.id, is_older(table, erased_at), is_full(table))
        counts[_short(table)] = empty(ctx, table, *which, history=TICKET)
    own = _TICKETS.c.id == ticket.id
    counts["ticket"] = changed(
        ctx.session, update(_TICKETS).where(own, is_full(_TICKETS)).values(values(_TICKETS))
    )
    return counts


def drop_contents(ctx: Context, ticket: Ticket) -> None:
    """Drop what lies in the store of files: contents, and the keys of secrets."""
    for key in queries.contents(ctx.session, ticket):
        ctx.services.files.drop(key)


def _short(table: Table) -> str:
    return table.name.removeprefix(PREFIX)
