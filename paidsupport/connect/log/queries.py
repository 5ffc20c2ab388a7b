"""Reading what happened, from a position on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from paidsupport.connect.log.tables import Announcement


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


def delete_before(session: Session, moment: datetime) -> None:
    """Delete what has a position and is older, but for the newest: positions go on from it."""
    newest = select(func.max(Announcement.position)).scalar_subquery()
    session.execute(delete(Announcement).where(Announcement.at < moment, Announcement.position < newest))
