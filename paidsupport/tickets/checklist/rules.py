"""The checklist of a ticket: what its items hold up, and the evidence for them.

Source of the rules: Gallery's Paid Support Guidelines, “What to do when you are logged in” (rows G12-G14).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from paidsupport.catalogue.rules.checklists import WHEN, Evidence, Phase, Template
from paidsupport.kernel.text import BadTextError

#: Prefix for the names of items that come from accepted offers, not from a template.
EXTRA = "extra-"
#: The gate that ends the work, rather than being part of it.
_END = "close"


class ItemState(StrEnum):
    """What has become of an item; `refused`: the customer declined what it needs."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    REFUSED = "refused"


class ItemLine(Protocol):
    """What the rules need to know about an item of a ticket."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def state(self) -> str:
        """Its state, an ItemState."""

    @property
    def gates(self) -> Sequence[str]:
        """The names of what waits for it."""

    @property
    def phase(self) -> str:
        """Its phase, a Phase."""


L = TypeVar("L", bound=ItemLine)


def holding_back(name: str, lines: Iterable[L]) -> list[L]:
    """The open items that the transition or item called `name` has to wait for."""
    return [line for line in lines if line.state == ItemState.OPEN and _gates(line, name)]


def resting_on(line: ItemLine, lines: Iterable[L]) -> list[L]:
    """The items that were done after `line` and depend on it: while they are done, it cannot be reopened."""
    return [other for other in lines if other.state == ItemState.DONE and _gates(line, other.name)]


def _gates(line: ItemLine, name: str) -> bool:
    """Whether the transition or item called `name` waits for `line`.

    Templates do not know extra items, so these wait for whatever the main work waits for before it begins.
    """
    if name.startswith(EXTRA):
        return line.phase == Phase.BEFORE and any(gate != _END for gate in line.gates)
    return name in line.gates


def check_evidence(
    declared: Iterable[Evidence], typed: Mapping[str, Sequence[str]], files: int
) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Check what was entered as evidence.

    Returns:
        What to store (name, label, kind, value), and the problems by name.
    """
    kept: list[dict[str, Any]] = []
    problems: dict[str, list[str]] = {}
    for evidence in declared:
        try:
            value = evidence.check(typed.get(evidence.name, ()), files)
        except BadTextError as error:
            problems[evidence.name] = [str(error)]
            continue
        if value:
            kept.append(
                {"name": evidence.name, "label": evidence.label, "kind": evidence.kind, "value": value}
            )
    return kept, problems


@dataclass(frozen=True, slots=True)
class Difference:
    """What another checklist would change: new items, items with other words, items that go.

    Attributes:
        added: the templates of which the ticket has no item.
        changed: items that were not worked on, each with its new template.
        removed: items that were not worked on, and that no longer apply.
    """

    added: list[Template]
    changed: list[tuple[Any, Template]]
    removed: list[Any]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def told(self) -> dict[str, list[str]]:
        """The same in the words of the items, each kind of change that there is."""
        said = {
            "added": [str(each.text) for each in self.added],
            "changed": [str(each.text) for _item, each in self.changed],
            "removed": [str(item.text) for item in self.removed],
        }
        return {name: texts for name, texts in said.items() if texts}


def copied(template: Template) -> dict[str, Any]:
    """What an item takes from its template."""
    return {name: value for name, value in template.as_row().items() if name not in WHEN}


def difference(items: Iterable[Any], wanted: Sequence[Template], asked: Collection[int]) -> Difference:
    """What would change if these templates were the checklist of a ticket.

    Args:
        items: The items of the ticket.
        wanted: The templates that apply.
        asked: The ids of the items that the customer was asked about.
    """
    known = {item.name: item for item in items}
    free = {name: item for name, item in known.items() if is_untouched(item) and item.id not in asked}
    names = {template.name for template in wanted}
    there = [(free[template.name], template) for template in wanted if template.name in free]
    return Difference(
        added=[template for template in wanted if template.name not in known],
        changed=[(item, template) for item, template in there if _differs(item, template)],
        removed=[item for name, item in free.items() if name not in names],
    )


def is_untouched(item: Any) -> bool:  # noqa: ANN401  # an Item
    """Whether an item of the catalogue was never worked on, so that it may go or get other words."""
    return item.state == ItemState.OPEN and item.at is None and not item.name.startswith(EXTRA)


def _differs(item: Any, template: Template) -> bool:  # noqa: ANN401  # as above
    return any(getattr(item, name) != value for name, value in copied(template).items())
