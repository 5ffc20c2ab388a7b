"""Reading what happened, from a position on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from paidsupport.connect.log.tables import Announcement
from paidsupport.issues.tables import Issue, visible
from paidsupport.kernel.actors import Actor
from paidsupport.tickets.tables import Ticket


def has_unnumbered(session: Session) -> bool:
    """Whether something has no position yet."""
    return session.scalar(select(Announcement.id).where(Announcement.position.is_(None)).limit(1)) is not None


def lock_unnumbered(session: Session, most: int) -> Sequence[Announcement]:
    """What has no position yet, in the order in which it was written.

    Two workers that number at once both begin at the first row: the later one waits there, and gets what is
    left.
    """
    wanted = select(Announcement).where(Announcement.position.is_(None)).order_by(Announcement.id)
    locked = wanted.limit(most).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def last_position(session: Session) -> int:
    """The position of the newest; 0 before the first."""
    return session.scalar(select(func.max(Announcement.position))) or 0


def after(session: Session, position: int, most: int) -> Sequence[Announcement]:
    """What comes after a position, oldest first."""
    wanted = select(Announcement).where(Announcement.position > position)
    return session.scalars(wanted.order_by(Announcement.position).limit(most)).all()


def told(session: Session, by: Actor, ids: Collection[int]) -> Sequence[Row[Any]]:
    """These events with what an envelope needs, oldest first; none of issues that `by` may not see."""
    return session.execute(_told(by).where(Announcement.id.in_(ids))).all()


def feed(session: Session, by: Actor, position: int, most: int, pattern: str = "") -> Sequence[Row[Any]]:
    """The same for what comes after a position.

    Args:
        session: A session.
        by: Who reads it.
        position: The position after which it begins.
        most: How many at most.
        pattern: Of which type; `*` stands for any text. Empty: of all types.
    """
    wanted = _told(by).where(Announcement.position > position)
    if pattern:
        wanted = wanted.where(_fits(pattern))
    return session.execute(wanted.limit(most)).all()


def _told(by: Actor) -> Select[*tuple[Any, ...]]:
    rows = (
        select(
            Announcement.id,
            Announcement.position,
            Announcement.reference,
            Announcement.type,
            Announcement.state,
            Announcement.actor_kind,
            Announcement.data,
            Announcement.at,
            Announcement.ticket_id,
            Announcement.issue_id,
            Ticket.code.label("ticket"),
            Ticket.workflow,
            Issue.code.label("issue"),
        )
        .outerjoin(Ticket, Ticket.id == Announcement.ticket_id)
        .outerjoin(Issue, Issue.id == Announcement.issue_id)
    )
    return rows.where(or_(Announcement.issue_id.is_(None), visible(by))).order_by(Announcement.position)


def _fits(pattern: str) -> ColumnElement[bool]:
    if "*" not in pattern:
        return Announcement.type == pattern
    plain = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return Announcement.type.like(plain.replace("*", "%"), escape="\\")


def delete_before(session: Session, moment: datetime) -> None:
    """Delete what has a position and is older, but for the newest: positions go on from it."""
    newest = select(func.max(Announcement.position)).scalar_subquery()
    session.execute(delete(Announcement).where(Announcement.at < moment, Announcement.position < newest))
