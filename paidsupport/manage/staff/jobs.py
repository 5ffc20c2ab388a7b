"""The jobs of the worker for the staff."""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import LOOK, Job
from paidsupport.kernel.worker import Worker
from paidsupport.manage.staff.operations.sending import Invitations


def _invitations(worker: Worker) -> Invitations:
    return Invitations(worker.services, worker.database, worker.transport, worker.clock)


JOBS = (
    Job(Invitations.job, lambda worker: _invitations(worker).send_all(), LOOK),
    Job(_("give up lost invitations"), lambda worker: _invitations(worker).give_up_lost()),
)
