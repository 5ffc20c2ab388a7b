"""The checklist as a page shows it: by phase, each line with what it waits for. No queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from paidsupport.desk import checklists
from paidsupport.domain.checklists import ItemState, Phase
from paidsupport.store.decisions import Decision
from paidsupport.store.hostwork import Item

_PHASES = {
    Phase.BEFORE: "Before you touch anything",
    Phase.DURING: "The work",
    Phase.AFTER: "Before you leave",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line: `waits` says why it cannot be ticked now."""

    item: Item
    waits: list[str]
    consent: Decision | None


@dataclass(frozen=True, slots=True)
class Board:
    """The lines by phase, and how many of them are settled."""

    phases: list[tuple[str, list[Row]]]
    settled: int
    all: int


def board(items: Sequence[Item], consents: Mapping[int, Decision]) -> Board:
    """The checklist of a ticket; `consents` are the newest ones by item."""
    rows = [row_of(item, items, consents) for item in items]
    phases = [(label, [row for row in rows if row.item.phase == phase]) for phase, label in _PHASES.items()]
    settled = sum(item.state != ItemState.OPEN for item in items)
    return Board([(label, found) for label, found in phases if found], settled, len(items))


def row_of(item: Item, items: Sequence[Item], consents: Mapping[int, Decision]) -> Row:
    """One line."""
    consent = consents.get(item.id)
    waits = checklists.waits_for(item, items, consent) if item.state == ItemState.OPEN else []
    return Row(item, waits, consent)
