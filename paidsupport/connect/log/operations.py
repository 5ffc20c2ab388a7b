"""Writing down what happened, and giving it positions (P12).

Every line of the history of a ticket or issue is announced in its own transaction, so that nothing is told
that did not happen. Only what its kind declares harmless goes with it. What operations announce by name comes
with the facts that they give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from paidsupport.connect.log import queries
from paidsupport.connect.log.tables import Announcement
from paidsupport.issues.events import ISSUE
from paidsupport.issues.hooks import ISSUE_LINES_WRITTEN
from paidsupport.issues.tables import Issue
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.events import Kind
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.hooks import ANNOUNCED, LINES_WRITTEN
from paidsupport.tickets.tables import Ticket

#: How long it can be read.
KEPT = timedelta(days=90)
#: Rows that are written, or get their positions, at once.
_BATCH = 1000
_INSERT = insert(Base.metadata.tables[Announcement.__tablename__])


def written(ctx: Context, kind: str, lines: Sequence[tuple[Ticket, Mapping[str, object]]]) -> None:
    """Lines were written into the histories of tickets."""
    found = ctx.events.of(TICKET, kind)
    if not found.is_announced:  # it is announced with more facts
        _write(ctx, [_row(ctx, found, each, found.cut(data), ticket_id=each.id) for each, data in lines])


def written_on_issues(ctx: Context, kind: str, lines: Sequence[tuple[Issue, Mapping[str, object]]]) -> None:
    """Lines were written into the histories of issues."""
    found = ctx.events.of(ISSUE, kind)
    _write(ctx, [_row(ctx, found, each, found.cut(data), issue_id=each.id) for each, data in lines])


def announced(ctx: Context, event: str, lines: Sequence[tuple[Ticket, Mapping[str, object]]]) -> None:
    """An operation announces something about tickets.

    Args:
        ctx: Who acts.
        event: The name of a kind that is announced.
        lines: The tickets, each with its facts: JSON that goes out as it is, with nothing personal in it.

    Raises:
        ConfigurationError: No capability declares it, or it does so with other facts.
    """
    if (found := ctx.events.announced.get(event)) is None:
        raise ConfigurationError(f"No capability declares the announced event “{event}”.")
    for _ticket, facts in lines:
        if facts.keys() != found.facts.keys():
            wanted, given = ", ".join(found.facts), ", ".join(facts)
            raise ConfigurationError(f"The announced event “{event}” declares {wanted}, and not {given}.")
    _write(ctx, [_row(ctx, found, each, facts, ticket_id=each.id) for each, facts in lines])


SUBSCRIPTIONS = (LINES_WRITTEN.by(written), ANNOUNCED.by(announced))
SUBSCRIPTIONS_OF_ISSUES = (ISSUE_LINES_WRITTEN.by(written_on_issues),)


def is_behind(ctx: Context) -> bool:
    """Whether something has no position yet."""
    return queries.has_unnumbered(ctx.session)


def number(ctx: Context) -> bool:
    """Give positions to what was committed since the last time; returns whether there may be more."""
    found = queries.lock_unnumbered(ctx.session, _BATCH)
    last = queries.last_position(ctx.session)
    for position, each in enumerate(found, last + 1):
        each.position = position
    ctx.session.flush()
    return len(found) == _BATCH


def forget(ctx: Context) -> None:
    """Delete what can no longer be read."""
    queries.delete_before(ctx.session, ctx.now - KEPT)


def _row(
    ctx: Context, kind: Kind, record: Ticket | Issue, data: Mapping[str, Any], **owner: int
) -> dict[str, object]:
    return {
        "reference": new_reference(),
        "type": kind.type,
        "ticket_id": None,
        "issue_id": None,
        "state": str(data.get("to") or record.state) if kind.is_transition else record.state,
        "actor_kind": ctx.by.kind,
        "actor_name": ctx.by.name if ctx.by.kind == "person" else "",
        "data": dict(data),
        "at": ctx.now,
        **owner,
    }


def _write(ctx: Context, rows: Sequence[dict[str, object]]) -> None:
    for start in range(0, len(rows), _BATCH):
        write(ctx.session, _INSERT, rows[start : start + _BATCH])
