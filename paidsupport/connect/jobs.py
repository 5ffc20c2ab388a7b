"""What workers tell other programs."""

from __future__ import annotations

from paidsupport.connect.webhooks import receiver as webhooks
from paidsupport.connect.webhooks import sending as dispatch
from paidsupport.connect.webhooks.operations import Receiver
from paidsupport.kernel.jobs import PAUSE, Job, Thread
from paidsupport.kernel.worker import Worker


def _receiver(worker: Worker) -> Receiver:
    return worker.kept("receiver", lambda: webhooks.receiver_of(worker.services.settings))


def _has_webhook(worker: Worker) -> bool:
    return not isinstance(_receiver(worker), webhooks.NoReceiver)


def _tell(worker: Worker) -> bool:
    return dispatch.send_next(worker.database, _receiver(worker), worker.clock, worker.services.files)


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
