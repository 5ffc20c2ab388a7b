"""Invariants of what customers decided, and its consequences."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Exists, exists, func, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.tickets.checklist.rules import ItemState
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.decisions.operations import EVENTS, text_hash
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.ordering.requirements import REQUESTED
from paidsupport.tickets.rules import RECEIVED
from paidsupport.tickets.tables import Event, Ticket

#: Rows read at once.
_BATCH = 2000


@invariant("answers are in the history")
def answers_on_record(ctx: Context) -> Iterator[str]:
    """Every answer is in the history once, under the hash of the exact text; no text has changed since."""
    told: dict[tuple[int, object], list[tuple[str, object]]] = {}
    for ticket_id, kind, data in ctx.session.execute(
        select(Event.ticket_id, Event.kind, Event.data)
        .join(Ticket, Ticket.id == Event.ticket_id)
        .where(Event.kind.in_(set(EVENTS.values())), Ticket.erased_at.is_(None))
    ):
        told.setdefault((ticket_id, data.get("decision")), []).append((kind, data.get("hash")))
    rows = select(Decision, Ticket.code).join(Ticket, Ticket.id == Decision.ticket_id)
    for decision, code in ctx.session.execute(rows.where(Ticket.erased_at.is_(None))):
        if text_hash(decision) != decision.text_hash:
            yield f"{code}: the text of decision {decision.number} is not the text that the customer read"
        event = EVENTS.get((decision.kind, decision.answer))
        right = [(event, decision.text_hash)] if event else []
        if told.pop((decision.ticket_id, decision.reference), []) != right:
            yield f"{code}: decision {decision.number} and its history disagree"
    if told:
        lost = select(Ticket.code).where(Ticket.id.in_({ticket_id for ticket_id, _ in told}))
        yield from faults(ctx, lost, "its history has an answer to a question that does not exist")


@invariant("prices follow from offers")
def prices_follow_from_offers(ctx: Context) -> Iterator[str]:
    """The price of a ticket is that of the order plus every accepted offer."""
    accepted = (
        select(func.coalesce(func.sum(Decision.price_minor), 0))
        .where(Decision.ticket_id == Ticket.id, Decision.kind == "offer", Decision.answer == "approved")
        .scalar_subquery()
    )
    rows = ctx.session.execute(
        select(Ticket.code, Ticket.price_minor - accepted, Event.data)
        .join(Event, Event.ticket_id == Ticket.id)
        .where(Event.kind.in_(("submitted", REQUESTED, RECEIVED)), Ticket.erased_at.is_(None))
        .execution_options(yield_per=_BATCH)
    )
    for code, ordered, data in rows:
        if data.get("price") != ordered:
            yield f"{code}: its price is not the sum of the order and the accepted offers"


@invariant("approvals and checklist agree")
def consents_hold_the_checklist(ctx: Context) -> Iterator[str]:
    """Nothing that needs consent was ticked without a yes, and nothing is refused without a no."""

    def answered(answer: str) -> Exists:
        return exists().where(
            Decision.item_id == Item.id, Decision.kind == "consent", Decision.answer == answer
        )

    items = select(Ticket.code).join(Item, Item.ticket_id == Ticket.id)
    done = items.where(Item.consent, Item.state == ItemState.DONE, ~answered("approved"))
    yield from faults(ctx, done, "an item that needs approval was ticked without it")
    locked = items.where(Item.state == ItemState.REFUSED, ~answered("declined"))
    yield from faults(ctx, locked, "an item is locked that the customer did not decline")
    undone = items.where(Item.state != ItemState.REFUSED, answered("declined"))
    yield from faults(ctx, undone, "an item that the customer declined is not locked")
