"""Tables for spreadsheets: every cell is a text or a figure, and none is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from paidsupport.kernel.web.downloads import as_attachment

#: What a spreadsheet takes for the beginning of a formula, also in the wide forms of East Asian writing.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

#: What a cell can hold; nothing for None.
Cell = str | int | float | None


def respond(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A table as a download called `name`, in UTF-8 with a mark that lets spreadsheets know it."""
    text = io.StringIO()
    # all in quotes: a spreadsheet that splits at another sign would find formulas inside of texts
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    response = Response(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    return as_attachment(response, name)


def harmless(cell: Cell) -> Cell:
    """The cell; a text that a spreadsheet would run gets an apostrophe before it. Figures stay figures."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
