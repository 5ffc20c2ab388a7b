"""The keys of every page: none does two things, and each is in the list that `?` shows (P15)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from paidsupport.kernel.web.layout import STAFF_SCRIPTS
from paidsupport.kernel.web.loader import ROOT
from tests.furnished import Furnished
from tests.people import sign_in

STATIC = ROOT / "static" / "paidsupport"
#: What the scripts do with keys themselves, on every page of staff.
EVERYWHERE = {"j", "k", "/", "?", "g"}
#: Keys that scripts give to what is in a row, with what has to be there.
_GIVEN = re.compile(r'keys\.set\("(.)", "([^"]+)"\)')


def given() -> dict[str, str]:
    """Those of our scripts: the key, and the selector of what it presses in the row in focus."""
    texts = [(STATIC / name).read_text(encoding="utf-8") for name in STAFF_SCRIPTS]
    return {key: selector for text in texts for key, selector in _GIVEN.findall(text)}


def keys_of(root: Tag, rows: dict[str, str]) -> Counter[str]:
    """How often each key is registered on a page; within rows once for all, unless one has it twice."""
    found: Counter[str] = Counter()
    by_row: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for tag in root.select("[data-ps-key]"):
        # end tags are left out, so a row may stand in another one here: it is the nearest that counts
        row = tag.find_parent(attrs={"data-ps-row": True})
        (found if row is None else by_row[id(row)])[str(tag["data-ps-key"])] += 1
    for key, selector in rows.items():
        for tag in root.select(f"[data-ps-row] {selector}"):
            by_row[id(tag.find_parent(attrs={"data-ps-row": True}))][key] += 1
    in_rows: Counter[str] = Counter()
    for own in by_row.values():
        in_rows |= own
    return found + in_rows


def listed(root: Tag) -> set[str]:
    """What the list of keys names before a script adds what else the page has."""
    return {" ".join(key.get_text() for key in term.select("kbd")) for term in root.select("#ps-keys dt")}


def faults(page: BeautifulSoup, rows: dict[str, str]) -> Iterator[str]:
    """What is wrong with the keys of a page, in words."""
    keys = keys_of(page, rows)
    yield from (f"{key} does {number} things" for key, number in keys.items() if number > 1)
    yield from (f"{key} has a meaning on every page" for key in keys.keys() & (EVERYWHERE - {"/", "?"}))
    if not page.select_one("#ps-keys"):
        return
    # a script adds what has a name of its own; what is in rows is named for one of them
    of_rows = {str(tag["data-ps-key"]) for tag in page.select("[data-ps-row] [data-ps-key]")}
    of_rows |= {key for key, selector in rows.items() if page.select(f"[data-ps-row] {selector}")}
    yield from (f"{key} is missing in the list" for key in of_rows - listed(page))


@pytest.mark.row("P15")
@pytest.mark.usefixtures("furnished_desk")
def test_no_key_does_two_things(furnished_app: Flask, furnished: Furnished) -> None:
    """On any page; and those of rows are named in the list of keys."""
    rows = given()
    assert "x" in rows
    found = []
    for who in ("ada", "mia"):
        reader = sign_in(furnished_app, who)
        for name, path in furnished.paths.items():
            answer = reader.get(path)
            if answer.mimetype == "text/html" and answer.status_code == 200:
                page = BeautifulSoup(answer.text, "html.parser")
                found += [f"{name} ({who}): {fault}" for fault in faults(page, rows)]
    assert not found, "\n".join(found)
