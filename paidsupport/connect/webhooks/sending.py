"""Sending what waits for the webhook, at least once each, with growing pauses, and not for ever (T7, P12)."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass

from paidsupport.connect.webhooks import queries
from paidsupport.connect.webhooks.operations import Receiver
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.errors import StorageFullError
from paidsupport.kernel.outbox.operations import Clock, End, Ended, Outbox, Taken
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Step

log = logging.getLogger("paidsupport.webhook")

_STATES = {End.SENT: "delivered", End.AGAIN: "queued", End.FAILED: "failed"}


@dataclass(frozen=True, slots=True)
class _Taken(Taken):
    delivery: Delivery


class Deliveries(Outbox[_Taken]):
    """What the webhook is told. What may have got through is sent again: the receiver knows it by its id."""

    job = "tell the webhook"
    columns = queries.OUTBOX
    rows = queries.LEAVING
    locked = (Delivery,)
    unclear = End.AGAIN

    def __init__(self, services: Services, database: Database, receiver: Receiver, clock: Clock) -> None:
        super().__init__(services, database, clock)
        self.receiver = receiver

    def take(self, ctx: Context, delivery: Delivery) -> _Taken | None:
        """Nothing stands against it."""
        attempts = self.mark(ctx, {delivery.id: delivery.attempts})
        return _Taken(attempts, delivery) if attempts else None

    def hand_over(self, taken: _Taken) -> None:
        """Post it, and write that into the journal: else it is held after a restore, for a person."""
        name = taken.delivery.reference
        self.receiver.post(name, taken.delivery.body.encode(), self.clock())
        with suppress(StorageFullError):
            files = self.services.files
            departures.log(files, [departures.of_delivery(name)], Step.LEFT, self.clock(), {})

    def note(self, ctx: Context, id_: int, attempt: int, ended: Ended) -> None:
        """And log what did not get through."""
        values: dict[str, object] = {"state": _STATES[ended.end], "problem": ended.problem}
        if ended.end is End.SENT:
            values["delivered_at"] = ctx.now
        if ended.end is End.AGAIN:
            values["due_at"] = ended.due_at
        if self.end(ctx, id_, attempt, **values) and ended.end is not End.SENT:
            _log(ctx, id_, ended)


def _log(ctx: Context, id_: int, ended: Ended) -> None:
    delivery = ctx.session.get_one(Delivery, id_)
    level, what = (
        (logging.WARNING, "is tried again later")
        if ended.end is End.AGAIN
        else (logging.ERROR, "was given up")
    )
    log.log(level, "%s %s %s: %s", delivery.event, delivery.reference, what, ended.problem)
