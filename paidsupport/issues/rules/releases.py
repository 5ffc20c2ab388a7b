"""The natural order of releases: 1.10 comes after 1.9, and 2.0-rc1 before 2.0 (T14)."""

from __future__ import annotations

import re

#: Sorts after every release: issues planned for none are done last.
NO_RELEASE = "~"
#: Numbers and words; other characters only separate them.
_PIECE = re.compile(r"[0-9]+|[a-z]+|[^\x00-\x7f]+")
#: Prefixes that sort words before the end, and the end before numbers.
_WORD, _END, _NUMBER = "3", "4", "5"


def release_order(release: str) -> str:
    """A text that sorts releases in their natural order when compared by code points."""
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
