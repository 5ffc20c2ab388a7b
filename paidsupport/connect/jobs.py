"""What workers tell other programs."""

from __future__ import annotations

from functools import lru_cache

from paidsupport.connect.webhooks import receiver as webhooks
from paidsupport.connect.webhooks.operations import Receiver
from paidsupport.connect.webhooks.sending import Deliveries
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import PAUSE, Job, Thread
from paidsupport.kernel.worker import Worker


def _receiver(worker: Worker) -> Receiver:
    # managers may change it while the worker runs
    receiver_of = worker.kept("receivers", lambda: lru_cache(1)(webhooks.receiver_of))
    return receiver_of(worker.services.settings)


def _has_webhook(worker: Worker) -> bool:
    return not isinstance(_receiver(worker), webhooks.NoReceiver)


def _send_next(worker: Worker) -> bool:
    return _has_webhook(worker) and _deliveries(worker).send_next()


def _deliveries(worker: Worker) -> Deliveries:
    return Deliveries(worker.services, worker.database, _receiver(worker), worker.clock)


def _tell_nobody(worker: Worker) -> None:
    """What an earlier webhook has left comes to an end."""
    if not _has_webhook(worker):
        _deliveries(worker).send_all()


JOBS = (
    Job(_("take back lost deliveries"), lambda worker: _deliveries(worker).give_up_lost()),
    Job(Deliveries.job, _send_next, PAUSE, Thread.GOES_OUT),
    Job(_("end what the webhook was to hear"), _tell_nobody),
)
