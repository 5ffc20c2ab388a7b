"""Invariants: the histories of tickets are complete and unchanged (P14)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, exists, select

from paidsupport.kernel import chain
from paidsupport.kernel.chain_faults import link_fault
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.tables import Event, Ticket

#: Rows read at once.
_BATCH = 2000
#: What a ticket says about its own history.
_HEAD = ("code", "event_count", "event_hash", "state", "version", "erased_at")


@invariant("histories are unbroken")
def chains_unbroken(ctx: Context) -> Iterator[str]:
    """Every history is complete, in order, and unchanged; state and version of the ticket follow from it."""
    columns = (*Event.__table__.columns, *(getattr(Ticket, name).label(f"ticket_{name}") for name in _HEAD))
    rows = ctx.session.execute(
        select(*columns)
        .join(Ticket, Ticket.id == Event.ticket_id)
        .order_by(Event.ticket_id, Event.number)
        .execution_options(yield_per=_BATCH)
    )
    for _, group in groupby(rows, key=attrgetter("ticket_id")):
        yield from _faults_of_a_chain(ctx, group)
    unwritten = select(Ticket.code).where(~exists().where(Event.ticket_id == Ticket.id))
    yield from faults(ctx, unwritten, "the end of its history is missing or was changed")


def _faults_of_a_chain(ctx: Context, events: Iterator[Row[Any]]) -> Iterator[str]:
    number, previous, transitions, state = 0, chain.START, 0, ""
    cut: list[int] = []
    for event in events:
        number += 1
        if fault := link_fault(event, event.ticket_code, number, previous, cut=_is_cut(ctx, event)):
            yield f"{event.ticket_code}: event {event.number} {fault}"
        if event.kind == "erased":
            cut.clear()
        elif _is_cut(ctx, event):
            cut.append(event.number)
        previous = event.hash
        if "to" in event.data:
            transitions, state = transitions + 1, event.data["to"]
    for unerased in cut:
        yield f"{event.ticket_code}: event {unerased} was erased, but not the ticket"
    if (number, previous) != (event.ticket_event_count, event.ticket_event_hash):
        yield f"{event.ticket_code}: the end of its history is missing or was changed"
    if transitions + 1 != event.ticket_version or (state and state != event.ticket_state):
        yield f"{event.ticket_code}: its state or version does not follow from its history"


def _is_cut(ctx: Context, event: Row[Any]) -> bool:
    """Whether an erasure has emptied this event: its hash still covers the digest (P13)."""
    if event.ticket_erased_at is None or event.salt:
        return False
    return bool(event.data == ctx.events.cut(TICKET, event.kind, event.data))
