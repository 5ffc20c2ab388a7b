"""Which jobs are parked."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.kernel.jobs.tables import ParkedJob


def locked(session: Session, job: str, key: str) -> ParkedJob | None:
    """A job that is parked, locked."""
    known = select(ParkedJob).where(ParkedJob.job == job, ParkedJob.key == key)
    return session.scalar(known.with_for_update())


def parked(session: Session) -> Sequence[ParkedJob]:
    """Every job that is parked, longest first."""
    return session.scalars(select(ParkedJob).order_by(ParkedJob.id)).all()
