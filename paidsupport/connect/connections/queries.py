"""Queries for connections: which there are, how they stand, and which tasks leave next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from paidsupport.connect.connections.tables import Connection, ConnectionState, ConnectionTask, Remote
from paidsupport.kernel.errors import existing
from paidsupport.kernel.outbox.queries import Rows

#: How tasks are taken from their table.
OUTBOX = Rows(ConnectionTask)
LEAVING = (
    select(ConnectionTask, Connection)
    .join(Connection, Connection.id == ConnectionTask.connection_id)
    .where(Connection.active)
)


def connections(session: Session) -> Sequence[tuple[Connection, ConnectionState]]:
    """All connections with how they stand, by name."""
    wanted = select(Connection, ConnectionState).join(
        ConnectionState, ConnectionState.connection_id == Connection.id
    )
    return [(each, state) for each, state in session.execute(wanted.order_by(Connection.name, Connection.id))]


def active(session: Session) -> Sequence[int]:
    """The ids of the connections that work."""
    return session.scalars(select(Connection.id).where(Connection.active).order_by(Connection.id)).all()


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
    due = wanted.where(Connection.active, ConnectionState.poll_due_at <= now)
    return session.scalars(due.order_by(ConnectionState.poll_due_at, Connection.id)).all()


def is_behind(session: Session, task: ConnectionTask) -> bool:
    """Whether an earlier task of its chain has not ended yet."""
    if not task.chain:
        return False
    earlier = exists().where(
        ConnectionTask.connection_id == task.connection_id,
        ConnectionTask.chain == task.chain,
        ConnectionTask.id < task.id,
        ConnectionTask.state.in_(("queued", "sending")),
    )
    return bool(session.scalar(select(earlier)))


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
