"""Letting rows leave the desk: taken by one worker, handed over outside of any transaction, and noted.

These are three steps with a commit between them: nothing is locked while the other side thinks, and a crash
leaves a row in `sending`. Each kind declares its columns, and how a row is taken, handed over and noted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Select, update
from sqlalchemy.exc import OperationalError

from paidsupport.kernel.by_clock import ByClock
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.jobs import parking
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.outbox.queries import QUEUED, SENDING, Rows

#: Waiting times between attempts; after the last one it is given up.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 30, 60, 120, 240, 240, 240, 480, 480))
#: What is on its way for longer than all time-outs together has lost its worker.
LOST_AFTER = timedelta(minutes=5)

#: Why the end of an attempt is unknown whose worker is gone.
STOPPED = storable(_("The program stopped while this was being sent: it may have arrived, or not."))
_BROKE_OFF = storable(_("Sending it broke off: %(error)s."))


class WithdrawnError(PaidSupportError):
    """Between taking and handing over something happened for which it must not leave."""


class End(StrEnum):
    """How an attempt ended; what a row that has this state says of itself."""

    SENT = "sent"
    #: It is tried again.
    AGAIN = QUEUED
    FAILED = "failed"
    #: The result is unknown: staff decide.
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended, and why; `due_at`: when it is tried again."""

    end: End
    problem: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a worker has taken: the ids of its rows, each with the number of this attempt."""

    attempts: Mapping[int, int]


T = TypeVar("T", bound=Taken)
To = TypeVar("To")


class Outbox(ByClock, ABC, Generic[T, To]):
    """One kind of what leaves, and where it goes to."""

    #: The job under which a row is parked that cannot even be taken.
    job: ClassVar[str]
    table: ClassVar[Rows]
    #: What is selected of a row, and what of that is locked while it is taken.
    rows: ClassVar[Any]
    locked: ClassVar[Sequence[Any]]
    #: The end of an attempt whose result is unknown.
    unclear: ClassVar[End]
    #: Waiting times between attempts; after the last one it is given up.
    pauses: ClassVar[Sequence[timedelta]] = BACK_OFF
    #: What is on its way for longer has lost its worker.
    lost_after: ClassVar[timedelta] = LOST_AFTER

    def __init__(self, services: Services, database: Database, to: To, clock: Callable[[], datetime]) -> None:
        super().__init__(services, database, clock)
        self.to = to

    def send_next(self) -> bool:
        """Let the row leave that is due longest; returns whether there was one.

        A row that cannot be taken is parked, and keeps no other from leaving.
        """
        with self.database.reading() as session:
            if session.execute(self._statements()[0], {"now": self.clock()}).first() is None:
                return False
        key = ""
        try:
            with self.writing() as ctx:
                found = ctx.session.execute(self._statements()[1], {"now": ctx.now}).first()
                if found is None:
                    return False  # others were faster
                *row, key, parked = found
                taken = self.take(ctx, *row)
                if parked is not None:
                    parking.forget(ctx, self.job, key)
        except OperationalError:
            raise  # the database is away, or busy: that says nothing about the row
        except Exception as error:
            if not key:
                raise
            parking.park_apart(self.writing, self.job, key, error)
            return True
        if taken is not None:
            end, problem, wait = self._handed_over(taken)
            self._note(taken.attempts, end, problem, wait=wait)
        return True

    def send_all(self) -> None:
        """Let everything leave that is due."""
        while self.send_next():
            pass

    def give_up_lost(self) -> int:
        """End the attempts whose worker has died; returns how many rows these were."""
        with self.database.reading() as session:
            lost = self.table.lost(session, self.clock() - self.lost_after)
            idle = self.table.parked_for_nothing(session, self.job)
        for id_, attempt in lost:
            self._note({id_: attempt}, self.unclear, STOPPED, pauses=(timedelta(),) * attempt)
        for key in idle:
            with self.writing() as ctx:
                parking.forget(ctx, self.job, key)
        return len(lost)

    @abstractmethod
    def take(self, ctx: Context, *row: Any) -> T | None:  # noqa: ANN401  # what `rows` selects
        """Take what `rows` selects, by `mark`; None if it does not leave after all."""

    @abstractmethod
    def hand_over(self, taken: T) -> None:
        """Give it to the other side. Raises NotSentError, UnclearError, WithdrawnError."""

    def mark(self, ctx: Context, attempts: Mapping[int, int], **values: object) -> dict[int, int]:
        """Mark rows as being sent, each for one attempt more; returns these attempts, or none."""
        own = self.table
        wanted = update(own.model).where(own.id.in_(attempts), own.state == QUEUED).values(**values)
        marks = {own.state: SENDING, own.taken_at: ctx.now, own.attempts: own.attempts + 1}
        if changed(ctx.session, wanted.values(marks)) != len(attempts):
            return {}
        return {id_: before + 1 for id_, before in attempts.items()}

    def note(self, ctx: Context, id_: int, attempt: int, ended: Ended) -> None:
        """Write down how an attempt ended, by `end`."""
        self.end(ctx, id_, attempt, ended)

    def end(self, ctx: Context, id_: int, attempt: int, ended: Ended, **values: object) -> bool:
        """End an attempt by one conditional update, unless it was ended or another one has begun."""
        own = self.table
        due = {"due_at": ended.due_at} if ended.due_at else {}
        mine = update(own.model).where(own.id == id_, own.state == SENDING, own.attempts == attempt)
        return changed(ctx.session, mine.values({own.state.key: ended.end, **due, **values})) == 1

    @classmethod
    @cache
    def _statements(cls) -> tuple[Select[Any], Select[Any]]:
        """Whether a row is due, and the row, locked: workers ask again and again, so they are made once."""
        due = cls.table.due(cls.rows, cls.job)
        # workers pass over what others are at
        locked = due.with_for_update(of=cls.locked, skip_locked=True, key_share=True)
        return due.with_only_columns(cls.table.id), locked

    def pause(self, usual: timedelta, wait: timedelta | None) -> timedelta:
        """How long to wait before the next attempt.

        Args:
            usual: The pause of this attempt.
            wait: How long the other side wants to be left alone, if it said so.
        """
        return max(usual, wait) if wait else usual

    def _handed_over(self, taken: T) -> tuple[End, str, timedelta | None]:
        try:
            self.hand_over(taken)
        except WithdrawnError as error:
            return End.WITHDRAWN, str(error), None
        except NotSentError as error:
            return End.FAILED if error.permanent else End.AGAIN, str(error), error.wait
        except UnclearError as error:
            return self.unclear, str(error), None
        except Exception as error:  # noqa: BLE001  # code of the site's own may raise anything, at any moment
            return self.unclear, filled(_BROKE_OFF, error=type(error).__name__), None
        return End.SENT, "", None

    def _note(
        self,
        attempts: Mapping[int, int],
        end: End,
        problem: str,
        pauses: Sequence[timedelta] | None = None,
        wait: timedelta | None = None,
    ) -> None:
        pauses = self.pauses if pauses is None else pauses
        with self.writing() as ctx:
            for id_, attempt in attempts.items():
                ended = Ended(end, problem)
                if end is End.AGAIN and attempt > len(pauses):
                    ended = Ended(End.FAILED, problem)
                elif end is End.AGAIN:
                    ended = Ended(end, problem, ctx.now + self.pause(pauses[attempt - 1], wait))
                self.note(ctx, id_, attempt, ended)
