"""What a writer quotes, apart from what they say: long quotes are folded where emails are read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

#: Shorter quotes stand where they are: they are read with what is said about them.
_WORTH_FOLDING = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text."""

    text: str
    quoted: bool


def pieces(text: str) -> list[Piece]:
    """`text` cut into what is said and what is quoted at length; nothing of it is lost."""
    found: list[Piece] = []
    for marked, lines in groupby(text.split("\n"), key=lambda line: line.startswith(">")):
        part = list(lines)
        quoted = marked and len(part) >= _WORTH_FOLDING
        if found and not quoted and not found[-1].quoted:
            found[-1] = Piece("\n".join([found[-1].text, *part]), quoted=False)
        else:
            found.append(Piece("\n".join(part), quoted))
    return [piece for piece in found if piece.text.strip()]
