"""What connections are to do: queueing tasks, hearing what happened, noting how it goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, update

from paidsupport.connect.connections import configured, queries
from paidsupport.connect.connections.tables import Connection, ConnectionState, ConnectionTask
from paidsupport.connect.log import queries as log
from paidsupport.connect.log.tables import Announcement
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import NotFoundError

#: Announcements that one connection hears of at once.
_BATCH = 200
#: How long tasks that have ended can be looked at.
KEPT = timedelta(weeks=6)


def queue(
    ctx: Context,
    connection: Connection,
    what: str,
    *,
    about: Announcement | None = None,
    chain: str = "",
    body: str = "",
    ticket_id: int | None = None,
    issue_id: int | None = None,
) -> ConnectionTask:
    """Queue a task.

    Args:
        ctx: Who acts.
        connection: Over which connection.
        what: What is to be done, in a word of its kind.
        about: What happened, if that is the cause: then once for each.
        chain: Tasks of one chain are done one after the other.
        body: What is sent, where its kind writes that down beforehand.
        ticket_id: The ticket it is about; by default that of what happened.
        issue_id: The same for an issue.
    """
    task = ConnectionTask(
        reference=about.reference if about and not what else new_reference(),
        connection_id=connection.id,
        what=what,
        chain=chain,
        announcement_id=about.id if about else None,
        ticket_id=ticket_id or (about.ticket_id if about else None),
        issue_id=issue_id or (about.issue_id if about else None),
        body=body,
        state="queued",
        created_at=ctx.now,
        due_at=ctx.now,
    )
    ctx.session.add(task)
    return task


def hear(ctx: Context, connection_id: int) -> bool:
    """Let a connection react to what happened since it heard last; returns whether there may be more."""
    state = queries.locked_state(ctx.session, connection_id)
    if state is None:
        return False
    found = log.after(ctx.session, state.heard, _BATCH)
    if not found:
        return False
    connection = ctx.session.get_one(Connection, connection_id)
    kind = configured.kinds(ctx.services).get(connection.kind)
    if kind is not None and kind.react is not None:
        kind.react(ctx, connection, found)
    state.heard = found[-1].position or state.heard
    ctx.session.flush()
    return len(found) == _BATCH


def is_behind(ctx: Context, connection_id: int) -> bool:
    """Whether something happened that a connection has not heard of."""
    return queries.heard(ctx.session, connection_id) < log.last_position(ctx.session)


def worked(ctx: Context, connection_id: int) -> None:
    """Something worked over a connection."""
    good = {"worked_at": ctx.now, "failing_since": None, "failures": 0, "problem": ""}
    _noted(ctx, connection_id, good)


def failed(ctx: Context, connection_id: int, problem: str) -> None:
    """Something failed over a connection, for a reason in words."""
    bad = {
        "failed_at": ctx.now,
        "failing_since": func.coalesce(ConnectionState.failing_since, ctx.now),
        "failures": ConnectionState.failures + 1,
        "problem": problem,
    }
    _noted(ctx, connection_id, bad)


def stop(ctx: Context, connection_id: int, why: str) -> None:
    """The desk stops a connection by itself, for a reason in words; managers switch it on again."""
    _noted(ctx, connection_id, {"stopped": why, "poll_due_at": None})


def again(ctx: Context, connection: Connection, reference: str) -> None:
    """Let a task be tried from the beginning that was given up, or waits; asked twice it is done once.

    Raises:
        NotFoundError: There is no such task of this connection.
    """
    if not queries.has_task(ctx.session, connection.id, reference):
        raise NotFoundError
    waits = ConnectionTask.state.in_(("failed", "uncertain", "queued"))
    given_up = (ConnectionTask.reference == reference, waits)
    changed(ctx.session, update(ConnectionTask).where(*given_up).values(**_fresh(ctx)))


def all_again(ctx: Context, connection: Connection) -> int:
    """Let all tasks that were given up be tried from the beginning; returns how many these are."""
    given_up = (
        ConnectionTask.connection_id == connection.id,
        ConnectionTask.state.in_(("failed", "uncertain")),
    )
    return changed(ctx.session, update(ConnectionTask).where(*given_up).values(**_fresh(ctx)))


def again_since(ctx: Context, connection: Connection, moment: datetime, *, everything: bool) -> int:
    """Let tasks that were queued since a moment be tried from the beginning; returns how many these are.

    Args:
        ctx: Who acts.
        connection: Over which connection.
        moment: From which moment on.
        everything: Whether those that were done are done again as well.
    """
    states = ("failed", "uncertain", "sent") if everything else ("failed", "uncertain")
    ended = (
        ConnectionTask.connection_id == connection.id,
        ConnectionTask.created_at >= moment,
        ConnectionTask.state.in_(states),
    )
    return changed(ctx.session, update(ConnectionTask).where(*ended).values(**_fresh(ctx)))


def forget(ctx: Context) -> None:
    """Delete tasks that ended long ago."""
    queries.delete_tasks_before(ctx.session, ctx.now - KEPT)


def _fresh(ctx: Context) -> dict[str, object]:
    return {"state": "queued", "attempts": 0, "due_at": ctx.now, "ended_at": None, "problem": ""}


def _noted(ctx: Context, connection_id: int, values: Mapping[str, object]) -> None:
    ours = ConnectionState.connection_id == connection_id
    changed(ctx.session, update(ConnectionState).where(ours).values(values))
