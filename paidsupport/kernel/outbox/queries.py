"""Which rows leave next, and which have lost their worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, String, and_, bindparam, cast, or_, select
from sqlalchemy.orm import DeclarativeBase, Session

from paidsupport.kernel.jobs.tables import ParkedJob

#: The states that rows of every kind go through; in what others they end is their own matter.
QUEUED, SENDING = "queued", "sending"


class Rows:
    """How the rows of a table are taken, one after the other."""

    def __init__(
        self,
        model: type[DeclarativeBase],
        *,
        state: str = "state",
        taken: str = "taken_at",
        key: str = "reference",
    ) -> None:
        """Args: the names of its columns; `key` is what a row is called where it is parked."""
        own: Any = model
        self.model, self.id, self.attempts, self.due_at = own, own.id, own.attempts, own.due_at
        self.state, self.taken_at = getattr(own, state), getattr(own, taken)
        self.key: ColumnElement[str] = cast(getattr(own, key), String)

    def waits(self, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
        """Whether a row is due."""
        return and_(self.state == QUEUED, self.due_at <= now)

    def due(self, rows: Select[Any], job: str) -> Select[Any]:
        """The one of `rows` that is due longest, with its key, and the id of what is left of its parking.

        What is parked keeps nothing else from leaving. The statement wants a value for `now`.
        """
        now = bindparam("now", type_=self.due_at.type)
        return (
            rows.add_columns(self.key.label("key"), ParkedJob.id.label("parked"))
            .outerjoin(ParkedJob, and_(ParkedJob.job == job, ParkedJob.key == self.key))
            .where(self.waits(now), or_(ParkedJob.id.is_(None), ParkedJob.due_at <= now))
            .order_by(self.due_at, self.id)
            .limit(1)
        )

    def lost(self, session: Session, before: datetime) -> Sequence[Any]:
        """The ids of what has been on its way since `before`, each with the number of its attempt."""
        return session.execute(self._lost, {"before": before}).all()

    @cached_property
    def _lost(self) -> Select[Any]:
        """Made once like the next one: workers ask again and again."""
        before = bindparam("before", type_=self.taken_at.type)
        return select(self.id, self.attempts).where(self.state == SENDING, self.taken_at < before)

    def parked_for_nothing(self, session: Session, job: str) -> Sequence[str]:
        """The keys of what is parked and does not wait to leave any more."""
        return session.scalars(self._parked_for_nothing, {"job": job}).all()

    @cached_property
    def _parked_for_nothing(self) -> Select[str]:
        waiting = select(self.key).where(self.state == QUEUED)
        wanted = select(ParkedJob.key).where(ParkedJob.job == bindparam("job"), ParkedJob.key != "")
        return wanted.where(ParkedJob.key.not_in(waiting))
