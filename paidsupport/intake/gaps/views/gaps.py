"""Documentation gaps: what is asked, and whether the pages help (N8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.intake.gaps.operations import gaps as verbs
from paidsupport.intake.gaps.queries import GAPS, MOST_ROWS, CountedLine
from paidsupport.intake.gaps.rules import WEEKS, WINDOW, TopicKind
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.web import csv
from paidsupport.kernel.web.csv import Cell
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.views.ticket_view import TicketView

_COLUMNS = (
    *("kind", "name", "title", "asked", "helped", "not helped", "share not helped", "silent", "no page"),
    *("issue", *(f"week {number - WEEKS + 1}" for number in range(WEEKS))),
)


@route("/desk/gaps", Who.STAFF)
def gaps(ctx: Context) -> ResponseReturnValue:
    """Show questions and pages, the most needed first."""
    settings = ctx.services.settings
    return show("intake/gaps/gaps.html", rows=verbs.overview(ctx), days=WINDOW.days, settings=settings)


@route("/desk/gaps.csv", Who.STAFF)
def gaps_csv(ctx: Context) -> ResponseReturnValue:
    """Download the same as a table; the present week is week 0."""
    return csv.respond("what-is-missing.csv", _COLUMNS, _rows(ctx))


def _rows(ctx: Context) -> Iterator[list[Cell]]:
    found = verbs.overview(ctx, MOST_ROWS)
    for kind in (TopicKind.QUESTION, TopicKind.PAGE):
        yield from (_row(line) for line in found[kind])


def _row(line: CountedLine) -> list[Cell]:
    counts = line.counts
    share = None if counts.share is None else round(counts.share, 2)
    figures: list[Cell] = [counts.asked, counts.helped, counts.unhappy, share, line.silent, counts.nowhere]
    return [line.kind, line.name, translate(line.title), *figures, line.issue, *line.weeks]


@section("ticket", "intake/gaps/_gaps_section.html", 20, "facts", (GAPS,))
def _gaps_section(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page[GAPS] else None


#: The sections it adds to the pages of tickets.
SECTIONS = (_gaps_section,)
