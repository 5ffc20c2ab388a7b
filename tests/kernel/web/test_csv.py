"""Tables for spreadsheets: nothing in them is run."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask

from paidsupport.kernel.web.csv import harmless, respond

pytestmark = pytest.mark.row("N8")


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1", "=cmd|' /C calc'!A0"],
)
def test_a_formula_is_a_text(cell: str) -> None:
    """Whatever a spreadsheet takes for the beginning of one."""
    assert harmless(cell) == f"'{cell}"


def test_everything_else_stays_as_it_is() -> None:
    """Figures stay figures, also those below zero; commas, quotes and lines stay inside their cell."""
    rows: list[list[str | int | float | None]] = [["a=b", -1, 0.5, None], ['say "no", or\nyes', "", "ä", 7]]
    with Flask(__name__).test_request_context():
        response = respond("counts.csv", ["=name", "n", "share", "x"], rows)
    assert response.headers["Content-Disposition"] == "attachment; filename=counts.csv"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content_type == "text/csv; charset=utf-8"
    body = response.get_data().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(body, newline=""))) == [
        ["'=name", "n", "share", "x"],
        ["a=b", "-1", "0.5", ""],
        ['say "no", or\nyes', "", "ä", "7"],
    ]


def test_every_cell_is_quoted() -> None:
    """A spreadsheet that takes semicolons for its separator finds no formula behind one in a text."""
    rows: list[list[str | int | float | None]] = [["a;=1+1", 7, None]]
    with Flask(__name__).test_request_context():
        body = respond("counts.csv", ["name"], rows).get_data().decode("utf-8-sig")
    assert body == '"name"\r\n"a;=1+1","7",""\r\n'
