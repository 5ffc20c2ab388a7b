"""The jobs of the worker for issues."""

from __future__ import annotations

from paidsupport.issues.hooks import ALL_TOLD
from paidsupport.issues.operations import closing, family, overdue, slips
from paidsupport.issues.operations.news_emails import News
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.kernel.jobs import LOOK, Job, each
from paidsupport.kernel.worker import Worker

_RESOLVE, _NOTE = storable(_("resolve an issue")), storable(_("note who was told"))


def _resolve(worker: Worker) -> None:
    """Resolve issues that every waiting customer was told about, then whatever waited only for that."""
    worker.each(_RESOLVE, closing.due_issues, closing.resolve_issue)
    worker.services.hooks.call(ALL_TOLD, worker)


def _note_who_was_told(worker: Worker) -> None:
    if worker.each(_NOTE, closing.due, closing.tend):
        _resolve(worker)


def _news(worker: Worker) -> News:
    return News(worker.services, worker.database, worker.transport, worker.clock)


JOBS = (
    each(_("tell of overdue feedback"), overdue),
    each(_("let an issue go on"), family),
    each(_("look at a workload"), slips),
    Job(_NOTE, _note_who_was_told, LOOK),
    Job(News.job, lambda worker: _news(worker).send_all(), LOOK),
    Job(_("resolve what all were told"), _resolve),
    Job(_("give up lost news of issues"), lambda worker: _news(worker).give_up_lost()),
)
