"""The overview for management: plots with their tables, and each table for a spreadsheet (P11)."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import Message, gettext
from paidsupport.kernel.i18n.stored import stored
from paidsupport.kernel.web import csv, plots
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.plots import Series
from paidsupport.ops.overview import operations as verbs
from paidsupport.ops.overview.operations import Figure, spread


@route("/desk/overview", Who.STAFF)
def overview(ctx: Context) -> ResponseReturnValue:
    """All figures as they were counted last."""
    counted = verbs.for_managers_only(ctx)
    drawn = [(figure, plot(figure) if spread(figure.rows) else None) for figure in counted.figures]
    return show(
        "ops/overview/overview.html",
        counted=counted,
        drawn=drawn,
        figure=plots.figure,
        zone=ctx.services.hours.zone,
    )


@route("/desk/overview/<name>.csv", Who.STAFF)
def overview_csv(ctx: Context, name: str) -> Response:
    """One figure as a table for a spreadsheet."""
    found = existing(verbs.for_managers_only(ctx).figure(name))
    return csv.respond(f"{found.name}.csv", found.header, found.rows)


def plot(figure: Figure) -> Markup:
    """A figure as a drawing."""
    labels = [str(_said(row[0])) for row in figure.rows]
    series = [
        Series(_said(name), [row[place] for row in figure.rows])
        for place, name in enumerate(figure.header[1:], start=1)
    ]
    draw = plots.line if figure.kind == "line" else plots.bars
    return draw(_said(figure.title), labels, series, about=_said(figure.about), unit=_said(figure.unit))


def _said(text: object) -> str:
    """A text that was kept with the figures, in the language spoken now."""
    found = stored(str(text))
    return str(translate(found if isinstance(found, Message) else gettext(found)))
