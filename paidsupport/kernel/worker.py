"""The worker: it does the jobs of the mounted capabilities, each on its own, again and again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, cast

from sqlalchemy.exc import DBAPIError, OperationalError

from paidsupport.kernel.by_clock import ByClock
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.jobs import ALWAYS, FINDING, LOOK, PAUSE, ROUND, Job, Thread, parking
from paidsupport.kernel.jobs.queries import parked
from paidsupport.kernel.mail.transports import Transport

log = logging.getLogger("paidsupport.jobs")

T = TypeVar("T")

#: Seconds that a worker waits at its end for what it does beside its own thread.
_PATIENCE = 60.0


class Worker(ByClock):
    """One of any number of workers; `stop` is set from outside to end it.

    It needs no application around it. What it does is done in jobs, each on its own: one that fails is
    parked and keeps no other from being done.
    """

    def __init__(
        self,
        services: Services,
        database: Database,
        transport: Transport,
        clock: Callable[[], datetime],
        stop: threading.Event | None = None,
        kept: Mapping[Hashable, Any] | None = None,
    ) -> None:
        """Bind a worker to a desk; `kept`: what jobs would make for themselves at their first turn."""
        super().__init__(services, database, clock)
        self.transport = transport
        self._stop = stop or threading.Event()
        self._kept = dict(kept or {})
        self._jobs: list[Job] = [job for job in services.capabilities.background.jobs if job.wanted(self)]
        #: When each job that is parked is tried again, as far as this worker knows.
        self._parked: dict[tuple[str, str], datetime] = {}

    def run(self) -> None:
        """Work until stopped. Whatever goes wrong is parked, shown and tried again.

        What waits for others (a mailbox, a receiver, a large table) has a thread of its own: no email waits
        for it.
        """
        beside = [
            threading.Thread(target=self._repeat, args=(job,), name=f"paidsupport: {job.name}", daemon=True)
            for job in self._jobs
            if job.thread is not Thread.MAIN
        ]
        for thread in beside:
            thread.start()
        self._work_until_stopped()
        for thread in beside:
            thread.join(_PATIENCE)

    def _work_until_stopped(self) -> None:
        next_round = next_look = 0.0
        while not self._stop.is_set():
            busy: object = False
            with self._going_on():
                if time.monotonic() >= next_round:
                    next_round = time.monotonic() + ROUND  # first, as below
                    self.round()
                if time.monotonic() >= next_look:
                    next_look = time.monotonic() + LOOK  # first: emails leave whatever goes wrong there
                    self.tell()
                busy = self.send()
            if not busy:
                self._stop.wait(PAUSE)

    def _repeat(self, job: Job) -> None:
        while not self._stop.is_set():
            busy: object = False
            with self._going_on():
                busy = self._turn(job)
            if not busy:
                self._stop.wait(job.every)

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        try:
            yield
        except ConfigurationError:
            raise
        except DBAPIError as error:
            log.warning("database unavailable, trying again: %s", type(error.orig).__name__)
        except Exception:
            log.exception("something went wrong, going on")

    def once(self) -> int:
        """One round, new mail, then everything that is due now; returns how many letters were handled."""
        self.round()
        self._turns(Thread.COMES_IN)
        self.tell()
        handled = 0
        while self.send():
            handled += 1
            self.tell()
        self._turns(Thread.GOES_OUT)
        return handled

    def _turns(self, thread: Thread) -> None:
        for job in self._jobs:
            while job.thread is thread and self._turn(job):
                pass

    def send(self) -> bool:
        """Handle the next email; returns whether there was one."""
        return self._paced(ALWAYS)

    def tell(self) -> None:
        """Make notices of what has happened, and write the mails that are due for them."""
        self._look_what_is_parked()
        self._paced(LOOK)

    def round(self) -> None:
        """Do what the clock asks for."""
        self._look_what_is_parked()
        self._paced(ROUND)

    def _paced(self, every: float) -> bool:
        """One turn of each job of this pace; returns whether there may be more to do at once."""
        more = False
        for job in self._jobs:
            if job.thread is Thread.MAIN and job.every == every:
                more = bool(self._turn(job)) or more
        return more

    def _turn(self, job: Job) -> object:
        return self.do(job.name, partial(job.act, self))

    def each(
        self, job: str, due: Callable[[Context], Iterable[int]], act: Callable[[Context, int], object]
    ) -> int:
        """Do `act` with each row that is `due`, each on its own; returns how many there were."""
        ids = self._due(job, due)
        for row_id in ids:
            self.do(job, partial(self._each_one, act, row_id), str(row_id))
        return len(ids)

    def _each_one(self, act: Callable[[Context, int], object], row_id: int) -> None:
        with self.writing() as ctx:
            act(ctx, row_id)

    def _due(self, job: str, due: Callable[[Context], Iterable[int]]) -> list[int]:
        """The rows that a job is due for, without those for which it is parked, with those it is tried again.

        Tried again without asking whether they are still due: whatever acts on a row looks at that itself.
        """
        ids = self.do(filled(FINDING, job=job), partial(self._listed, due)) or []
        again = [int(key) for of, key in self._parked if of == job and key]
        return [row_id for row_id in dict.fromkeys([*ids, *again]) if not self._waits(job, str(row_id))]

    def _listed(self, due: Callable[[Context], Iterable[int]]) -> list[int]:
        with self.reading() as ctx:
            return list(due(ctx))

    def do(self, job: str, act: Callable[[], T], key: str = "") -> T | None:
        """What `act` returns; None if it failed, and so was parked, or is parked since earlier.

        Raises:
            DBAPIError: The database is away: then nothing is parked, and everything is tried again.
        """
        if self._waits(job, key):
            return None
        try:
            done = act()
        except Exception as error:  # noqa: BLE001  # whatever it is: it keeps no other job from being done
            if _passes(error):
                log.warning("“%s” %s meets others at work, trying again soon", job, key)
            else:
                self._park(job, key, error)
            return None
        if self._parked.pop((job, key), None):
            with self.writing() as ctx:
                parking.forget(ctx, job, key)
        return done

    def kept(self, name: Hashable, make: Callable[[], T]) -> T:
        """What a job keeps from one turn to the next, made at the first."""
        if name not in self._kept:
            self._kept[name] = make()
        return cast("T", self._kept[name])

    def _waits(self, job: str, key: str) -> bool:
        until = self._parked.get((job, key))
        return until is not None and until > self.clock()

    def _park(self, job: str, key: str, error: Exception) -> None:
        if _is_away(error):
            raise error
        if row := parking.park_apart(self.writing, job, key, error):
            self._parked[job, key] = row.due_at

    def _look_what_is_parked(self) -> None:
        with self.reading() as ctx:
            rows = parked(ctx.session)
        self._parked = {(row.job, row.key): row.due_at for row in rows}


def _is_away(error: Exception) -> bool:
    """Whether there was no connection or it broke, even if the database is there again a moment later.

    What fails in making a connection belongs to no statement.
    """
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or (isinstance(error, OperationalError) and error.statement is None)


#: What PostgreSQL says when others are at work on the same rows: serialization, deadlock, lock not available.
_AT_WORK = frozenset({"40001", "40P01", "55P03"})


def _passes(error: Exception) -> bool:
    """Whether a job failed only because others wrote at the same moment: tried again, it goes through."""
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.orig, "sqlstate", None) in _AT_WORK or "database is locked" in str(error.orig)
