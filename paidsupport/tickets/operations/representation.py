"""A ticket as plain values, for the command line and the JSON API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from paidsupport.kernel.context import Context
from paidsupport.tickets import standing
from paidsupport.tickets.hooks import censored
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.operations.payment import payee_of
from paidsupport.tickets.operations.transitions import Possible
from paidsupport.tickets.priority.rules import NAMES
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.tables import Event, Ticket


def of_ticket(ctx: Context, code: str) -> tuple[DeskPage, dict[str, Any]]:
    """A ticket's page, and all of it that the viewer may see as plain values. Raises NotFoundError."""
    page = pages.for_desk(ctx, code)
    told = _as_json(ctx, page, pages.history(ctx, page.ticket))
    told["transitions"] = [_way(way) for way in transitions.possible(ctx, page.ticket, page)]
    return page, censored(ctx, told)


def _as_json(ctx: Context, page: DeskPage, events: Sequence[Event]) -> dict[str, Any]:
    """Convert it; moments are in ISO 8601."""
    ticket = page.ticket
    return {
        "code": ticket.code,
        "workflow": ticket.workflow,
        "state": ticket.state,
        "part": ticket.part,
        "version": ticket.version,
        "owner": page.owner_name or None,
        "claim_number": ticket.claim_number,
        "thread": ticket.thread,
        "service": ticket.service_name,
        "price": {"minor": ticket.price_minor, "currency": ticket.currency},
        "payment": _payment(ctx, ticket),
        "customer": {"name": ticket.customer_name, "email": ticket.customer_email},
        "priority": NAMES[ticket.priority],
        "submitted_at": _iso(ticket.submitted_at),
        "ended_at": _iso(ticket.ended_at),
        "tags": [tag.name for tag in page.tags],
        "merged_into": page.into.code if page.into else None,
        "merged": [inside.ticket.code for inside in page.merged],
        "due_at": _due(ticket),
        "due_kind": ticket.due_kind or None,
        "messages": [
            {
                "number": spoken.message.number,
                "direction": spoken.message.direction,
                "author": spoken.message.author_name,
                "body": spoken.message.body,
                "rest": spoken.message.rest,
                "letter": spoken.email.state if spoken.email else None,
                "at": _iso(spoken.message.at),
            }
            for spoken in page.thread
        ],
        "annotations": [
            {"author": note.author_name, "body": note.body, "at": _iso(note.at)} for note in page.annotations
        ],
        "events": [
            {
                "number": event.number,
                "kind": event.kind,
                "at": _iso(event.at),
                "actor": event.actor_name,
                "claim_number": event.claim_number,
                "data": event.data,
                "hash": event.hash,
            }
            for event in events
        ],
    }


def _way(way: Possible) -> dict[str, Any]:
    """A transition: whether it can be made now, and what it needs."""
    transition = way.transition
    asks = [name for name in ("reason", "note", "colleague") if transition.takes(name)]
    return {
        "name": transition.name,
        "label": transition.label,
        "to": transition.target,
        "possible": not way.blocked,
        "asks": asks,
        "reasons": [reason.name for reason in transition.offered],
        "conditions": [
            {"name": each.guard.name, "met": each.holds, "sentence": each.sentence} for each in way.conditions
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def row_as_json(ctx: Context, row: Row[Any]) -> dict[str, Any]:
    """A row of the queue."""
    return {
        "code": row.code,
        "state": row.state,
        "part": row.part,
        "version": row.version,
        "service": row.service_name,
        "summary": row.summary,
        "customer": row.customer_name,
        "price": {"minor": row.price_minor, "currency": row.currency},
        "payment": _payment(ctx, row),
        "owner": row.owner_name,
        "tags": sorted(row.tags.split(",")) if row.tags else [],
        "priority": NAMES[row.priority],
        "submitted_at": _iso(row.submitted_at),
        "changed_at": _iso(row.changed_at),
        "due_at": _due(row),
        "due_kind": row.due_kind or None,
    }


def _payment(ctx: Context, ticket: standing.Priced) -> dict[str, object] | None:
    """Who is paid, and how it stands; None for what costs nothing."""
    if (stands := standing.stands(ticket)) is None:
        return None
    sums = standing.sums_of(ticket)
    return {
        "payee": payee_of(ctx, ticket.payee),
        "price": ticket.price_minor,
        "paid": sums.kept,
        "refunded": sums.refunded,
        "open": sums.left(ticket.price_minor),
        "state": stands,
    }


def _due(row: Ticket | Row[Any]) -> str | None:
    return _iso(row.due_at) if row.due_kind else None
