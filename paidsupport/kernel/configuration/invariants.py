"""Invariants: the history of the configuration is complete and unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from paidsupport.kernel import chain
from paidsupport.kernel.chain_faults import link_fault
from paidsupport.kernel.configuration.history import words_of
from paidsupport.kernel.configuration.tables import Configuration, ConfigurationEvent
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant

#: Rows read at once.
_BATCH = 500


@invariant("the history of the configuration is unbroken")
def history_unbroken(ctx: Context) -> Iterator[str]:
    """It is complete, in order, and unchanged."""
    events = ConfigurationEvent.__table__
    for record in ctx.session.scalars(select(Configuration)):
        number, previous = 0, chain.START
        rows = ctx.session.execute(
            select(*events.columns)
            .where(events.c.configuration_id == record.id)
            .order_by(events.c.number)
            .execution_options(yield_per=_BATCH)
        )
        for event in rows:
            number += 1
            if (event.about, sorted(event.words.split())) != _found_by(event.data):
                yield f"configuration: event {event.number} is found by other words than it says"
            if fault := link_fault(event, record.code, number, previous):
                yield f"configuration: event {event.number} {fault}"
            previous = event.hash
        if (number, previous) != (record.event_count, record.event_hash):
            yield "configuration: the end of its history is missing or was changed"


def _found_by(data: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What a line is found by: databases keep its facts in an order of their own."""
    return data.get("about", ""), sorted(words_of(data).split())
