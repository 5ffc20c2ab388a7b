"""The checklist of a ticket: what its items hold up, and the evidence for them.

Source of the rules: Gallery's Paid Support Guidelines, “What to do when you are logged in” (rows G12-G14).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from paidsupport.catalogue.rules.checklists import Evidence, Phase
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
