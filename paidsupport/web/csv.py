"""Tables for spreadsheets: no cell of them is ever a formula (reliability 21)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from paidsupport.web import downloads

#: A spreadsheet takes what begins with one of these for something to work out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def send(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as a file to be saved as `name`."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(heads)
    writer.writerows([cell(value) for value in row] for row in rows)
    # with the mark by which spreadsheets know UTF-8
    answer = Response("\N{ZERO WIDTH NO-BREAK SPACE}" + written.getvalue(), mimetype="text/csv")
    return downloads.as_attachment(answer, name)


def cell(value: object) -> str:
    """A value as text; an apostrophe before what a spreadsheet would run."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
