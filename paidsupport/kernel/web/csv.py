"""Tables for spreadsheets: every cell is a text or a figure, and none is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

from flask import Response

from paidsupport.kernel.web.downloads import as_attachment

#: What a spreadsheet takes for the beginning of a formula, also in the wide forms of East Asian writing.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

#: What a cell can hold; nothing for None.
Cell = str | int | float | Decimal | None


def respond(
    name: str,
    header: Iterable[str],
    rows: Iterable[Iterable[Cell]],
    *,
    separator: str = ",",
    decimals: str = ".",
    mark: bool = True,
) -> Response:
    """A table as a download.

    Args:
        name: What the file is called.
        header: The heading of each column.
        rows: The cells.
        separator: What stands between cells.
        decimals: What stands before the decimals of a `Decimal`.
        mark: Whether it begins with the mark that lets spreadsheets know UTF-8.
    """
    text = io.StringIO()
    # all in quotes: a spreadsheet that splits at another sign would find formulas inside of texts
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, delimiter=separator)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([_written(cell, decimals) for cell in row] for row in rows)
    encoded = text.getvalue().encode("utf-8-sig" if mark else "utf-8")
    return as_attachment(Response(encoded, content_type="text/csv; charset=utf-8"), name)


def _written(cell: Cell, decimals: str) -> Cell:
    return f"{cell:f}".replace(".", decimals) if isinstance(cell, Decimal) else harmless(cell)


def harmless(cell: Cell) -> Cell:
    """The cell; a text that a spreadsheet would run gets an apostrophe before it. Figures stay figures."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
