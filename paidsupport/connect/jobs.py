"""What workers tell other programs, and hear from them."""

from __future__ import annotations

from functools import lru_cache

from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections import polling, queries
from paidsupport.connect.connections.tasks import Tasks
from paidsupport.connect.idempotency import operations as requests
from paidsupport.connect.log import operations as log
from paidsupport.connect.webhooks import receiver as webhooks
from paidsupport.connect.webhooks import sentences as _webhook_sentences  # noqa: F401  # for pages
from paidsupport.connect.webhooks.operations import Receiver
from paidsupport.connect.webhooks.sending import Deliveries
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import LOOK, PAUSE, Job, Thread, written
from paidsupport.kernel.worker import Worker

_HOUR = 3600.0


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


def _number(worker: Worker) -> bool:
    """Give positions to what happened, and let all connections hear of it; returns whether there is more."""
    with worker.reading() as ctx:
        anew = log.is_behind(ctx)
        ids = queries.active(ctx.session)
    more = False
    if anew:
        with worker.writing() as ctx:
            more = log.number(ctx)
    for id_ in ids:
        with worker.reading() as ctx:
            behind = connections.is_behind(ctx, id_)
        while behind:
            with worker.writing() as ctx:
                behind = connections.hear(ctx, id_)
    return more


def _tasks(worker: Worker) -> Tasks:
    return worker.kept("tasks", lambda: Tasks(worker.services, worker.database, worker.clock))


JOBS = (
    Job(_("take back lost deliveries"), lambda worker: _deliveries(worker).give_up_lost()),
    Job(Deliveries.job, _send_next, PAUSE, Thread.GOES_OUT),
    Job(_("end what the webhook was to hear"), _tell_nobody),
    Job(_("let connections hear what happened"), _number, LOOK),
    Job(Tasks.job, lambda worker: _tasks(worker).send_next(), PAUSE, Thread.GOES_OUT),
    Job(_("take back lost requests to other programs"), lambda worker: _tasks(worker).give_up_lost()),
    Job(polling.JOB, polling.poll_next, LOOK, Thread.COMES_IN),
    written(_("forget what programs have asked for"), requests.forget, _HOUR),
    written(_("forget what other programs were asked long ago"), connections.forget, _HOUR),
    written(_("forget what happened long ago"), log.forget, _HOUR),
)
