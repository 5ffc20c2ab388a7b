"""Sending what waits for the webhook, at least once each, with growing pauses, and not for ever (T7, P12)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from paidsupport.connect.webhooks.operations import NotDeliveredError, Receiver
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import StorageFullError
from paidsupport.kernel.files import FileStore
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Step

log = logging.getLogger("paidsupport.webhook")

#: Waiting times between attempts; after the last one it is given up.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
#: A delivery that is under way for longer than all time-outs together has lost its worker.
LOST_AFTER = timedelta(minutes=5)

Clock = Callable[[], datetime]


def send_next(database: Database, receiver: Receiver, clock: Clock, files: FileStore | None = None) -> bool:
    """Send the delivery that is due longest; returns whether there was one.

    Taking it, sending it and noting how it ended are three steps with a commit between them: nothing is
    locked while the receiver thinks. After a crash it is sent again: the receiver knows it by its id.
    What was delivered goes into the journal of `files`, for a restore.
    """
    delivery = _take(database, clock())
    if delivery is None:
        return False
    try:
        receiver.post(delivery.reference, delivery.body.encode(), clock())
    except NotDeliveredError as error:
        _put_back(database, delivery, clock(), str(error))
    except Exception as error:  # noqa: BLE001  # whatever it was, this one waits and no other does
        _put_back(database, delivery, clock(), f"It could not be sent: {type(error).__name__}.")
    else:
        _journal(files, delivery, clock())
        _note(database, delivery, state="delivered", delivered_at=clock(), problem="")
    return True


def _journal(files: FileStore | None, delivery: Delivery, now: datetime) -> None:
    """Without a line in the journal it is held after a restore, until a person decides."""
    if files is not None:
        with suppress(StorageFullError):
            departures.log(files, [departures.of_delivery(delivery.reference)], Step.LEFT, now, {})


def take_back_lost(database: Database, now: datetime) -> int:
    """Queue again what a worker was sending when it died; returns how many."""
    lost = (Delivery.state == "sending", Delivery.taken_at < now - LOST_AFTER)
    with database.reading() as session:
        if session.scalar(select(Delivery.id).where(*lost).limit(1)) is None:
            return 0
    with database.writing() as session:
        why = "The program stopped while it was being sent."
        return changed(session, update(Delivery).where(*lost).values(state="queued", due_at=now, problem=why))


def _take(database: Database, now: datetime) -> Delivery | None:
    """One due delivery, marked as being sent by a conditional update that one worker wins."""
    due = select(Delivery).where(Delivery.state == "queued", Delivery.due_at <= now)
    due = due.order_by(Delivery.due_at, Delivery.id).limit(1)
    with database.reading() as session:
        if session.scalar(due) is None:
            return None
    with database.writing() as session:
        delivery = session.scalar(due.with_for_update(skip_locked=True))
        if delivery is None:
            return None
        delivery.state, delivery.taken_at, delivery.attempts = "sending", now, delivery.attempts + 1
        session.flush()
        return delivery


def _put_back(database: Database, delivery: Delivery, now: datetime, problem: str) -> None:
    if delivery.attempts <= len(BACK_OFF):
        due = now + BACK_OFF[delivery.attempts - 1]
        log.warning("%s %s is tried again later: %s", delivery.event, delivery.reference, problem)
        _note(database, delivery, state="queued", due_at=due, problem=problem)
        return
    log.error("%s %s was given up: %s", delivery.event, delivery.reference, problem)
    _note(database, delivery, state="failed", problem=problem)


def _note(database: Database, delivery: Delivery, **values: Any) -> None:  # noqa: ANN401  # columns
    """Write down how an attempt ended, if it is still this worker's and nobody has begun another."""
    mine = (
        Delivery.id == delivery.id,
        Delivery.state == "sending",
        Delivery.attempts == delivery.attempts,
    )
    with database.writing() as session:
        changed(session, update(Delivery).where(*mine).values(**values))
