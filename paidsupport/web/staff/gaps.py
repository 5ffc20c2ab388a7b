"""What is missing: what is asked, and whether the pages help (N8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.desk import gaps as verbs
from paidsupport.desk.visit import Visit
from paidsupport.domain.gaps import WEEKS, WINDOW, TopicKind
from paidsupport.kernel.web.sections import section
from paidsupport.store.gaps import MOST_ROWS, Line
from paidsupport.web import csv
from paidsupport.web.csv import Cell
from paidsupport.web.forms import Form
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.staff.view import TicketView

_COLUMNS = (
    *("kind", "name", "title", "asked", "helped", "not helped", "share not helped", "silent", "no page"),
    *("issue", *(f"week {number - WEEKS + 1}" for number in range(WEEKS))),
)


@route("/desk/gaps", Who.STAFF)
def gaps(visit: Visit) -> ResponseReturnValue:
    """Questions and pages, the most needed first."""
    settings = visit.house.settings
    return show("staff/gaps.html", rows=verbs.overview(visit), days=WINDOW.days, settings=settings)


@route("/desk/gaps.csv", Who.STAFF)
def gaps_csv(visit: Visit) -> ResponseReturnValue:
    """The same as a table; the present week is week 0."""
    return csv.respond("what-is-missing.csv", _COLUMNS, _rows(visit))


def _rows(visit: Visit) -> Iterator[list[Cell]]:
    found = verbs.overview(visit, MOST_ROWS)
    for kind in (TopicKind.QUESTION, TopicKind.PAGE):
        yield from (_row(line) for line in found[kind])


def _row(line: Line) -> list[Cell]:
    counts = line.counts
    share = None if counts.share is None else round(counts.share, 2)
    figures: list[Cell] = [counts.asked, counts.helped, counts.unhappy, share, line.silent, counts.nowhere]
    return [line.kind, line.name, line.title, *figures, line.issue, *line.weeks]


@section("ticket", "staff/sections/gaps.html", 20, "facts")
def _gaps_section(_visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page.gaps else None


#: What it shows on the pages of tickets.
SECTIONS = (_gaps_section,)
