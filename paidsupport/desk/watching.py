"""Hearing of a ticket that is somebody else's (P7).

It leaves nothing in the history and changes nothing of the ticket: who looks on disturbs nobody.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from paidsupport.desk.visit import Visit
from paidsupport.errors import NotFoundError
from paidsupport.store import tickets
from paidsupport.store.notices import Watcher


def watch(visit: Visit, code: str) -> None:
    """Let this person hear of what happens to a ticket, until they say otherwise. Raises NotFoundError."""
    ticket = tickets.lock(visit.session, code)
    if visit.by.id is None:
        raise NotFoundError
    there = select(Watcher.id).where(Watcher.ticket_id == ticket.id, Watcher.person_id == visit.by.id)
    if visit.session.scalar(there) is None:
        visit.session.add(
            Watcher(ticket_id=ticket.id, person_id=visit.by.id, person_name=visit.by.name, at=visit.now)
        )


def unwatch(visit: Visit, code: str) -> None:
    """Let them hear of it no more. Raises NotFoundError."""
    ticket = tickets.lock(visit.session, code)
    mine = delete(Watcher).where(Watcher.ticket_id == ticket.id, Watcher.person_id == visit.by.id)
    visit.session.execute(mine.execution_options(synchronize_session=False))
