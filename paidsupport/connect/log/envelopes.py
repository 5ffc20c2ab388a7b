"""What happened, as other programs read it: one form for the feed and for webhooks (P12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from paidsupport.issues.events import ISSUE
from paidsupport.issues.queries.sight import without_hidden
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.context import Services
from paidsupport.settings import Settings


def envelopes(
    services: Services, session: Session, by: Actor, rows: Sequence[Row[Any]]
) -> list[dict[str, Any]]:
    """Events as `by` may read them, from the rows of `queries.told`.

    Returns:
        `type`, `timestamp` and `data` of each, in their order. Codes of private issues are hidden in them.
    """
    return without_hidden(session, by, [_envelope(services.settings, row) for row in rows])


def page_of(settings: Settings, ticket: str | None, issue: str | None) -> str:
    """The address of the page for staff."""
    path = f"tickets/{ticket}" if ticket else f"issues/{issue}"
    return f"{settings.base_url}{settings.url_prefix}/desk/{path}"


def _envelope(settings: Settings, row: Row[Any]) -> dict[str, Any]:
    return {
        "type": row.type,
        "timestamp": row.at.isoformat(),
        "data": {
            **row.data,
            "id": row.reference,
            **({"ticket": row.ticket} if row.ticket else {"issue": row.issue}),
            "workflow": row.workflow or ISSUE,
            "state": row.state,
            "actor": row.actor_kind,
            "link": page_of(settings, row.ticket, row.issue),
        },
    }
