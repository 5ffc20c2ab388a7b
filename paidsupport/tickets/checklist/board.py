"""The checklist as a page shows it: by phase, each line with what it waits for. No queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paidsupport.kernel.i18n.messages import _
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.rules import ItemState, Phase
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.decisions.tables import Decision

_PHASES = {
    Phase.BEFORE: _("Before you start"),
    Phase.DURING: _("The work"),
    Phase.AFTER: _("Before you finish"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line: `waits` says why it cannot be ticked now.

    `wants_consent`: the customer is to be asked; `usable` are questions asked already that could serve it.
    """

    item: Item
    waits: list[str]
    wants_consent: bool
    usable: list[Decision]


@dataclass(frozen=True, slots=True)
class Board:
    """The lines by phase, and how many of them are settled."""

    phases: list[tuple[str, list[Row]]]
    settled: int
    all: int


def board(items: Sequence[Item], asked: Sequence[Decision]) -> Board:
    """The checklist of a ticket; `asked` is all that its customer was asked, by number."""
    rows = [row_of(item, items, asked) for item in items]
    phases = [(label, [row for row in rows if row.item.phase == phase]) for phase, label in _PHASES.items()]
    settled = sum(item.state != ItemState.OPEN for item in items)
    return Board([(label, found) for label, found in phases if found], settled, len(items))


def row_of(item: Item, items: Sequence[Item], asked: Sequence[Decision]) -> Row:
    """One line."""
    consent = checklists.newest_of(asked).get(item.id)
    waits = checklists.waits_for(item, items, consent) if item.state == ItemState.OPEN else []
    wants = checklists.wants_consent(item, consent)
    return Row(item, waits, wants, checklists.usable(item, consent, asked))


def wanting_consent(items: Sequence[Item], asked: Sequence[Decision]) -> list[Item]:
    """The lines for which the customer is still to be asked."""
    consents = checklists.newest_of(asked)
    return [item for item in items if checklists.wants_consent(item, consents.get(item.id))]
