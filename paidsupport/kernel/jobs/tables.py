"""Jobs of workers that failed and wait, one row each; and when a worker was at work last."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import Base, Id, Moment, Word
from paidsupport.kernel.db.marks import OURS, plain


class ParkedJob(Base):
    """A job that failed `attempts` times in a row; it is tried again at `due_at`, and not before."""

    __tablename__ = "paidsupport_parked_job"
    __table_args__ = (
        UniqueConstraint("job", "key"),
        CheckConstraint("attempts > 0", name="attempts"),
    )

    id: Mapped[Id]
    #: What the job does, in words.
    job: Mapped[Word]
    #: The row it is about; empty for a job that is about no single row.
    key: Mapped[Word]
    attempts: Mapped[int]
    #: Why it failed last.
    reason: Mapped[str] = mapped_column(Text, info=plain(OURS))
    failed_at: Mapped[Moment]
    due_at: Mapped[Moment]


class Heartbeat(Base):
    """When a worker was at work last: one row for all of them, with the id 1."""

    __tablename__ = "paidsupport_heartbeat"

    id: Mapped[Id]
    seen_at: Mapped[Moment]
