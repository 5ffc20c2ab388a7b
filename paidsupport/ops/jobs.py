"""What workers do for those who run the desk."""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import LOOK, Job, Thread
from paidsupport.kernel.worker import Worker
from paidsupport.ops.export import making
from paidsupport.ops.overview import operations as overview


def _count(worker: Worker) -> None:
    """Count the figures of the overview anew, if it is time; no lock is held while they are counted."""
    with worker.reading() as ctx:
        counted = overview.renewed(ctx)
    if counted is not None:
        with worker.writing() as ctx:
            overview.keep(ctx, counted)


JOBS = (
    Job(_("count the overview"), _count, thread=Thread.GOES_OUT),
    Job(_("make exports"), making.make_next, LOOK, Thread.GOES_OUT),
    Job(_("delete expired exports"), making.expire_all),
)
