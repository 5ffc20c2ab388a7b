"""Templates read as trees: what stands in a block is indented below it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import paidsupport

_TEMPLATES = sorted(Path(paidsupport.__file__).parent.rglob("*.html"))
_STATEMENT = re.compile(r"^([ \t]*)\{%[-+]?\s*(\w+)|\{%[-+]?\s*(\w+)", re.MULTILINE)
#: Within these white space is shown.
_AS_IT_IS = re.compile(r"<textarea|ps-prose")
_GROUPS = ("block", "call", "filter", "for", "if", "macro")


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda path: path.name)
def test_statements_are_indented(path: Path) -> None:
    """The line that ends a group begins below the line that opened it, and lines between are deeper."""
    opened: list[tuple[int | None, int]] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        for found in _STATEMENT.finditer(line):
            column = len(found[1]) if found[2] else None
            word = found[2] or found[3]
            if word in _GROUPS:
                opened.append((column, number))
            elif word.removeprefix("end") in _GROUPS and word.startswith("end"):
                before, first = opened.pop()
                if before is None or column is None:
                    continue
                assert column == before, f"{path.name}:{number + 1}"
                inside = lines[first + 1 : number]
                if any(_AS_IT_IS.search(inner) for inner in inside):
                    continue
                for each, inner in enumerate(inside, first + 2):
                    deeper = len(inner) - len(inner.lstrip())
                    assert not inner or deeper > before or "{%" in inner, f"{path.name}:{each}"
    assert not opened
