"""A plain text with headings and lists, taken apart: the same text is a mail, a page and a PDF (G18)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_RULE = re.compile(r"[-=]{3,}")
_BULLET = re.compile(r"\s*[-*•] +")


class BlockKind(StrEnum):
    """What a block of text is."""

    HEADING = "heading"
    LIST = "list"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph (one text each) or a list (a text for every item)."""

    kind: BlockKind
    texts: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """The blocks of `text`: a line above a row of dashes is a heading, lines that begin with one a list."""
    found: list[Block] = []
    for part in re.split(r"\n[ \t]*\n", text.strip("\n")):
        lines = [line.rstrip() for line in part.split("\n")]
        while len(lines) > 1 and _RULE.fullmatch(lines[1].strip()):
            found.append(Block(BlockKind.HEADING, (lines[0].strip(),)))
            lines = lines[2:]
        found += _body(lines)
    return found


def _body(lines: list[str]) -> list[Block]:
    first = next((number for number, line in enumerate(lines) if _BULLET.match(line)), len(lines))
    found = []
    if before := "\n".join(lines[:first]).strip():
        found.append(Block(BlockKind.PARAGRAPH, (before,)))
    if first < len(lines):
        found.append(Block(BlockKind.LIST, _items(lines[first:])))
    return found


def _items(lines: list[str]) -> tuple[str, ...]:
    """A line that begins with no dash goes on with the item before it."""
    items: list[str] = []
    for line in lines:
        if match := _BULLET.match(line):
            items.append(line[match.end() :])
        else:
            items[-1] += f"\n{line.strip()}"
    return tuple(item.strip() for item in items)
