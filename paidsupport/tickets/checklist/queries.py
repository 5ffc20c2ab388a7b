"""Queries for the items of a checklist and for the log of work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from paidsupport.kernel.db.prepared import fetch
from paidsupport.kernel.errors import existing
from paidsupport.tickets.checklist.rules import ItemState
from paidsupport.tickets.checklist.tables import Entry, Item
from paidsupport.tickets.checklist.wording import in_languages
from paidsupport.tickets.tables import Ticket

# ticking is one click and must feel like one: the statement is built once and reads only what it compares
_ITEM = (
    select(Item)
    .where(Item.ticket_id == bindparam("ticket_id"), Item.name == bindparam("name"))
    .execution_options(populate_existing=True)
)
_LINE = (
    select(Item)
    .join(Ticket, Ticket.id == Item.ticket_id)
    .where(Ticket.code == bindparam("code"), Item.name == bindparam("name"))
)
_OPENED = (
    select(Item.name, Item.state, Item.gates, Item.phase, Item.text, Item.translations)
    .where(Item.ticket_id == bindparam("ticket_id"), Item.state == ItemState.OPEN)
    .order_by(Item.position)
)


def items(session: Session, ticket: Ticket) -> list[Item]:
    """The items of a ticket as they are now, in order."""
    wanted = select(Item).where(Item.ticket_id == ticket.id).order_by(Item.position, Item.id)
    found = session.scalars(wanted, execution_options={"populate_existing": True})
    return [in_languages(each) for each in found]


def item(session: Session, ticket: Ticket, name: str) -> Item:
    """The item called `name` as it is now. Raises NotFoundError."""
    return in_languages(existing(session.scalar(_ITEM, {"ticket_id": ticket.id, "name": name})))


def line(session: Session, code: str, name: str) -> Item:
    """Like `item`, for a page that reads nothing else of the ticket."""
    return in_languages(existing(session.scalar(_LINE, {"code": code, "name": name})))


def open_lines(session: Session, ticket: Ticket) -> Sequence[Row[Any]]:
    """The columns to compare of the items that are open."""
    return fetch(session.connection(), _OPENED, {"ticket_id": ticket.id})


def entries(session: Session, ticket: Ticket) -> list[Entry]:
    """All entries of a ticket's log of work, oldest first."""
    wanted = select(Entry).where(Entry.ticket_id == ticket.id).order_by(Entry.started_at, Entry.id)
    return list(session.scalars(wanted))


def running_entry(session: Session, ticket: Ticket, person_id: int | None) -> Entry | None:
    """This person's entry whose clock is still running."""
    running = Entry.person_id == person_id, Entry.ended_at.is_(None)
    return session.scalar(select(Entry).where(Entry.ticket_id == ticket.id, *running))
