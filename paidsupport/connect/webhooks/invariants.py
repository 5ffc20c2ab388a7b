"""What the doctor proves of what the webhook is told (N9)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant
from paidsupport.tickets.tables import Ticket

#: Rows read at once.
_BATCH = 2000
#: What is being sent for so long has lost its worker, and no other has come.
_STUCK = timedelta(hours=1)


@invariant("webhook requests are delivered or given up")
def deliveries_come_to_an_end(ctx: Context) -> Iterator[str]:
    """What the webhook is told goes out as what it is, and is delivered, given up, or on its way."""
    wanted = select(Delivery, Ticket.code, Ticket.erased_at)
    wanted = wanted.join(Ticket, Ticket.id == Delivery.ticket_id)
    for delivery, code, erased_at in ctx.session.execute(wanted.execution_options(yield_per=_BATCH)):
        if erased_at is None and json.loads(delivery.body).get("id") != delivery.reference:
            yield f"{code}: delivery {delivery.reference} does not have the content it should have"
        if (delivery.state == "delivered") != (delivery.delivered_at is not None):
            yield f"{code}: delivery {delivery.reference} has no known result"
        if delivery.state == "sending" and (
            delivery.taken_at is None or ctx.now - delivery.taken_at > _STUCK
        ):
            yield f"{code}: delivery {delivery.reference} is stuck, because no worker runs"
