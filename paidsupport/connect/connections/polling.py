"""Reading what is new over there, from where reading ended last (P17)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from paidsupport.connect.connections import configured, operations, queries
from paidsupport.connect.connections.kinds import Kind
from paidsupport.connect.connections.tables import Connection
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.worker import Worker

log = logging.getLogger("paidsupport.connections")

JOB = _("read from other programs")
#: How long a worker has for one reading: after that, another one may begin.
_LEASE = timedelta(minutes=10)
#: With every failure in a row it is read more rarely, at most so often, and at least once in this time.
_DOUBLED = 6
_SLOWEST = timedelta(hours=1)
_BROKE_OFF = storable(_("Reading broke off: %(error)s."))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading over a connection: until when this worker has it, and from where it reads."""

    connection: Connection
    kind: Kind
    lease: datetime
    watermark: Mapping[str, Any]
    client: Any


def poll_next(worker: Worker) -> bool:
    """Read over the connection that is due longest; returns whether there was one."""
    with worker.reading() as ctx:
        due = queries.due_to_poll(ctx.session, ctx.now)
    if not due:
        return False
    with worker.writing() as ctx:
        begun = _begin(ctx, due[0])
    if begun is None:
        return True
    found, then, problem = _read(begun)
    with worker.writing() as ctx:
        _end(ctx, begun, found, then, problem)
    return True


def _begin(ctx: Context, connection_id: int) -> _Reading | None:
    """Take a connection for one reading; None if another worker has it, or it cannot be read."""
    state = queries.locked_state(ctx.session, connection_id)
    if state is None or state.poll_due_at is None or state.poll_due_at > ctx.now:
        return None
    connection = ctx.session.get_one(Connection, connection_id)
    kind = configured.kinds(ctx.services).get(connection.kind)
    if kind is None or kind.poll is None:
        state.poll_due_at = None
        return None
    if not configured.is_complete(kind, connection):
        state.poll_due_at = ctx.now + _SLOWEST
        return None
    state.poll_due_at = lease = ctx.now + _LEASE
    client = configured.client_of(ctx.services, kind, connection)
    return _Reading(connection, kind, lease, dict(state.watermark), client)


def _read(begun: _Reading) -> tuple[Any, Mapping[str, Any], str]:
    """What is new there, the new watermark, and what went wrong, in words."""
    assert begun.kind.poll is not None  # noqa: S101  # asked before
    try:
        return *begun.kind.poll(begun.client, begun.watermark), ""
    except (NotSentError, UnclearError) as error:
        return None, {}, str(error)
    except Exception as error:
        log.exception("reading over “%s” broke off", begun.connection.name)
        return None, {}, filled(_BROKE_OFF, error=type(error).__name__)


def _end(ctx: Context, begun: _Reading, found: Any, then: Mapping[str, Any], problem: str) -> None:  # noqa: ANN401
    """Take over what was read, unless it took too long and another worker has begun."""
    state = queries.state_of(ctx.session, begun.connection.id)
    if state is None or state.poll_due_at != begun.lease:
        return
    every = begun.kind.every or _SLOWEST
    if problem:
        operations.failed(ctx, begun.connection.id, problem)
        ctx.session.refresh(state)
        state.poll_due_at = ctx.now + min(every * 2 ** min(state.failures, _DOUBLED), _SLOWEST)
        return
    if begun.kind.take_in is not None:
        begun.kind.take_in(ctx, ctx.session.get_one(Connection, begun.connection.id), found)
    state.watermark, state.polled_at, state.poll_due_at = dict(then), ctx.now, ctx.now + every
    ctx.session.flush()
    operations.worked(ctx, begun.connection.id)
