"""Queries for the items of a checklist and for the log of work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from paidsupport.catalogue.tables import Service, ServiceVersion
from paidsupport.kernel.db.parts import Loaded, Part
from paidsupport.kernel.db.prepared import fetch, fetch_one
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
_OFFERED = (
    select(
        ServiceVersion.id, ServiceVersion.number, ServiceVersion.word, ServiceVersion.checklist, Service.slug
    )
    .join(Service, Service.id == ServiceVersion.service_id)
    .where(ServiceVersion.id == bindparam("offered"))
)
_NEWEST_OFFER = (
    select(func.max(ServiceVersion.id).label("id"))
    .join(Ticket, Ticket.service_id == ServiceVersion.service_id)
    .where(Ticket.id == bindparam("ticket_id"), ServiceVersion.offers_checklist)
    .where(ServiceVersion.id > func.coalesce(Ticket.checklist_version_id, Ticket.service_version_id))
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


def offered(session: Session, ticket: Ticket) -> Row[Any] | None:
    """The newest version whose checklist is offered to a ticket that is under an earlier one, if any."""
    session.flush()
    found = fetch_one(session.connection(), _NEWEST_OFFER, {"ticket_id": ticket.id})
    return fetch_one(session.connection(), _OFFERED, {"offered": found.id}) if found and found.id else None


def _read_offer(page: Loaded[Any]) -> Row[Any] | None:
    rows = page.ask(_OFFERED, offered=page.flags["offer"])
    return rows[0] if rows else None


#: The same for a page, whose own statement asks whether there is one: few tickets have it.
OFFER: Part[Row[Any] | None] = Part(
    "offer",
    "SELECT max(v.id) FROM paidsupport_service_version v WHERE v.service_id = paidsupport_ticket.service_id"
    " AND v.offers_checklist AND v.id > coalesce(checklist_version_id, service_version_id)",
    _read_offer,
    none=lambda: None,
)
