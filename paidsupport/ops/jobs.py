"""What workers do for those who run the desk."""

from __future__ import annotations

from paidsupport.desk import overview
from paidsupport.jobs import Worker
from paidsupport.kernel.jobs import Job, Thread


def _count(worker: Worker) -> None:
    """Count the figures of the overview anew, if it is time; no lock is held while they are counted."""
    with worker.reading() as visit:
        counted = overview.renewed(visit)
    if counted is not None:
        with worker.writing() as visit:
            overview.keep(visit, counted)


JOBS = (Job("count the overview", _count, thread=Thread.GOES_OUT),)
