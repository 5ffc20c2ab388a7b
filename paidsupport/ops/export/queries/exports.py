"""Which exports there are, and which a worker has to do with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from paidsupport.ops.export.tables import Export

#: What a worker has yet to make.
UNFINISHED = ("queued", "running")
#: Exports on the page.
PAGE = 20


def newest(session: Session) -> Sequence[Export]:
    """The newest exports, newest first."""
    return session.scalars(select(Export).order_by(Export.id.desc()).limit(PAGE)).all()


def by_reference(session: Session, reference: str) -> Export | None:
    """The export with this name, locked; None if there is none."""
    return session.scalar(select(Export).where(Export.reference == reference).with_for_update())


def seen(session: Session, reference: str) -> Export | None:
    """The export with this name, not locked; None if there is none."""
    return session.scalar(select(Export).where(Export.reference == reference))


def is_under_way(session: Session, kind: str, about: str) -> bool:
    """Whether the same is being exported already."""
    same = select(Export.id).where(Export.kind == kind, Export.about == about, Export.state.in_(UNFINISHED))
    return session.scalar(same.limit(1)) is not None


def next_id(session: Session, lost_before: datetime) -> Row[int, int] | None:
    """The export that is due longest, also one that lost its worker, and how often it was taken."""
    lost = and_(Export.state == "running", Export.seen_at < lost_before)
    wanted = select(Export.id, Export.attempts).where(or_(Export.state == "queued", lost))
    return session.execute(wanted.order_by(Export.id).limit(1)).first()


def over(session: Session, now: datetime) -> Sequence[int]:
    """The ids of the exports that have expired by now."""
    expired = select(Export.id).where(Export.state == "ready", Export.expires_at <= now)
    return session.scalars(expired.order_by(Export.id)).all()


def there(session: Session) -> Sequence[Export]:
    """Every export that is there or being made, locked."""
    wanted = select(Export).where(Export.state.in_((*UNFINISHED, "ready")))
    return session.scalars(wanted.order_by(Export.id).with_for_update()).all()


def old(session: Session, before: datetime) -> Sequence[int]:
    """The ids of the exports that ended before a moment and are gone."""
    wanted = select(Export.id).where(Export.state.in_(("failed", "expired")), Export.ended_at < before)
    return session.scalars(wanted.order_by(Export.id)).all()
