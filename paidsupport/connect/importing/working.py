"""What a worker does with imports: one after the other, and forgets files and secrets that are not used.

A worker takes a run by one conditional update and says with each ticket that it is still at it. If it is
killed, another one goes on; whatever the first one still does then counts no more.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from paidsupport.connect.importing import queries, running
from paidsupport.connect.importing.operations import runs
from paidsupport.connect.importing.operations.writing import Plan
from paidsupport.connect.importing.running import Report
from paidsupport.connect.importing.sources.kinds import KINDS, Source
from paidsupport.connect.importing.tables import Import
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.configuration import sealing
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import InvalidInputError, PaidSupportError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.kernel.jobs import parking
from paidsupport.kernel.worker import Worker

log = logging.getLogger("paidsupport.import")

#: A run that was not heard of for so long has lost its worker.
LOST_AFTER = timedelta(minutes=5)
#: So long a file or a secret waits for a manager to go on.
KEPT = timedelta(days=1)
#: So often a worker may be lost over one run.
_MOST = 10
_STOPPED = storable(_("The worker stopped again and again while this was made. Look into its log."))


class TakenOverError(Exception):
    """Another worker has taken the run."""


@dataclass(frozen=True, slots=True)
class _Taken:
    run: Import
    by: Actor


class _Desk:
    """Transactions of the manager who started a run, as the worker makes them."""

    def __init__(self, worker: Worker, by: Actor) -> None:
        self._worker, self._by = worker, by

    @contextmanager
    def reading(self) -> Iterator[Context]:
        with self._worker.reading() as ctx:
            yield replace(ctx, by=self._by)

    @contextmanager
    def writing(self) -> Iterator[Context]:
        with self._worker.writing() as ctx:
            yield replace(ctx, by=self._by)


def move_next(worker: Worker) -> bool:
    """Do the run that is due longest; returns whether there was one."""
    taken = _take(worker)
    if taken is None:
        return False
    run = taken.run
    report = Report()
    try:
        with tempfile.TemporaryDirectory(prefix="paidsupport-import-") as folder:
            _do(worker, taken, Path(folder), report)
        problem = ""
    except TakenOverError:
        log.warning("import %s was taken over", run.id)
        return True
    except DBAPIError:
        raise  # the database is away: the run is taken again when it is back
    except Exception as error:
        if not isinstance(error, PaidSupportError):
            log.exception("import %s failed", run.id)
        problem = _said(error)
    with worker.writing() as ctx:
        values = {"state": "failed" if problem else "done", "problem": problem, "ended_at": ctx.now}
        _note(ctx, run, {**values, "counts": report.counts, "remarks": report.told})
        if not run.dry and not problem:
            _forget(ctx, ctx.session.get_one(Import, run.id, populate_existing=True))
    return True


def forget_all(worker: Worker) -> None:
    """Delete files and secrets of runs with which no manager goes on."""
    with worker.writing() as ctx:
        for run in queries.over(ctx.session, ctx.now - KEPT):
            _forget(ctx, run)


def _forget(ctx: Context, run: Import) -> None:
    key, run.storage_key, run.sealed = run.storage_key, None, None
    ctx.session.flush()
    if key:
        ctx.services.files.drop(key)


def _said(error: Exception) -> str:
    if isinstance(error, InvalidInputError):
        return str(next(iter(next(iter(error.problems.values())))))
    return str(error) if isinstance(error, PaidSupportError) else parking.reason_of(error)


def _take(worker: Worker) -> _Taken | None:
    with worker.reading() as ctx:
        if (due := queries.next_run(ctx.session, ctx.now - LOST_AFTER)) is None:
            return None
    with worker.writing() as ctx:
        mine = update(Import).where(Import.id == due.id, Import.attempts == due.attempts)
        mine = mine.where(Import.state.in_(queries.UNFINISHED))
        if due.attempts >= _MOST:
            changed(ctx.session, mine.values(state="failed", ended_at=ctx.now, problem=_STOPPED))
            return None
        values = {"state": "running", "attempts": due.attempts + 1, "seen_at": ctx.now}
        if not changed(ctx.session, mine.values(**values)):
            return None  # another worker was faster
        run = ctx.session.get_one(Import, due.id, populate_existing=True)
        # no id: who has left meanwhile acts no more, their name stays
        by = Actor("person", run.started_by_name, run.started_by_id)
        ctx.session.expunge(run)
        return _Taken(run, by)


def _do(worker: Worker, taken: _Taken, folder: Path, report: Report) -> None:
    run, desk = taken.run, _Desk(worker, taken.by)
    plan = Plan(run.options.get("services", {}))
    source = _source(worker, run, folder)
    try:
        if run.dry:
            running.look(desk, source, plan, report, lambda: _beat(worker, run, report))
            return
        after = run.place

        def told(ctx: Context, place: str) -> None:
            values = {"seen_at": ctx.now, "counts": report.counts, **({"place": place} if place else {})}
            if not _note(ctx, run, values):
                raise TakenOverError

        running.move(desk, source, plan, report, after=after, told=told)
    finally:
        source.close()


def _source(worker: Worker, run: Import, folder: Path) -> Source:
    path = folder / f"file{Path(run.file_name).suffix.lower()}"
    if run.storage_key:
        with worker.services.files.open(run.storage_key) as content, path.open("xb") as target:
            shutil.copyfileobj(content, target)
    secret = ""
    if run.sealed:
        secret = sealing.open_bytes(worker.services.links, f"import {run.reference}", run.sealed)
    with worker.reading() as ctx:
        wanted = runs.wanted(ctx, run.source, path, run.options, secret)
    return KINDS[run.kind].open(wanted)


def _beat(worker: Worker, run: Import, report: Report) -> None:
    with worker.writing() as ctx:
        if not _note(ctx, run, {"seen_at": ctx.now, "counts": report.counts}):
            raise TakenOverError


def _note(ctx: Context, run: Import, values: dict[str, object]) -> bool:
    mine = update(Import).where(
        Import.id == run.id, Import.attempts == run.attempts, Import.state == "running"
    )
    return changed(ctx.session, mine.values(**values)) == 1
