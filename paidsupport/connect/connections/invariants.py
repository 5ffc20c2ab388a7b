"""What the doctor proves of connections (P12, P17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from paidsupport.connect.connections import configured, queries
from paidsupport.connect.connections.tables import Connection, ConnectionState, ConnectionTask, Remote
from paidsupport.connect.log import queries as log
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.invariants import invariant

#: Rows read at once.
_BATCH = 2000
#: What is asked for so long has lost its worker, and no other has come.
_STUCK = timedelta(hours=1)
_WAITING = ("queued", "sending")


@invariant("what other programs are asked comes to an end")
def tasks_come_to_an_end(ctx: Context) -> Iterator[str]:
    """A task has ended at a moment, or waits; none is under way for hours."""
    wanted = select(ConnectionTask).execution_options(yield_per=_BATCH)
    for task in ctx.session.scalars(wanted):
        if (task.state in _WAITING) != (task.ended_at is None):
            yield f"task {task.reference} ({task.what}) has no known result"
        if task.state == "sending" and (task.taken_at is None or ctx.now - task.taken_at > _STUCK):
            yield f"task {task.reference} ({task.what}) is stuck, because no worker runs"
        if task.state == "sent" and task.attempts == 0:
            yield f"task {task.reference} ({task.what}) was done without an attempt"


@invariant("every connection says how it stands")
def every_connection_has_a_state(ctx: Context) -> Iterator[str]:
    """There is one row for each, which has heard nothing that has not happened yet."""
    last = log.last_position(ctx.session)
    wanted = select(Connection, ConnectionState).outerjoin(
        ConnectionState, ConnectionState.connection_id == Connection.id
    )
    found: list[tuple[Connection, ConnectionState | None]] = [
        (one, its) for one, its in ctx.session.execute(wanted)
    ]
    for connection, state in found:
        if state is None:
            yield f"connection {connection.reference} has no state"
            continue
        if state.heard > last:
            yield f"connection {connection.reference} has heard what has not happened"
        if (state.failures > 0) != (state.failing_since is not None):
            yield f"connection {connection.reference} does not know since when it fails"


@invariant("what is over there is one thing of ours")
def remotes_are_unique(ctx: Context) -> Iterator[str]:
    """No id over there stands for two things, with spaces around it or without."""
    same = func.trim(Remote.remote)
    wanted = select(Remote.connection_id, Remote.what, same).where(Remote.remote.is_not(None))
    twice = wanted.group_by(Remote.connection_id, Remote.what, same).having(func.count() > 1)
    for id_, what, remote in ctx.session.execute(twice):
        yield f"connection {id_}: {what} {remote} over there is two things of ours"


@invariant("secrets of connections can be opened")
def secrets_open(ctx: Context) -> Iterator[str]:
    """Each is sealed under a key that the site has, and for the values that are entered."""
    known = configured.kinds(ctx.services)
    for row, _state in queries.connections(ctx.session):
        if kind := known.get(row.kind):
            try:
                configured.opened(ctx.services, kind, row)
            except ConfigurationError as error:
                yield f"connection {row.reference}: its secrets can't be opened: {error}"
