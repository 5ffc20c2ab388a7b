"""What workers do for tickets."""

from __future__ import annotations

from paidsupport.kernel import limits
from paidsupport.kernel.jobs import ALWAYS, LOOK, Job, each, heartbeat, written
from paidsupport.kernel.ledger import heads
from paidsupport.kernel.unsent import drafts
from paidsupport.kernel.unsent import operations as unsent
from paidsupport.kernel.worker import Worker
from paidsupport.tickets.deadlines.operations import escalations, reminders
from paidsupport.tickets.emails.sending import Emails
from paidsupport.tickets.notices.operations import digests, notices
from paidsupport.tickets.operations import claims
from paidsupport.tickets.ordering import drafts as order_drafts


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
    Job("say that a worker is at work", heartbeat.beat),
    Job("give up lost letters", lambda worker: _emails(worker).give_up_lost()),
    each("end a claim", claims),
    each("warn of a deadline", escalations),
    each("write a reminder", reminders),
    Job("make notices", _make_notices, LOOK),
    each("mail a notice", notices, LOOK),
    each("mail a digest", digests, LOOK),
    Job("note the ends of histories", _keep_heads),
    written("forget limits", limits.forget),
    written("forget notices", notices.forget),
    written("forget unsent forms", unsent.forget),
    written("forget drafts", drafts.forget),
    written("forget files of forms", order_drafts.forget_files),
)
