"""The one thing that stands on top of a page about a record: the first proposal that is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from paidsupport.kernel.db.parts import Part


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What may come next, declared by the capability that it belongs to."""

    #: Which page it is on: "ticket" or "customer".
    page: str
    #: Lower ranks are asked first.
    rank: int
    #: What is shown if it is due, given what the page has loaded; None if it is not.
    due: Callable[[Any], Any]
    #: What it proposes, by name: workflows say so which transitions are offered with it.
    kinds: Sequence[str] = ()
    #: What it reads of the record.
    parts: Sequence[Part[Any]] = ()


def proposal(
    page: str, rank: int, *kinds: str, parts: Sequence[Part[Any]] = ()
) -> Callable[[Callable[[Any], Any]], Proposal]:
    """Make a proposal of the function that says whether it is due."""
    return lambda due: Proposal(page, rank, due, kinds, parts)


def first_due(proposals: Iterable[Proposal], view: object) -> Any:  # noqa: ANN401  # what the page shows on top
    """What the first proposal shows that is due; None if there is none."""
    for each in proposals:
        if (shown := each.due(view)) is not None:
            return shown
    return None
