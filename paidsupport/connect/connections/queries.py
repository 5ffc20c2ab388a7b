"""Queries for connections: which there are, how they stand, and which tasks leave next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, select
from sqlalchemy.orm import Session

from paidsupport.connect.connections.tables import Connection, ConnectionState, ConnectionTask, Remote
from paidsupport.issues import tables as issues
from paidsupport.kernel.errors import existing
from paidsupport.kernel.outbox.queries import Rows
from paidsupport.tickets import tables as tickets

#: How tasks are taken from their table.
OUTBOX = Rows(ConnectionTask)
LEAVING = (
    select(ConnectionTask, Connection)
    .join(Connection, Connection.id == ConnectionTask.connection_id)
    .join(ConnectionState, ConnectionState.connection_id == Connection.id)
    .where(Connection.active, ConnectionState.stopped == "")
)
#: Tasks on one page.
PAGE = 50
_GIVEN_UP = ConnectionTask.state.in_(("failed", "uncertain"))
_WAITING = ConnectionTask.state.in_(("queued", "sending"))


def connections(session: Session) -> Sequence[tuple[Connection, ConnectionState]]:
    """All connections with how they stand, by name."""
    wanted = select(Connection, ConnectionState).join(
        ConnectionState, ConnectionState.connection_id == Connection.id
    )
    return [(each, state) for each, state in session.execute(wanted.order_by(Connection.name, Connection.id))]


def active(session: Session) -> Sequence[int]:
    """The ids of the connections that work."""
    wanted = select(Connection.id).join(ConnectionState, ConnectionState.connection_id == Connection.id)
    working = wanted.where(Connection.active, ConnectionState.stopped == "")
    return session.scalars(working.order_by(Connection.id)).all()


def by_reference(session: Session, reference: str) -> Connection:
    """One connection. Raises NotFoundError."""
    return existing(session.scalar(select(Connection).where(Connection.reference == reference)))


def locked_state(session: Session, connection_id: int) -> ConnectionState | None:
    """How a connection stands, held against other workers; None if another one has it, or it is gone."""
    wanted = select(ConnectionState).where(ConnectionState.connection_id == connection_id)
    held = wanted.with_for_update(skip_locked=True)
    return session.scalar(held.execution_options(populate_existing=True))


def state_of(session: Session, connection_id: int) -> ConnectionState | None:
    """How a connection stands, held until the transaction ends."""
    wanted = select(ConnectionState).where(ConnectionState.connection_id == connection_id).with_for_update()
    return session.scalar(wanted.execution_options(populate_existing=True))


def due_to_poll(session: Session, now: datetime) -> Sequence[int]:
    """The ids of the connections that are to be read."""
    wanted = select(Connection.id).join(ConnectionState, ConnectionState.connection_id == Connection.id)
    due = wanted.where(Connection.active, ConnectionState.stopped == "", ConnectionState.poll_due_at <= now)
    return session.scalars(due.order_by(ConnectionState.poll_due_at, Connection.id)).all()


def turn(session: Session, task: ConnectionTask) -> datetime | None:
    """When the next attempt of the earliest task of its chain is; None if it is this one's turn."""
    if not task.chain:
        return None
    earlier = select(ConnectionTask.due_at).where(
        ConnectionTask.connection_id == task.connection_id,
        ConnectionTask.chain == task.chain,
        ConnectionTask.id < task.id,
        _WAITING,
    )
    return session.scalar(earlier.order_by(ConnectionTask.id).limit(1))


def has_worked_since(session: Session, task: ConnectionTask) -> bool:
    """Whether something has worked over a connection since a task was queued."""
    wanted = select(ConnectionState.id).where(
        ConnectionState.connection_id == task.connection_id, ConnectionState.worked_at >= task.created_at
    )
    return session.scalar(wanted) is not None


def remote_of(session: Session, connection_id: int, what: str, ours: str) -> Remote | None:
    """What something of ours is over there, if it is known."""
    wanted = select(Remote).where(
        Remote.connection_id == connection_id, Remote.what == what, Remote.ours == ours
    )
    return session.scalar(wanted)


def remote_by_id(session: Session, connection_id: int, what: str, remote: str) -> Remote | None:
    """What something over there is of ours, if it is."""
    wanted = select(Remote).where(
        Remote.connection_id == connection_id, Remote.what == what, Remote.remote == remote
    )
    return session.scalar(wanted)


def has_task(session: Session, connection_id: int, reference: str) -> bool:
    """Whether a connection has a task of this name."""
    wanted = select(ConnectionTask.id).where(
        ConnectionTask.connection_id == connection_id, ConnectionTask.reference == reference
    )
    return session.scalar(wanted) is not None


def heard(session: Session, connection_id: int) -> int:
    """The position in the log up to which a connection has heard what happened."""
    wanted = select(ConnectionState.heard).where(ConnectionState.connection_id == connection_id)
    return session.scalar(wanted) or 0


def delete_tasks_before(session: Session, moment: datetime) -> None:
    """Delete the tasks that ended before a moment."""
    session.execute(delete(ConnectionTask).where(ConnectionTask.ended_at < moment))


def tasks_of(
    session: Session,
    connection_id: int,
    *,
    before: int | None = None,
    given_up: bool = False,
    most: int = PAGE,
) -> Sequence[ConnectionTask]:
    """Tasks of a connection, newest first, one more than are wanted.

    Args:
        session: Where to look.
        connection_id: Over which connection.
        before: Only those before this one.
        given_up: Only those that were given up.
        most: How many.
    """
    wanted = select(ConnectionTask).where(ConnectionTask.connection_id == connection_id)
    if before is not None:
        wanted = wanted.where(ConnectionTask.id < before)
    if given_up:
        wanted = wanted.where(_GIVEN_UP)
    return session.scalars(wanted.order_by(ConnectionTask.id.desc()).limit(most + 1)).all()


def counts(session: Session) -> dict[int, Row[tuple[int, int, datetime | None, int]]]:
    """By connection: how many tasks wait, since when the oldest does, and how many were given up."""
    waiting = _grouped(func.count().label("waiting"), func.min(ConnectionTask.created_at).label("oldest"))
    given_up = _grouped(func.count().label("given_up"))
    first = waiting.where(_WAITING).subquery()
    second = given_up.where(_GIVEN_UP).subquery()
    wanted = (
        select(
            Connection.id,
            func.coalesce(first.c.waiting, 0).label("waiting"),
            first.c.oldest,
            func.coalesce(second.c.given_up, 0).label("given_up"),
        )
        .outerjoin(first, first.c.connection_id == Connection.id)
        .outerjoin(second, second.c.connection_id == Connection.id)
    )
    return {row.id: row for row in session.execute(wanted)}


def _grouped(*columns: Any) -> Select[Any]:  # noqa: ANN401  # of SQL
    return select(ConnectionTask.connection_id, *columns).group_by(ConnectionTask.connection_id)


def conflicts(session: Session, connection_id: int, most: int = PAGE) -> Sequence[Remote]:
    """What both sides changed, oldest first."""
    wanted = select(Remote).where(Remote.connection_id == connection_id, Remote.conflict != "")
    return session.scalars(wanted.order_by(Remote.id).limit(most)).all()


def locked_remote(session: Session, connection_id: int, number: int) -> Remote:
    """One thing over there, held with what it is of ours until the transaction ends. Raises NotFoundError."""
    wanted = select(Remote).where(Remote.connection_id == connection_id, Remote.id == number)
    found = existing(session.scalar(wanted))
    # what it is of ours is held first, as workers do: the other way round, each would wait for the other
    if found.issue_id is not None:
        issues.lock_by_id(session, found.issue_id)
    if found.ticket_id is not None:
        tickets.lock_by_id(session, found.ticket_id)
    held = wanted.with_for_update().execution_options(populate_existing=True)
    return existing(session.scalar(held))


def has_remotes(session: Session, connection_id: int) -> bool:
    """Whether something of ours is there."""
    return session.scalar(select(Remote.id).where(Remote.connection_id == connection_id).limit(1)) is not None


def is_asking(session: Session, connection_id: int) -> bool:
    """Whether a worker is at a task."""
    wanted = select(ConnectionTask.id).where(
        ConnectionTask.connection_id == connection_id, ConnectionTask.state == "sending"
    )
    return session.scalar(wanted.limit(1)) is not None


def delete_all_of(session: Session, connection_id: int) -> None:
    """Delete the tasks of a connection, and how it stands."""
    session.execute(delete(ConnectionTask).where(ConnectionTask.connection_id == connection_id))
    session.execute(delete(ConnectionState).where(ConnectionState.connection_id == connection_id))


def references(session: Session) -> set[str]:
    """The names of all connections in addresses."""
    return set(session.scalars(select(Connection.reference)))


def troubled(session: Session, moment: datetime) -> Sequence[tuple[Connection, ConnectionState]]:
    """The connections that the desk stopped, or that have failed since before a moment."""
    wanted = select(Connection, ConnectionState).join(
        ConnectionState, ConnectionState.connection_id == Connection.id
    )
    found = wanted.where(
        Connection.active, (ConnectionState.stopped != "") | (ConnectionState.failing_since < moment)
    )
    return [(each, state) for each, state in session.execute(found.order_by(Connection.name, Connection.id))]
