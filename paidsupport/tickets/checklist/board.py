"""The checklist for display: by phase, each item with what it waits for. No queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paidsupport.catalogue.rules.checklists import Phase
from paidsupport.kernel.i18n.messages import _
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.rules import ItemState
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.decisions.tables import Decision

_PHASES = {
    Phase.BEFORE: _("Before you start"),
    Phase.DURING: _("The work"),
    Phase.AFTER: _("Before you finish"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One item; `waits` says why it cannot be ticked now.

    `wants_consent`: the customer must still be asked; `usable`: earlier questions that could serve instead.
    """

    item: Item
    waits: list[str]
    wants_consent: bool
    usable: list[Decision]


@dataclass(frozen=True, slots=True)
class Board:
    """The items by phase, and how many of them are settled."""

    phases: list[tuple[str, list[Row]]]
    settled: int
    all: int


def board(items: Sequence[Item], asked: Sequence[Decision]) -> Board:
    """Lay out the checklist of a ticket; `asked` is everything its customer was asked, by number."""
    rows = [row_of(item, items, asked) for item in items]
    phases = [(label, [row for row in rows if row.item.phase == phase]) for phase, label in _PHASES.items()]
    settled = sum(item.state != ItemState.OPEN for item in items)
    return Board([(label, found) for label, found in phases if found], settled, len(items))


def row_of(item: Item, items: Sequence[Item], asked: Sequence[Decision]) -> Row:
    """Lay out one item."""
    consent = checklists.newest_of(asked).get(item.id)
    waits = checklists.waits_for(item, items, consent) if item.state == ItemState.OPEN else []
    wants = checklists.wants_consent(item, consent)
    return Row(item, waits, wants, checklists.usable(item, consent, asked))


def wanting_consent(items: Sequence[Item], asked: Sequence[Decision]) -> list[Item]:
    """The items for which the customer must still be asked."""
    consents = checklists.newest_of(asked)
    return [item for item in items if checklists.wants_consent(item, consents.get(item.id))]
