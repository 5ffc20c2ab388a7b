"""Updates an open page of a ticket without reloading it: next step, new messages, who else is here."""

from __future__ import annotations

from functools import partial

from flask import Response, request
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Form, Sealed, stand_here
from paidsupport.kernel.web.htmx import NOTHING_NEW, show
from paidsupport.tickets.notices.operations import notices
from paidsupport.tickets.presence import operations as presence
from paidsupport.tickets.views.page import reread, ticket_page
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket_view import view_of


@ticket_route("/live")
def ticket_live(ctx: Context, code: str) -> ResponseReturnValue:
    """Answer 204 while nothing has changed since the last update, otherwise the new content."""
    beat = presence.look(ctx, code)
    if request.args.get("seen") == beat.stamp:
        return Response(status=NOTHING_NEW)
    page = reread(ctx, code)
    shown = whole_number(request.args.get("thread", ""), digits=9)
    stand_here()
    return show(
        "tickets/live.html",
        block="now",
        page=page,
        step=view_of(ctx, page).step,
        press=partial(Sealed, version=page.ticket.version),
        seen=beat.stamp,
        others=beat.others,
        shown=page.ticket.thread if shown is None else shown,
    )


@ticket_route("/here", ("POST",))
def ticket_here(ctx: Context, code: str) -> ResponseReturnValue:
    """Note that this person has the page open, or is leaving it; that also reads its notices."""
    form = Form()
    if form.send(ctx, lambda: _here(ctx, code)):
        return Response(status=NOTHING_NEW)
    return ticket_page(ctx, code, form), form.status


def _here(ctx: Context, code: str) -> bool:
    if request.form.get("leaving"):
        presence.leave(ctx, code)
        return True
    presence.stay(ctx, code, writing=bool(request.form.get("writing")))
    if until := whole_number(request.form.get("until", ""), digits=18):
        notices.read(ctx, until=until, code=code)
    return True
