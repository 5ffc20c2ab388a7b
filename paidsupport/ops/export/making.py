"""What a worker does with exports: makes one after the other, and deletes those whose day is over (P13).

A worker takes an export by one conditional update and says again and again that it is still at it. If it is
killed, another one makes the export from the start; whatever the first one still does then counts no more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError, OperationalError

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.kernel.jobs import parking
from paidsupport.kernel.worker import Worker
from paidsupport.ops.export import customer as one
from paidsupport.ops.export import ending, everything
from paidsupport.ops.export.archive import Archive, ZipStream
from paidsupport.ops.export.operations import STAYS
from paidsupport.ops.export.queries import exports
from paidsupport.ops.export.tables import ALL, Export

log = logging.getLogger("paidsupport.export")

#: An export that was not heard of for so long has lost its worker.
LOST_AFTER = timedelta(minutes=5)
#: Where a worker cannot say that it is still at it, it has so much longer.
_SILENT = timedelta(hours=3)
#: Seconds between two signs of life.
_BEAT = 2.0
#: So often a worker may be lost over one export.
_MOST = 3
_STOPPED = storable(_("The worker stopped again and again while this was made. Look into its log."))


class TakenOverError(Exception):
    """Another worker has taken the export, or it was deleted."""


@dataclass(frozen=True, slots=True)
class _Taken:
    id: int
    attempt: int
    kind: str
    about: str
    with_notes: bool


def make_next(worker: Worker) -> bool:
    """Make the export that is due longest; returns whether there was one."""
    taken = _take(worker)
    if taken is None:
        return False
    try:
        _make(worker, taken)
    except TakenOverError:
        log.warning("export %s was taken over or deleted while it was made", taken.id)
    except DBAPIError:
        raise  # the database is away: the export is taken again when it is back
    except Exception as error:
        if not isinstance(error, PaidSupportError):
            log.exception("export %s failed", taken.id)
        with worker.writing() as ctx:
            problem = str(error) if isinstance(error, PaidSupportError) else parking.reason_of(error)
            failed = {"state": "failed", "about": "", "ended_at": ctx.now, "problem": problem}
            ending.end(ctx, taken.id, taken.attempt, **failed)
    return True


def expire_all(worker: Worker) -> None:
    """Delete the exports whose day is over, each on its own."""
    with worker.reading() as ctx:
        ids = exports.over(ctx.session, ctx.now)
        old = exports.old(ctx.session, ctx.now - ending.STAYS)
    for export_id in ids:
        with worker.writing() as ctx:
            ending.expire(ctx, export_id)
    if old:
        with worker.writing() as ctx:
            ending.tidy(ctx)


def _take(worker: Worker) -> _Taken | None:
    with worker.reading() as ctx:
        if (due := exports.next_id(ctx.session, ctx.now - LOST_AFTER)) is None:
            return None
    with worker.writing() as ctx:
        mine = update(Export).where(Export.id == due.id, Export.attempts == due.attempts)
        mine = mine.where(Export.state.in_(exports.UNFINISHED))
        if due.attempts >= _MOST:
            gone = {"state": "failed", "about": "", "ended_at": ctx.now, "problem": _STOPPED}
            changed(ctx.session, mine.values(**gone))
            return None
        seen_at = ctx.now if worker.database.lets_write_while_reading() else ctx.now + _SILENT
        values = {"state": "running", "attempts": due.attempts + 1, "seen_at": seen_at, "lines": 0}
        if not changed(ctx.session, mine.values(**values)):
            return None  # another worker was faster
        export = ctx.session.get_one(Export, due.id, populate_existing=True)
        return _Taken(export.id, export.attempts, export.kind, export.about, export.with_notes)


def _make(worker: Worker, taken: _Taken) -> None:
    with worker.snapshot() as ctx:
        total, fill = _filling(ctx, taken)
        made_at, beat = ctx.services.hours.local(ctx.now), _beating(worker, taken, total)
        with ZipStream(fill, made_at, beat) as stream:
            kept = ctx.services.files.keep(stream)  # type: ignore[arg-type]  # it is read and nothing else
        lines = stream.lines
    with worker.writing() as ctx:
        ready = {"state": "ready", "storage_key": kept.key, "size": kept.size, "lines": lines, "total": lines}
        until = {"ended_at": ctx.now, "expires_at": ctx.now + STAYS}
        if ending.end(ctx, taken.id, taken.attempt, **ready, **until):
            return
    worker.services.files.drop(kept.key)
    raise TakenOverError


def _filling(ctx: Context, taken: _Taken) -> tuple[int, Callable[[Archive], Iterator[int]]]:
    if taken.kind == ALL:
        return sum(everything.counted(ctx).values()) + 1, partial(everything.fill, ctx)
    gathered = one.gathered(ctx, taken.about, with_notes=taken.with_notes)
    return len(gathered.tickets), partial(one.fill, ctx, gathered)


def _beating(worker: Worker, taken: _Taken, total: int) -> Callable[[int], None]:
    """Say now and then that the export is still being made; raises if another worker makes it by now."""
    if not worker.database.lets_write_while_reading():
        return lambda _lines: None
    next_beat = 0.0

    def beat(lines: int) -> None:
        nonlocal next_beat
        if time.monotonic() < next_beat:
            return
        next_beat = time.monotonic() + _BEAT
        # a database that is busy just now hears the next one
        with suppress(OperationalError), worker.writing() as ctx:
            if not ending.end(ctx, taken.id, taken.attempt, lines=lines, total=total, seen_at=ctx.now):
                raise TakenOverError

    return beat
