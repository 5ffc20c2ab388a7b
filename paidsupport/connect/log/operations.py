"""Writing down what happened, and giving it positions (P12).

Every line of the history of a ticket or issue is announced in its own transaction, so that nothing is told
that did not happen. Only what its kind declares harmless goes with it. What operations announce by name comes
with the facts that they give.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from paidsupport.connect.log import queries
from paidsupport.connect.log.tables import Announcement
from paidsupport.issues.events import ISSUE
from paidsupport.issues.hooks import ISSUE_HAPPENED
from paidsupport.issues.tables import Issue
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.events import Kind
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.hooks import ANNOUNCED, HAPPENED
from paidsupport.tickets.tables import Ticket

#: How long it can be read.
KEPT = timedelta(days=90)
#: Rows that get their positions at once.
_BATCH = 1000


def ticket_happened(ctx: Context, ticket: Ticket, kind: str, data: Mapping[str, object]) -> None:
    """A line was written into the history of a ticket."""
    found = ctx.events.of(TICKET, kind)
    if not found.webhook:  # it is announced with more facts
        _write(ctx, found, ticket.state, found.cut(data), ticket_id=ticket.id)


def issue_happened(ctx: Context, issue: Issue, kind: str, data: Mapping[str, object]) -> None:
    """A line was written into the history of an issue."""
    found = ctx.events.of(ISSUE, kind)
    _write(ctx, found, issue.state, found.cut(data), issue_id=issue.id)


def announced(ctx: Context, ticket: Ticket, event: str, facts: Mapping[str, object]) -> None:
    """An operation announces something about a ticket.

    Args:
        ctx: Who acts.
        ticket: The ticket.
        event: The name of a kind that is announced.
        facts: JSON that goes out as it is: nothing personal of a customer belongs into it.

    Raises:
        ConfigurationError: No capability declares it.
    """
    if (found := ctx.events.announced.get(event)) is None:
        raise ConfigurationError(f"No capability declares the announced event “{event}”.")
    _write(ctx, found, ticket.state, facts, ticket_id=ticket.id)


SUBSCRIPTIONS = (HAPPENED.by(ticket_happened), ANNOUNCED.by(announced))
SUBSCRIPTIONS_OF_ISSUES = (ISSUE_HAPPENED.by(issue_happened),)


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


def _write(ctx: Context, kind: Kind, state: str, data: Mapping[str, Any], **owner: int) -> None:
    ctx.session.add(
        Announcement(
            reference=new_reference(),
            type=kind.type,
            state=str(data.get("to") or state) if kind.is_transition else state,
            actor_kind=ctx.by.kind,
            actor_name=ctx.by.name if ctx.by.kind == "person" else "",
            data=dict(data),
            at=ctx.now,
            **owner,
        )
    )
