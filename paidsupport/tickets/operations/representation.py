"""A ticket as plain values, for the command line and the JSON API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import in_words
from paidsupport.privacy.redaction import masked
from paidsupport.tickets import standing
from paidsupport.tickets.checklist.board import row_of
from paidsupport.tickets.checklist.tables import ENTRIES, Item
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.decisions.rules import state_of
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.hooks import censored
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.operations.payment import payee_of
from paidsupport.tickets.operations.transitions import Possible
from paidsupport.tickets.priority.rules import NAMES
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import DeskPage, Spoken
from paidsupport.tickets.tables import Event, Ticket
from paidsupport.tickets.vault.tables import GIVEN, Given


def of_ticket(ctx: Context, code: str) -> tuple[DeskPage, dict[str, Any]]:
    """A ticket's page, and all of it that the viewer may see as plain values. Raises NotFoundError."""
    page = pages.for_desk(ctx, code)
    told = _as_json(ctx, page, pages.history(ctx, page.ticket))
    told["transitions"] = [_way(way) for way in transitions.possible(ctx, page.ticket, page)]
    return page, in_words(censored(ctx, told))


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
        "tags": [tag.name for tag in page.tags],
        "merged_into": page.into.code if page.into else None,
        "merged": [inside.ticket.code for inside in page.merged],
        "due_at": _due(ticket),
        "due_kind": ticket.due_kind or None,
        **_ordered(ticket),
        **_moments(ticket),
        "turn": page.turn.whose,
        "messages": [_message(ctx, page, spoken) for spoken in page.thread],
        "annotations": [
            {
                "author": note.author_name,
                "about": note.about,
                "body": note.body,
                "at": _iso(note.at),
                "files": [file.reference for file in page.all_files if file.annotation_id == note.id],
            }
            for note in page.annotations
        ],
        "files": [_file(page, file) for file in page.all_files if file.ticket_id == ticket.id],
        "checklist": [item_as_json(page, item) for item in page.items],
        "decisions": [decision_as_json(ctx, decision) for decision in page.decisions],
        "work": [
            {
                "person": entry.person_name,
                "machine": entry.machine,
                "what": entry.what,
                "started_at": _iso(entry.started_at),
                "ended_at": _iso(entry.ended_at),
            }
            for entry in page[ENTRIES]
        ],
        "logins": [_login(given) for given in page[GIVEN]],
        "links": [
            {"kind": link.kind, "code": link.code, "summary": link.summary, "state": link.state}
            for link in page.links
        ],
        "deadlines": [
            {
                "kind": row.kind,
                "due_at": _iso(row.due_at),
                "left_minutes": row.left_minutes,
                "missed_at": _iso(row.missed_at),
            }
            for row in page.deadlines
        ],
        "watchers": [row.person_name for row in page.watchers],
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


def _ordered(ticket: Ticket) -> dict[str, Any]:
    """What the customer asked for; what looks like a login in it is masked."""
    return {
        "summary": masked(ticket.summary),
        "details": masked(ticket.details),
        "host_url": ticket.host_url,
        "host_access": masked(ticket.host_access),
        "answers": [
            {"name": each["name"], "label": each["label"], "value": each["value"]} for each in ticket.answers
        ],
        "traits": sorted(ticket.traits),
        "language": ticket.language or None,
    }


def _moments(ticket: Ticket) -> dict[str, Any]:
    moments = (
        "submitted_at",
        "changed_at",
        "claimed_at",
        "lease_until",
        "started_at",
        "ended_at",
        "erased_at",
    )
    return {name: _iso(getattr(ticket, name)) for name in moments}


def _message(ctx: Context, page: DeskPage, spoken: Spoken) -> dict[str, Any]:
    message, email = spoken.message, spoken.email
    return {
        "number": message.number,
        "direction": message.direction,
        "author": message.author_name,
        "body": message.body,
        "rest": message.rest,
        "holds_login": message.holds_login,
        "letter": email.state if email else None,
        "email": email.reference if email else None,
        "kind": email.kind if email else None,
        "settle": emails.decisions(ctx, page.ticket, email) if email else [],
        "decision": spoken.decision.reference if spoken.decision else None,
        "files": [file.reference for file in spoken.files],
        "at": _iso(message.at),
    }


def _file(page: DeskPage, file: File) -> dict[str, Any]:
    numbers = {spoken.message.id: spoken.message.number for spoken in page.thread}
    names = {item.id: item.name for item in page.items}
    return {
        "reference": file.reference,
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "audience": file.audience,
        "message": numbers.get(file.message_id or 0),
        "item": names.get(file.item_id or 0),
        "at": _iso(file.at),
    }


def item_as_json(page: DeskPage, item: Item) -> dict[str, Any]:
    """An item of a ticket's checklist."""
    return {
        "name": item.name,
        "version": item.version,
        "state": item.state,
        "phase": item.phase,
        "text": item.text,
        "reason": item.reason,
        "skippable": item.skippable,
        "consent": item.consent,
        "waits": row_of(item, page.items, page.decisions).waits,
        "evidence": [
            {name: each[name] for name in ("name", "label", "kind", "required")} for each in item.evidence
        ],
        "answers": [{name: each[name] for name in ("name", "label", "value")} for each in item.answers],
        "because": item.because,
        "by": item.by_name,
        "at": _iso(item.at),
    }


def decision_as_json(ctx: Context, decision: Decision) -> dict[str, Any]:
    """What the customer is asked, and the answer."""
    price = {"minor": decision.price_minor, "currency": decision.currency}
    return {
        "reference": decision.reference,
        "number": decision.number,
        "kind": decision.kind,
        "state": state_of(decision, ctx.now),
        "what": decision.what,
        "why": decision.why,
        "risk": decision.risk,
        "undo": decision.undo,
        "price": price if decision.price_minor is not None else None,
        "valid_until": _iso(decision.valid_until),
        "asked_by": decision.asked_by_name,
        "asked_at": _iso(decision.asked_at),
        "answered_at": _iso(decision.answered_at),
        "word": decision.word,
    }


def _login(given: Given) -> dict[str, Any]:
    """That there is a login; what it is leaves the vault for a person alone."""
    secret = given.secret
    return {
        "reference": secret.reference,
        "kind": secret.kind,
        "label": secret.label,
        "given_at": _iso(secret.given_at),
        "destroyed_at": _iso(secret.destroyed_at),
        "views": len(given.looks),
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
