"""Tags of tickets."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags.tables import Tag


def tags(session: Session, ticket: Ticket) -> dict[str, Tag]:
    """The tags of a ticket by their folded name, in the order they were added."""
    rows = session.scalars(select(Tag).where(Tag.ticket_id == ticket.id).order_by(Tag.id))
    return {row.folded: row for row in rows}
