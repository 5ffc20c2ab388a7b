"""Telling another program of the site's own what has happened: written down here, sent by a worker (T7, P12).

Any operation can tell; in the same transaction as the operation, so that nothing is told that did not happen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import update

from paidsupport.connect.webhooks import queries
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.issues.queries.sight import NOBODY, without_hidden
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import ConfigurationError, NotFoundError
from paidsupport.kernel.mail.transports import NotSentError
from paidsupport.tickets.hooks import ANNOUNCED
from paidsupport.tickets.tables import Ticket


class NotDeliveredError(NotSentError):
    """The receiver has not said that it has it; the text says why, without the receiver's address."""

    def __init__(self, why: str) -> None:
        super().__init__(why, permanent=False)


class Receiver(Protocol):
    """Where deliveries go."""

    def post(self, reference: str, body: bytes, at: datetime) -> None:
        """Hand one over. Raises NotDeliveredError."""


def tell(ctx: Context, ticket: Ticket, event: str, facts: Mapping[str, object]) -> Delivery | None:
    """Queue `event` about `ticket` for the site's webhook; nothing is queued where there is none.

    `facts` are JSON and go out as they are, beside what is always said: nothing personal of a customer
    belongs into them.
    """
    if event not in ctx.events.announced:
        raise ConfigurationError(f"No capability declares the webhook event “{event}”.")
    settings = ctx.services.settings
    if not settings.webhook_url:
        return None
    reference = new_reference()
    said = {
        **facts,
        "id": reference,
        "event": event,
        "at": ctx.now.isoformat(timespec="seconds"),
        "ticket": ticket.code,
        "workflow": ticket.workflow,
        "state": ticket.state,
        "link": f"{settings.base_url}{settings.url_prefix}/desk/tickets/{ticket.code}",
    }
    delivery = Delivery(
        reference=reference,
        ticket_id=ticket.id,
        event=event,
        body=json.dumps(without_hidden(ctx.session, NOBODY, said), ensure_ascii=False),
        state="queued",
        created_at=ctx.now,
        due_at=ctx.now,
    )
    ctx.session.add(delivery)
    return delivery


def _tell_each(ctx: Context, event: str, lines: Sequence[tuple[Ticket, Mapping[str, object]]]) -> None:
    for ticket, facts in lines:
        tell(ctx, ticket, event, facts)


SUBSCRIPTIONS = (ANNOUNCED.by(_tell_each),)


def again(ctx: Context, reference: str) -> None:
    """Let a delivery that was given up be tried from the beginning. Raises NotFoundError.

    Asked twice it is done once.
    """
    if not queries.is_known(ctx.session, reference):
        raise NotFoundError
    given_up = (Delivery.reference == reference, Delivery.state == "failed")
    fresh = {"state": "queued", "attempts": 0, "due_at": ctx.now, "problem": ""}
    changed(ctx.session, update(Delivery).where(*given_up).values(**fresh))
