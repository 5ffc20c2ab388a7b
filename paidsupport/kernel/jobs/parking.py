"""Jobs of workers that fail are parked: with the reason, for a growing time, where people can see them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import ManagersOnlyError, NotFoundError, PaidSupportError, for_managers
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.invariants import invariant
from paidsupport.kernel.jobs.queries import locked, parked
from paidsupport.kernel.jobs.tables import ParkedJob
from paidsupport.kernel.text import shorten

_FOR_MANAGERS = for_managers(_("Only a manager can run a failed job again."))

log = logging.getLogger("paidsupport.jobs")

#: Waiting times between attempts; the last one is kept.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 30, 60, 120, 240))
#: The same for a job that is about no single row: everything of its kind waits for it.
BACK_OFF_OF_ALL = (timedelta(minutes=1),)
#: Longest reason that is kept.
_REASON_LIMIT = 200
_REFUSED = storable(_("the database refused it: %(error)s"))
#: What quotations begin and end with.
_OPENING, _CLOSING = "'\"“", "'\"”…"


def park(ctx: Context, job: str, key: str, error: Exception) -> ParkedJob:
    """Write down that a job has failed, and when it is tried again.

    Args:
        job: What it does, in words.
        key: The row it is about, if it is about one.
        error: Why it failed.
    """
    row = locked(ctx.session, job, key)
    if row is None:
        row = ParkedJob(job=job, key=key, attempts=0)
        ctx.session.add(row)
    steps = BACK_OFF if key else BACK_OFF_OF_ALL
    row.attempts += 1
    row.reason = reason_of(error)
    row.failed_at = ctx.now
    row.due_at = ctx.now + steps[min(row.attempts, len(steps)) - 1]
    ctx.session.flush()
    return row


def park_apart(
    writing: Callable[[], AbstractContextManager[Context]], job: str, key: str, error: Exception
) -> ParkedJob | None:
    """The same in a transaction of its own, and in the log; None if another worker has just done so."""
    try:
        with writing() as ctx:
            row = park(ctx, job, key, error)
    except IntegrityError:
        return None
    # all of it once, so that it can be understood; then a line each time
    log.log(
        logging.ERROR if row.attempts == 1 else logging.WARNING,
        "“%s” %s is parked until %s, failed %s times: %s",
        *(job, key, row.due_at, row.attempts, row.reason),
        exc_info=error if row.attempts == 1 else None,
    )
    return row


def forget(ctx: Context, job: str, key: str) -> None:
    """A job that was parked has succeeded."""
    ctx.session.execute(delete(ParkedJob).where(ParkedJob.job == job, ParkedJob.key == key))


def try_now(ctx: Context, job_id: int) -> None:
    """Let a manager's parked job be tried at the next turn of a worker.

    Raises:
        ManagersOnlyError: The actor is not a manager.
        NotFoundError: It is not parked any more.
    """
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_FOR_MANAGERS)
    if not changed(ctx.session, update(ParkedJob).where(ParkedJob.id == job_id).values(due_at=ctx.now)):
        raise NotFoundError


def reason_of(error: Exception) -> str:
    """Why a job failed, in one line without personal data; the log has all of it.

    What the database says is left out, for its errors repeat the values that were sent; so is whatever
    stands in quotes.
    """
    if isinstance(error, DBAPIError):
        return filled(_REFUSED, error=type(error.orig).__name__)
    first = _unquoted(shorten(str(error), _REASON_LIMIT))
    if isinstance(error, PaidSupportError):
        return first
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _unquoted(text: str) -> str:
    """`text` without anything between its first and its last quotation mark: it may be of a customer."""
    start = min((at for each in _OPENING if (at := text.find(each)) >= 0), default=-1)
    end = max(map(text.rfind, _CLOSING))
    return f"{text[:start]}…{text[end + 1 :]}" if 0 <= start < end else text


@invariant("no job of a worker is parked")
def nothing_is_parked(ctx: Context) -> Iterator[str]:
    """Everything that workers do by themselves succeeds."""
    for row in parked(ctx.session):
        about = f" {row.key}" if row.key else ""
        times = "once" if row.attempts == 1 else f"{row.attempts} times in a row"
        due_at = f"{ctx.services.hours.local(row.due_at):%Y-%m-%d %H:%M %Z}"
        yield f"{row.job}{about}: failed {times}, next try at {due_at}: {row.reason}"
