"""Which jobs are parked, and when a worker was at work last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.kernel.jobs.tables import Heartbeat, ParkedJob

# made once, because workers send them all the time
_PARKED = select(ParkedJob).order_by(ParkedJob.id)
_LAST_SEEN = select(Heartbeat.seen_at)


def locked(session: Session, job: str, key: str) -> ParkedJob | None:
    """A job that is parked, locked."""
    known = select(ParkedJob).where(ParkedJob.job == job, ParkedJob.key == key)
    return session.scalar(known.with_for_update())


def parked(session: Session) -> Sequence[ParkedJob]:
    """Every job that is parked, longest first."""
    return session.scalars(_PARKED).all()


def last_seen(session: Session) -> datetime | None:
    """When a worker was at work last; None if none ever was."""
    return session.scalar(_LAST_SEEN)
