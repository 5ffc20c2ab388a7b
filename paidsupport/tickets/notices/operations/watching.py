"""Watching a ticket that is a colleague's (P7).

Watching leaves no trace in the history and changes nothing about the ticket.
"""

from __future__ import annotations

from sqlalchemy import delete

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.notices.queries import watchers
from paidsupport.tickets.notices.tables import Watcher


def watch(ctx: Context, code: str) -> None:
    """Notify this person of what happens to a ticket, until they stop watching. Raises NotFoundError."""
    ticket = tickets.lock(ctx.session, code)
    if ctx.by.id is None:
        raise NotFoundError
    if ctx.by.id not in watchers(ctx.session, {ticket.id})[ticket.id]:
        ctx.session.add(
            Watcher(ticket_id=ticket.id, person_id=ctx.by.id, person_name=ctx.by.name, at=ctx.now)
        )


def unwatch(ctx: Context, code: str) -> None:
    """Stop watching a ticket. Raises NotFoundError."""
    ticket = tickets.lock(ctx.session, code)
    mine = delete(Watcher).where(Watcher.ticket_id == ticket.id, Watcher.person_id == ctx.by.id)
    ctx.session.execute(mine.execution_options(synchronize_session=False))
