"""Sending what waits for the webhook, at least once each, with growing pauses, and not for ever (T7, P12)."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from paidsupport.connect.webhooks import queries
from paidsupport.connect.webhooks.operations import Receiver
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.outbox.operations import End, Ended, Outbox, Taken
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Step

log = logging.getLogger("paidsupport.webhook")


@dataclass(frozen=True, slots=True)
class _Taken(Taken):
    delivery: Delivery


class Deliveries(Outbox[_Taken, Receiver]):
    """What the webhook is told. What may have got through is sent again: the receiver knows it by its id."""

    job = _("tell the webhook")
    table = queries.OUTBOX
    rows = queries.LEAVING
    locked = (Delivery,)
    unclear = End.AGAIN

    def take(self, ctx: Context, delivery: Delivery) -> _Taken | None:
        """Nothing stands against it."""
        attempts = self.mark(ctx, {delivery.id: delivery.attempts})
        return _Taken(attempts, delivery) if attempts else None

    def hand_over(self, taken: _Taken) -> None:
        """Post it, and write that into the journal."""
        name = taken.delivery.reference
        self.to.post(name, taken.delivery.body.encode(), self.clock())
        departures.log_end(self.services.files, [departures.of_delivery(name)], Step.LEFT, self.clock())

    def note(self, ctx: Context, id_: int, attempt: int, ended: Ended) -> None:
        """And log what did not get through."""
        sent = {"state": "delivered", "delivered_at": ctx.now} if ended.end is End.SENT else {}
        ours = self.end(ctx, id_, attempt, ended, problem=ended.problem, **sent)
        if ours and not sent:
            _log(ctx.session.get_one(Delivery, id_), ended)


def _log(delivery: Delivery, ended: Ended) -> None:
    named = delivery.event, delivery.reference, ended.problem
    if ended.end is End.AGAIN:
        log.warning("%s %s is tried again later: %s", *named)
    else:
        log.error("%s %s was given up: %s", *named)
