"""What the desk does by itself: transactions in which the clock acts, with no application around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database


class ByClock:
    """One desk, for the code that acts as its clock."""

    def __init__(self, services: Services, database: Database, clock: Callable[[], datetime]) -> None:
        self.services, self.database, self.clock = services, database, clock

    @contextmanager
    def reading(self) -> Iterator[Context]:
        """A transaction of the clock that only reads."""
        with self.database.reading() as session:
            yield self._ctx(session)

    @contextmanager
    def snapshot(self) -> Iterator[Context]:
        """The same, seeing one moment, however long it takes."""
        with self.database.snapshot() as session:
            yield self._ctx(session)

    @contextmanager
    def writing(self) -> Iterator[Context]:
        """A transaction of the clock that commits at its end."""
        with self.database.writing() as session:
            yield self._ctx(session)

    def _ctx(self, session: Session) -> Context:
        ctx = Context(self.services, session, CLOCK, self.clock())
        # what managers have changed holds from now on, also between two transactions
        self.services = ctx.services
        return ctx
