"""Secrets of tickets."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.tables import Secret

_BY_AGE = select(Secret).order_by(Secret.id).execution_options(populate_existing=True)


def secrets(session: Session, ticket: Ticket) -> list[Secret]:
    """All that the customer of a ticket ever gave us, as it is now, oldest first."""
    return list(session.scalars(_BY_AGE.where(Secret.ticket_id == ticket.id)))
