"""What a customer confirms before the work: on the order form, or in answer to a first contact (G1, G17)."""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.kernel.context import Context
from paidsupport.tickets.catalogue.tables import Requirement
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Event, Ticket

#: The first event of a ticket that the desk has opened for a customer who saw no order form.
REQUESTED = "requested"


def outstanding(ctx: Context, ticket: Ticket) -> list[str]:
    """What the customer of a request that the desk has opened is still to confirm."""
    if ticket.requirements:
        return []
    began = select(Event.kind).where(Event.ticket_id == ticket.id, Event.number == 1)
    if ctx.session.scalar(began) != REQUESTED:
        return []
    wanted = select(Requirement.text).where(Requirement.service_id == ticket.service_id)
    return list(ctx.session.scalars(wanted.order_by(Requirement.position)))


def confirmed(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """The columns to write when the work is agreed: it covers what an email of ours asked to confirm."""
    texts = outstanding(ctx, ticket)
    if not texts:
        return {}
    emails = select(Email.body).where(
        Email.ticket_id == ticket.id, Email.contact.is_not(None), Email.state == EmailState.SENT
    )
    asked = _flat(" ".join(ctx.session.scalars(emails)))
    covered = [text for text in texts if _flat(text) in asked]
    return {"requirements": covered} if covered else {}


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()
