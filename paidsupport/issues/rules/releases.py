"""The natural order of releases: 1.10 comes after 1.9, and 2.0-rc1 before 2.0 (T14)."""

from __future__ import annotations

import re

#: Comes after every release: what is meant for none is done last.
NO_RELEASE = "~"
#: Numbers and words; signs between them only part them.
_PIECE = re.compile(r"[0-9]+|[a-z]+|[^\x00-\x7f]+")
#: What stands before words, at the end, and before numbers, in this order.
_WORD, _END, _NUMBER = "3", "4", "5"


def release_order(release: str) -> str:
    """A text by whose signs releases are in their natural order, smaller for earlier ones."""
    pieces = _PIECE.findall(release.strip().casefold())
    if len(pieces) > 1 and pieces[0] in {"v", "version", "release"}:
        pieces = pieces[1:]
    if not pieces:
        return NO_RELEASE
    return "".join(_spelled(piece) for piece in pieces) + _END


def _spelled(piece: str) -> str:
    if not piece[0].isascii() or not piece[0].isdecimal():
        return f"{_WORD}{piece} "
    figures = piece.lstrip("0") or "0"
    # a longer number is a larger one
    return f"{_NUMBER}{len(figures):02}{figures}"
