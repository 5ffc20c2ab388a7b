"""Telling another program of the site's own what has happened: written down here, sent by a worker (T7, P12).

Any verb can tell; in the same transaction as the deed, so that nothing is told that did not happen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import select, update

from paidsupport.desk.hooks import ANNOUNCED
from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import new_reference
from paidsupport.errors import ConfigurationError, NotFoundError, PaidSupportError
from paidsupport.store.deliveries import Delivery
from paidsupport.store.plain import changed
from paidsupport.store.sight import NOBODY, without_hidden
from paidsupport.store.tickets import Ticket


class NotDeliveredError(PaidSupportError):
    """The receiver has not said that it has it; the text says why, without the receiver's address."""


class Receiver(Protocol):
    """Where deliveries go."""

    def post(self, reference: str, body: bytes, at: datetime) -> None:
        """Hand one over. Raises NotDeliveredError."""


def tell(visit: Visit, ticket: Ticket, event: str, facts: Mapping[str, object]) -> Delivery | None:
    """Queue `event` about `ticket` for the site's webhook; nothing is queued where there is none.

    `facts` are JSON and go out as they are, beside what is always said: nothing personal of a customer
    belongs into them.
    """
    if event not in visit.events.announced:
        raise ConfigurationError(f"No capability declares that the webhook hears of “{event}”.")
    settings = visit.house.settings
    if not settings.webhook_url:
        return None
    reference = new_reference()
    said = {
        **facts,
        "id": reference,
        "event": event,
        "at": visit.now.isoformat(timespec="seconds"),
        "ticket": ticket.code,
        "workflow": ticket.workflow,
        "state": ticket.state,
        "link": f"{settings.base_url}{settings.url_prefix}/desk/tickets/{ticket.code}",
    }
    delivery = Delivery(
        reference=reference,
        ticket_id=ticket.id,
        event=event,
        body=json.dumps(without_hidden(visit.session, NOBODY, said), ensure_ascii=False),
        state="queued",
        created_at=visit.now,
        due_at=visit.now,
    )
    visit.session.add(delivery)
    return delivery


SUBSCRIPTIONS = (ANNOUNCED.by(tell),)


def failed(visit: Visit) -> Sequence[tuple[Delivery, str]]:
    """Deliveries that were given up, the newest first, each with the code of its ticket."""
    most = 50
    wanted = select(Delivery, Ticket.code).join(Ticket, Ticket.id == Delivery.ticket_id)
    rows = visit.session.execute(
        wanted.where(Delivery.state == "failed", Ticket.erased_at.is_(None))
        .order_by(Delivery.id.desc())
        .limit(most)
    )
    return [(delivery, code) for delivery, code in rows]


def again(visit: Visit, reference: str) -> None:
    """Let a delivery that was given up be tried from the beginning. Raises NotFoundError.

    Asked twice it is done once.
    """
    known = select(Delivery.id).join(Ticket, Ticket.id == Delivery.ticket_id)
    known = known.where(Delivery.reference == reference, Ticket.erased_at.is_(None))
    if visit.session.scalar(known) is None:
        raise NotFoundError
    given_up = (Delivery.reference == reference, Delivery.state == "failed")
    fresh = {"state": "queued", "attempts": 0, "due_at": visit.now, "problem": ""}
    changed(visit.session, update(Delivery).where(*given_up).values(**fresh))
