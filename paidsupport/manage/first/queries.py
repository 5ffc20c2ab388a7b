"""What a desk has already of that which the set-up asks for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.tickets.tables import Ticket


def has_tickets(session: Session) -> bool:
    """Whether anything was ever ordered or asked."""
    return session.scalar(select(Ticket.id).limit(1)) is not None
