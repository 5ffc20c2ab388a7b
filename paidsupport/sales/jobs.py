"""The jobs of the worker for sales."""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import PAUSE, Job, Thread, written
from paidsupport.kernel.worker import Worker
from paidsupport.sales.invoices.operations import invoicing
from paidsupport.sales.payments.bank.operations import forgetting
from paidsupport.sales.payments.operations import beginning
from paidsupport.sales.payments.operations.tasks import Tasks


def _tasks(worker: Worker) -> Tasks:
    return Tasks(worker.services, worker.database, worker.clock)


JOBS = (
    written(_("settle old invoices"), invoicing.forget),
    written(_("forget who sent old transfers"), forgetting.forget),
    written(_("forget hints of providers"), beginning.forget),
    Job(_("take back lost payments"), lambda worker: _tasks(worker).give_up_lost()),
    Job(Tasks.job, lambda worker: _tasks(worker).send_next(), PAUSE, Thread.GOES_OUT),
)
