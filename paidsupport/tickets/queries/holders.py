"""Who holds a ticket."""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.tables import Ticket


def holder_name(ctx: Context, ticket: Ticket) -> str:
    """The name of whoever holds the ticket now, or nothing."""
    if ticket.owner_id is None or ticket.part != Part.PENDING:
        return ""
    return ctx.session.scalar(select(Person.name).where(Person.id == ticket.owner_id)) or ""
