"""Which deliveries leave next, and which were given up."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.kernel.outbox.queries import Rows
from paidsupport.tickets.tables import Ticket

#: How deliveries are taken from their table.
OUTBOX = Rows(Delivery)
LEAVING = select(Delivery)
_OF_TICKETS = select(Delivery, Ticket.code).join(Ticket, Ticket.id == Delivery.ticket_id)
_SHOWN = _OF_TICKETS.where(Ticket.erased_at.is_(None))
#: Deliveries on one page.
_MOST = 50


def failed(session: Session) -> Sequence[tuple[Delivery, str]]:
    """Deliveries that were given up, the newest first, each with the code of its ticket."""
    wanted = _SHOWN.where(Delivery.state == "failed").order_by(Delivery.id.desc()).limit(_MOST)
    return [(delivery, code) for delivery, code in session.execute(wanted)]


def is_known(session: Session, reference: str) -> bool:
    """Whether there is a delivery of this name, about a customer who was not erased."""
    return session.execute(_SHOWN.where(Delivery.reference == reference)).first() is not None
