"""Hearing of a ticket that is somebody else's (P7).

It leaves nothing in the history and changes nothing of the ticket: who looks on disturbs nobody.
"""

from __future__ import annotations

from sqlalchemy import delete

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.notices.queries import watchers
from paidsupport.tickets.notices.tables import Watcher


def watch(ctx: Context, code: str) -> None:
    """Let this person hear of what happens to a ticket, until they say otherwise. Raises NotFoundError."""
    ticket = tickets.lock(ctx.session, code)
    if ctx.by.id is None:
        raise NotFoundError
    if ctx.by.id not in watchers(ctx.session, {ticket.id})[ticket.id]:
        ctx.session.add(
            Watcher(ticket_id=ticket.id, person_id=ctx.by.id, person_name=ctx.by.name, at=ctx.now)
        )


def unwatch(ctx: Context, code: str) -> None:
    """Let them hear of it no more. Raises NotFoundError."""
    ticket = tickets.lock(ctx.session, code)
    mine = delete(Watcher).where(Watcher.ticket_id == ticket.id, Watcher.person_id == ctx.by.id)
    ctx.session.execute(mine.execution_options(synchronize_session=False))
