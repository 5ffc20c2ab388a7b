"""Whether a worker is at work: each says so now and then, for all of them in one row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed, new_rows, write
from paidsupport.kernel.jobs.queries import last_seen
from paidsupport.kernel.jobs.tables import Heartbeat

#: How often it is written down that a worker is at work.
_EVERY = timedelta(minutes=1)
#: Who has not been seen for so long has stopped, or is held up.
_STAYS = timedelta(minutes=5)
_ONLY = 1
_FRESH = new_rows(Heartbeat.__table__)  # type: ignore[arg-type]  # a table


def beat(worker: Any) -> None:  # noqa: ANN401  # a `Worker`, which jobs do not import
    """Write down that a worker is at work, unless that was done within the last minute."""
    with worker.reading() as ctx:
        seen = last_seen(ctx.session)
    if seen is not None and ctx.now - seen < _EVERY:
        return
    with worker.writing() as ctx:
        later = update(Heartbeat).where(Heartbeat.id == _ONLY, Heartbeat.seen_at < ctx.now)
        if not changed(ctx.session, later.values(seen_at=ctx.now)):
            write(ctx.session, _FRESH[ctx.session.get_bind().dialect.name], {"id": _ONLY, "seen_at": ctx.now})


def is_alive(ctx: Context) -> bool:
    """Whether a worker was at work within the last minutes: one query."""
    seen = last_seen(ctx.session)
    return seen is not None and ctx.now - seen < _STAYS


def fault(ctx: Context) -> str:
    """A warning if no worker is at work; otherwise empty."""
    seen = last_seen(ctx.session)
    if seen is None:
        return "No worker has run yet, so no emails are sent. Start one."
    if ctx.now - seen < _STAYS:
        return ""
    minutes = int((ctx.now - seen).total_seconds() // 60)
    return f"No worker has been seen for {minutes} minutes, so no emails are sent. Start one."
