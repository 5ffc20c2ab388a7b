"""The overview for management: plots with their tables, and each table for a spreadsheet (P11)."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from paidsupport.desk import overview as verbs
from paidsupport.desk.overview import Figure, spread
from paidsupport.desk.visit import Visit
from paidsupport.errors import ManagersOnlyError, NotFoundError
from paidsupport.web import csv, plots
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.plots import Series


@route("/desk/overview", Who.STAFF)
def overview(visit: Visit) -> ResponseReturnValue:
    """All figures as they were counted last."""
    counted = _counted(visit)
    drawn = [(figure, plot(figure) if spread(figure.rows) else None) for figure in counted.figures]
    return show(
        "staff/overview.html", counted=counted, drawn=drawn, figure=plots.figure, zone=visit.house.hours.zone
    )


@route("/desk/overview/<name>.csv", Who.STAFF)
def overview_csv(visit: Visit, name: str) -> Response:
    """One figure as a table for a spreadsheet."""
    found = _counted(visit).figure(name)
    if found is None:
        raise NotFoundError
    return csv.respond(f"{found.name}.csv", found.header, found.rows)


def plot(figure: Figure) -> Markup:
    """A figure as a drawing."""
    labels = [str(row[0]) for row in figure.rows]
    series = [
        Series(name, [row[place] for row in figure.rows])
        for place, name in enumerate(figure.header[1:], start=1)
    ]
    draw = plots.line if figure.kind == "line" else plots.bars
    return draw(figure.title, labels, series, about=figure.about, unit=figure.unit)


def _counted(visit: Visit) -> verbs.Counted:
    if not visit.by.is_manager:
        raise ManagersOnlyError("see the overview")
    return verbs.shown(visit)
