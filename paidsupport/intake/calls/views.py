"""Phone calls: a form to use during the call, beside the caller's earlier tickets (T6)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.intake.arrivals.tables import CAME
from paidsupport.intake.calls import operations as calls
from paidsupport.intake.calls.forms import WHO, CallForm
from paidsupport.kernel.codes import spelled
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket_view import TicketView


@route("/desk/call", Who.STAFF, ("GET", "POST"))
def call(ctx: Context) -> ResponseReturnValue:
    """Record a call: as a new ticket, or as an annotation on the one chosen with `same`."""
    form = CallForm(called_at=f"{ctx.services.hours.local(ctx.now):%Y-%m-%dT%H:%M}")
    if request.form.get("action") != "look-up" and (ticket := form.send(ctx, lambda: _noted(ctx, form))):
        return _shown(form, ticket)
    found = calls.earlier(ctx, **form.who())
    page = show(
        "intake/calls/call.html",
        form=form,
        found=found,
        looked=any(form.who().values()),
        guidance=calls.guidance(ctx.session),
        flows=ctx.services.workflows,
    )
    return page, form.status


@route("/desk/call/earlier", Who.STAFF)
def call_earlier(ctx: Context) -> ResponseReturnValue:
    """The caller's earlier tickets, by what has been typed so far: a part of the form's page."""
    who = {name: request.args.get(name, "") for name in WHO}
    found = calls.earlier(ctx, **who)
    return show(
        "intake/calls/earlier.html", found=found, looked=any(who.values()), flows=ctx.services.workflows
    )


@ticket_route("/called")
def called(ctx: Context, code: str) -> ResponseReturnValue:
    """Show the code of a recorded call, to be read out."""
    return show("intake/calls/called.html", page=reread(ctx, code), spelled=spelled(code))


def _noted(ctx: Context, form: CallForm) -> Ticket:
    key, same = form.key.data or "", request.form.get("same", "")
    return calls.add(ctx, same, form.call(), key) if same else calls.record(ctx, form.call(), key)


def _shown(form: CallForm, ticket: Ticket) -> Response:
    if "same" in request.form:
        flash(_("Call added to %(code)s.", code=ticket.code), "ps-ok")
        return to_ticket(ticket.code, "annotations")
    if form.call().is_confirmed:
        flash(_("The code is sent to %(email)s.", email=ticket.customer_email), "ps-ok")
    return redirect(url_for("paidsupport.called", code=ticket.code), 303)


@section("ticket", "intake/calls/_came_section.html", 10, "facts", (CAME,))
def _came_section(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page[CAME].intake else None


#: The sections it adds to the pages of tickets.
SECTIONS = (_came_section,)
