"""Comparing two texts line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Longer texts are shown as replaced entirely: comparing them could take minutes.
_MOST_LINES = 3000


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line of either text; `change` is `ins`, `del`, or empty if both have it."""

    text: str
    change: str = ""


def compared(before: str, after: str) -> list[ComparedLine]:
    """All lines of both texts in order, each once."""
    return list(_walk(before.splitlines(), after.splitlines()))


def _walk(old: list[str], new: list[str]) -> Iterator[ComparedLine]:
    if max(len(old), len(new)) > _MOST_LINES:
        yield from (ComparedLine(text, "del") for text in old)
        yield from (ComparedLine(text, "ins") for text in new)
        return
    for change, start, end, first, last in SequenceMatcher(None, old, new).get_opcodes():
        if change == "equal":
            yield from (ComparedLine(text) for text in new[first:last])
            continue
        yield from (ComparedLine(text, "del") for text in old[start:end])
        yield from (ComparedLine(text, "ins") for text in new[first:last])
