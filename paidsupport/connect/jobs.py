"""What workers tell other programs."""

from __future__ import annotations

from paidsupport.connect.webhooks import receiver as webhooks
from paidsupport.connect.webhooks.operations import Receiver
from paidsupport.connect.webhooks.sending import Deliveries
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import PAUSE, Job, Thread
from paidsupport.kernel.worker import Worker


def _receiver(worker: Worker) -> Receiver:
    return worker.kept("receiver", lambda: webhooks.receiver_of(worker.services.settings))


def _has_webhook(worker: Worker) -> bool:
    return not isinstance(_receiver(worker), webhooks.NoReceiver)


def _deliveries(worker: Worker) -> Deliveries:
    return Deliveries(worker.services, worker.database, _receiver(worker), worker.clock)


def _tell_nobody(worker: Worker) -> None:
    """What an earlier webhook has left comes to an end."""
    if not _has_webhook(worker):
        _deliveries(worker).send_all()


JOBS = (
    Job(_("take back lost deliveries"), lambda worker: _deliveries(worker).give_up_lost()),
    Job(Deliveries.job, lambda worker: _deliveries(worker).send_next(), PAUSE, Thread.GOES_OUT, _has_webhook),
    Job(_("end what the webhook was to hear"), _tell_nobody),
)
