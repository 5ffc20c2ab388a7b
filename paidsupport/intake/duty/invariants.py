"""Invariants of escalations (T7, N9)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import select

from paidsupport.intake.duty.tables import CascadeStep
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant
from paidsupport.tickets.tables import Event, Ticket

#: Rows read at once.
_BATCH = 2000


@invariant("cascades are in the history")
def cascades_on_record(ctx: Context) -> Iterator[str]:
    """Each step of an escalation is there once, in order, and in the history; the managers are the last."""
    columns = (CascadeStep.ticket_id, CascadeStep.round, CascadeStep.step, CascadeStep.person_id)
    wanted = select(*columns, Ticket.code).join(Ticket, Ticket.id == CascadeStep.ticket_id)
    wanted = wanted.order_by(*columns[:3]).execution_options(yield_per=_BATCH)
    told = _told(ctx)
    for (ticket_id, round_, code), group in groupby(
        ctx.session.execute(wanted), key=lambda row: (row.ticket_id, row.round, row.code)
    ):
        rows = list(group)
        people = [row.person_id for row in rows]
        if [row.step for row in rows] != list(range(1, len(rows) + 1)):
            yield f"{code}: a step of its cascade is missing or doubled"
        if None in people[:-1]:
            yield f"{code}: a person was told after the managers"
        if len(set(people)) != len(people):
            yield f"{code}: a person was told twice"
        if told.pop((ticket_id, round_), set()) != {row.step for row in rows}:
            yield f"{code}: its cascade and its history disagree"
    lost = select(Ticket.code).where(Ticket.id.in_({ticket_id for ticket_id, _ in told}))
    for code in ctx.session.scalars(lost) if told else ():
        yield f"{code}: its history has a cascade that does not exist"


def _told(ctx: Context) -> dict[tuple[int, int], set[object]]:
    """The steps recorded in histories, by ticket and round."""
    told: dict[tuple[int, int], set[object]] = {}
    wanted = select(Event.ticket_id, Event.claim_number, Event.data).where(Event.kind == "cascade")
    for ticket_id, number, data in ctx.session.execute(wanted):
        told.setdefault((ticket_id, number), set()).add(data.get("step"))
    return told
