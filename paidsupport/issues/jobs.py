"""What workers do for issues."""

from __future__ import annotations

from paidsupport.issues.hooks import ALL_TOLD
from paidsupport.issues.operations import closing, family, overdue, slips
from paidsupport.issues.operations.news_emails import News
from paidsupport.kernel.jobs import LOOK, Job, each
from paidsupport.kernel.worker import Worker


def _resolve(worker: Worker) -> None:
    """Resolve issues that every customer knows of, then what waited for nothing else."""
    worker.each("resolve an issue", closing.due_issues, closing.resolve_issue)
    worker.services.hooks.call(ALL_TOLD, worker)


def _note_who_was_told(worker: Worker) -> None:
    if worker.each("note who was told", closing.due, closing.tend):
        _resolve(worker)


def _news(worker: Worker) -> News:
    return News(worker.services, worker.database, worker.transport, worker.clock)


JOBS = (
    each("tell of overdue feedback", overdue),
    each("let an issue go on", family),
    each("look at a workload", slips),
    Job("note who was told", _note_who_was_told, LOOK),
    Job(News.job, lambda worker: _news(worker).send_all(), LOOK),
    Job("resolve what all were told", _resolve),
    Job("give up lost news of issues", lambda worker: _news(worker).give_up_lost()),
)
