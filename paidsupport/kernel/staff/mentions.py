"""Colleagues who are called by name in a note: “@Ben, have a look” (P8)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a text mentions a person, with the @, and whom."""

    start: int
    end: int
    person_id: int


def find(text: str, people: Iterable[tuple[int, str]]) -> list[Mention]:
    """Those of `people` (id and name) whom `text` mentions, in its order.

    By the whole name or its first word, in any case. A word that could mean two people, or nobody, is only
    text, and so is an @ inside an address.
    """
    if "@" not in text:
        return []
    known = [(id_, " ".join(name.split())) for id_, name in people if name.strip()]
    words = [(id_, name.split()[0]) for id_, name in known]
    # a whole name is stronger than the first word of another one
    called = _unambiguous(words) | _unambiguous(known)
    if not called:
        return []
    # the longest first: “@Ada Byron” is not “@Ada” when there is an Ada Byron
    names = sorted({name for _, name in (*known, *words)}, key=len, reverse=True)
    spelled = "|".join(re.escape(name).replace(r"\ ", "[ \u00a0]") for name in names)
    pattern = re.compile(rf"(?<![\w.@+/-])@({spelled})(?![\w@-]|\.\w)", re.IGNORECASE)
    found = ((match, called.get(_folded(match[1]))) for match in pattern.finditer(text))
    return [Mention(match.start(), match.end(), id_) for match, id_ in found if id_ is not None]


def _unambiguous(pairs: Iterable[tuple[int, str]]) -> dict[str, int | None]:
    """Who is meant by a name, folded; None where it could be several."""
    found: dict[str, int | None] = {}
    for id_, name in pairs:
        folded = _folded(name)
        found[folded] = id_ if found.get(folded, id_) == id_ else None
    return found


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
