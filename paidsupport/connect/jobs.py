"""What workers tell other programs."""

from __future__ import annotations

from paidsupport.desk.deliveries import Receiver
from paidsupport.integrations import dispatch, webhooks
from paidsupport.jobs import Worker
from paidsupport.kernel.jobs import PAUSE, Job, Thread


def _receiver(worker: Worker) -> Receiver:
    return worker.kept("receiver", lambda: webhooks.receiver_of(worker.house.settings))


def _has_webhook(worker: Worker) -> bool:
    return not isinstance(_receiver(worker), webhooks.NoReceiver)


def _tell(worker: Worker) -> bool:
    return dispatch.send_next(worker.database, _receiver(worker), worker.clock, worker.house.files)


def _tell_nobody(worker: Worker) -> None:
    """What an earlier webhook has left comes to an end."""
    while not _has_webhook(worker) and _tell(worker):
        pass


def _take_back_lost(worker: Worker) -> None:
    dispatch.take_back_lost(worker.database, worker.clock())


JOBS = (
    Job("take back lost deliveries", _take_back_lost),
    Job("tell the webhook", _tell, PAUSE, Thread.GOES_OUT, _has_webhook),
    Job("end what the webhook was to hear", _tell_nobody),
)
