"""What workers do for tickets."""

from __future__ import annotations

from paidsupport.desk import claims, digests, escalations, heads, limits, notices, reminders, unsent
from paidsupport.jobs import Worker
from paidsupport.kernel.jobs import ALWAYS, LOOK, Job, each, written
from paidsupport.mail import outbox


def _send(worker: Worker) -> bool:
    return outbox.send_next(worker.house, worker.database, worker.transport, worker.clock)


def _give_up_lost(worker: Worker) -> None:
    outbox.give_up_lost(worker.house, worker.database, worker.clock())


def _make_notices(worker: Worker) -> None:
    with worker.reading() as visit:
        more = notices.is_behind(visit)
    while more:
        with worker.writing() as visit:
            more = notices.notice(visit)


def _keep_heads(worker: Worker) -> None:
    with worker.reading() as visit:
        worker.kept("heads", heads.Keeper).keep(visit)


JOBS = (
    Job("send letters", _send, ALWAYS),
    Job("give up lost letters", _give_up_lost),
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
)
