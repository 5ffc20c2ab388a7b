"""The jobs of the worker for tickets."""

from __future__ import annotations

from paidsupport.kernel import limits
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import ALWAYS, LOOK, Job, each, heartbeat, written
from paidsupport.kernel.ledger import heads
from paidsupport.kernel.unsent import drafts
from paidsupport.kernel.unsent import operations as unsent
from paidsupport.kernel.worker import Worker
from paidsupport.tickets.bulk import operations as bulk
from paidsupport.tickets.deadlines.operations import escalations, reminders
from paidsupport.tickets.emails.sending import Emails
from paidsupport.tickets.notices.operations import digests, notices
from paidsupport.tickets.operations import claims
from paidsupport.tickets.ordering import form_files


def _emails(worker: Worker) -> Emails:
    return Emails(worker.services, worker.database, worker.transport, worker.clock)


def _make_notices(worker: Worker) -> None:
    with worker.reading() as ctx:
        more = notices.is_behind(ctx)
    while more:
        with worker.writing() as ctx:
            more = notices.notice(ctx)


def _keep_heads(worker: Worker) -> None:
    with worker.reading() as ctx:
        worker.kept("heads", heads.Keeper).keep(ctx)


JOBS = (
    Job(Emails.job, lambda worker: _emails(worker).send_next(), ALWAYS),
    Job(_("say that a worker is at work"), heartbeat.beat),
    Job(_("give up lost letters"), lambda worker: _emails(worker).give_up_lost()),
    each(_("end a claim"), claims),
    each(_("warn of a deadline"), escalations),
    each(_("write a reminder"), reminders),
    Job(_("make notices"), _make_notices, LOOK),
    each(_("mail a notice"), notices, LOOK),
    each(_("mail a digest"), digests, LOOK),
    Job(_("note the ends of histories"), _keep_heads),
    written(_("forget limits"), limits.forget),
    written(_("forget notices"), notices.forget),
    written(_("forget unsent forms"), unsent.forget),
    written(_("forget drafts"), drafts.forget),
    written(_("forget files of forms"), form_files.forget_files),
    written(_("forget what was done with several tickets"), bulk.forget),
)
