"""Doing tasks: by one worker at a time for each, outside of any transaction, for three days (P12, P17)."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from paidsupport.connect.connections import configured, operations, queries
from paidsupport.connect.connections.kinds import AnsweredError, Done, Kind, StopError
from paidsupport.connect.connections.tables import Connection, ConnectionTask
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.kernel.mail.transports import NotSentError
from paidsupport.kernel.outbox.operations import End, Ended, Outbox, Taken
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.departures.operations import Step

log = logging.getLogger("paidsupport.connections")

#: How long a task waits while an earlier one of its chain is not done.
_TURN = timedelta(seconds=2)
#: The pauses of three days, as the Standard Webhooks propose them; each is spread, so that a receiver that
#: comes back is not met by all at once.
_PAUSES = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
_SPREAD = 0.2
#: The longest that another side may ask to be left alone.
_LONGEST = timedelta(days=1)
_STOPPED = storable(_("Nothing has worked for three days."))
_GONE = storable(_("This connection is not set up completely any more."))


@dataclass(frozen=True, slots=True)
class _Taken(Taken):
    task: ConnectionTask
    kind: Kind | None
    client: Any
    wanted: Any


class Tasks(Outbox[_Taken, None]):
    """What is to be asked of other programs. What may have been done is tried again: kinds look first."""

    job = _("ask other programs")
    table = queries.OUTBOX
    rows = queries.LEAVING
    locked = (ConnectionTask,)
    unclear = End.AGAIN
    pauses = _PAUSES

    def __init__(self, services: Services, database: Database, clock: Callable[[], datetime]) -> None:
        super().__init__(services, database, None, clock)
        #: What came of tasks, by their id, until that is noted.
        self._done: dict[int, Done] = {}
        self._took: dict[int, int] = {}
        self._stopping: set[int] = set()
        self._statuses: dict[int, int] = {}

    def take(self, ctx: Context, task: ConnectionTask, connection: Connection) -> _Taken | None:
        """Unless an earlier task of its chain is under way, or it has become pointless."""
        if (turn := queries.turn(ctx.session, task)) is not None:
            # as long as the earlier one waits, there is nothing to look for
            task.due_at = max(turn, ctx.now + _TURN)
            ctx.session.flush()
            return None
        kind = configured.kinds(ctx.services).get(connection.kind)
        if kind is None or not configured.is_complete(kind, connection):
            attempts = self.mark(ctx, {task.id: task.attempts})
            return _Taken(attempts, task, None, None, None) if attempts else None
        wanted = kind.prepare(ctx, connection, task)
        if wanted is None:
            task.state, task.ended_at = End.WITHDRAWN, ctx.now
            ctx.session.flush()
            return None
        client = configured.client_of(ctx.services, kind, connection)
        attempts = self.mark(ctx, {task.id: task.attempts})
        return _Taken(attempts, task, kind, client, wanted) if attempts else None

    def hand_over(self, taken: _Taken) -> None:
        """Make the requests, and keep what came of them until it is noted."""
        if taken.kind is None:
            raise NotSentError(_GONE, permanent=True)
        begun = time.monotonic()
        try:
            self._done[taken.task.id] = taken.kind.perform(taken.client, taken.task, taken.wanted)
        except AnsweredError as error:
            self._statuses[taken.task.id] = error.answered
            raise
        except StopError:
            self._stopping.add(taken.task.id)
            raise
        finally:
            self._took[taken.task.id] = round((time.monotonic() - begun) * 1000)
        name = departures.of_delivery(taken.task.reference)
        departures.log_end(self.services.files, [name], Step.LEFT, self.clock())

    def pause(self, usual: timedelta, wait: timedelta | None) -> timedelta:
        """Spread by a fifth, and never shorter than the other side wants."""
        spread = usual * random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311  # no secret
        return max(spread, min(wait, _LONGEST)) if wait else spread

    def note(self, ctx: Context, id_: int, attempt: int, ended: Ended) -> None:
        """Write down what came of it, on the task and on its connection."""
        task = ctx.session.get_one(ConnectionTask, id_, populate_existing=True)
        connection = ctx.session.get_one(Connection, task.connection_id)
        done, took = self._done.pop(id_, None), self._took.pop(id_, None)
        stopping = id_ in self._stopping
        self._stopping.discard(id_)
        more: dict[str, object] = {"problem": ended.problem, "milliseconds": took}
        more["status"] = done.status if done is not None else self._statuses.pop(id_, None)
        if ended.end is not End.AGAIN:
            more["ended_at"] = ctx.now
        if not self.end(ctx, id_, attempt, ended, **more):
            return
        ctx.session.expire(task)
        if ended.end is End.SENT and done is not None:
            kind = configured.kinds(ctx.services).get(connection.kind)
            if kind is not None and kind.note is not None:
                kind.note(ctx, connection, task, done)
            operations.worked(ctx, connection.id)
            return
        operations.failed(ctx, connection.id, ended.problem)
        if stopping:
            operations.stop(ctx, connection.id, ended.problem)
        elif attempt > len(self.pauses) and not queries.has_worked_since(ctx.session, task):
            operations.stop(ctx, connection.id, _STOPPED)
        tell = log.warning if ended.end is End.AGAIN else log.error
        tell("%s %s over “%s”: %s: %s", task.what, task.reference, connection.name, ended.end, ended.problem)
