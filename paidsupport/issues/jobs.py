"""What workers do for issues."""

from __future__ import annotations

from functools import partial

from paidsupport.issues.hooks import ALL_TOLD
from paidsupport.issues.operations import closing, family, news, overdue, slips
from paidsupport.issues.operations import news_emails as issue_news
from paidsupport.kernel.jobs import LOOK, Job, each, written
from paidsupport.kernel.worker import Worker


def _resolve(worker: Worker) -> None:
    """Resolve issues that every customer knows of, then what waited for nothing else."""
    worker.each("resolve an issue", closing.due_issues, closing.resolve_issue)
    worker.services.hooks.call(ALL_TOLD, worker)


def _note_who_was_told(worker: Worker) -> None:
    if worker.each("note who was told", closing.due, closing.tend):
        _resolve(worker)


def _mail_news(worker: Worker) -> None:
    given = (worker.services, worker.database, worker.transport, worker.clock)
    worker.each_key("mail news of issues", issue_news.due, partial(issue_news.send, *given))


JOBS = (
    each("tell of overdue feedback", overdue),
    each("let an issue go on", family),
    each("look at a workload", slips),
    Job("note who was told", _note_who_was_told, LOOK),
    Job("mail news of issues", _mail_news, LOOK),
    Job("resolve what all were told", _resolve),
    written("give up lost news of issues", news.give_up_lost),
)
