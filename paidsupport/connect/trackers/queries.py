"""Queries for trackers: what of ours is where, and what is still to be asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from paidsupport.connect.connections.tables import Connection, ConnectionTask, Remote
from paidsupport.issues.tables import Issue, IssueNote
from paidsupport.kernel.errors import existing

#: What things of ours are there.
ISSUE, NOTE = "issue", "note"
_WAITING = ("queued", "sending")
#: So many tasks of one issue are looked through.
_NEWEST = 50


def trackers(session: Session, kinds: Collection[str]) -> Sequence[Connection]:
    """The connections of these kinds that work, by name."""
    wanted = select(Connection).where(Connection.active, Connection.kind.in_(kinds))
    return session.scalars(wanted.order_by(Connection.name, Connection.id)).all()


def tracker(session: Session, reference: str, kinds: Collection[str]) -> Connection:
    """One of them. Raises NotFoundError."""
    wanted = select(Connection).where(Connection.active, Connection.kind.in_(kinds))
    return existing(session.scalar(wanted.where(Connection.reference == reference)))


def filed(session: Session, issue_id: int) -> dict[int, Remote]:
    """What an issue is in trackers, by their connections."""
    wanted = select(Remote).where(Remote.issue_id == issue_id, Remote.what == ISSUE)
    return {each.connection_id: each for each in session.scalars(wanted)}


def notes_there(session: Session, connection_id: int, issue_id: int) -> Sequence[Remote]:
    """The notes of an issue that are here and there, or are to be."""
    wanted = select(Remote).where(
        Remote.connection_id == connection_id, Remote.issue_id == issue_id, Remote.what == NOTE
    )
    return session.scalars(wanted.order_by(Remote.id)).all()


def waits(session: Session, connection_id: int, what: Collection[str], chain: str) -> bool:
    """Whether one of these tasks of a chain has not ended yet."""
    wanted = exists().where(
        ConnectionTask.connection_id == connection_id,
        ConnectionTask.what.in_(what),
        ConnectionTask.chain == chain,
        ConnectionTask.state.in_(_WAITING),
    )
    return bool(session.scalar(select(wanted)))


def is_waiting(session: Session, reference: str) -> bool:
    """Whether the task of this name has not ended yet."""
    wanted = exists().where(ConnectionTask.reference == reference, ConnectionTask.state.in_(_WAITING))
    return bool(session.scalar(select(wanted)))


def latest_tasks(session: Session, issue_id: int) -> dict[int, ConnectionTask]:
    """The latest task about an issue over each connection, but for those that had become pointless."""
    wanted = select(ConnectionTask).where(
        ConnectionTask.issue_id == issue_id, ConnectionTask.state != "withdrawn"
    )
    newest = session.scalars(wanted.order_by(ConnectionTask.id.desc()).limit(_NEWEST)).all()
    return {each.connection_id: each for each in reversed(newest)}


def issue_by_id(session: Session, issue_id: int) -> Issue:
    """One issue, as it is committed. Raises NoResultFound."""
    return session.get_one(Issue, issue_id, populate_existing=True)


def note_text(session: Session, note_id: int) -> str:
    """What a note says. Raises NotFoundError."""
    return existing(session.scalar(select(IssueNote.body).where(IssueNote.id == note_id)))


def has_unlinked(session: Session, connection_id: int) -> bool:
    """Whether something was filed whose id there is not known."""
    wanted = exists().where(
        Remote.connection_id == connection_id, Remote.what == ISSUE, Remote.remote.is_(None)
    )
    return bool(session.scalar(select(wanted)))
