"""Phone calls: a form for use during the call, with earlier tickets of whoever calls beside it (T6)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.desk import calls
from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import spelled
from paidsupport.kernel.web.sections import section
from paidsupport.store.tickets import Ticket
from paidsupport.web.forms import Form
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import WHO, CallForm
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.view import TicketView


@route("/desk/call", Who.STAFF, ("GET", "POST"))
def call(visit: Visit) -> ResponseReturnValue:
    """Note a call: a new ticket, or a note on the one that is chosen with `same`."""
    form = CallForm(called_at=f"{visit.house.hours.local(visit.now):%Y-%m-%dT%H:%M}")
    if request.form.get("action") != "look-up" and (ticket := form.send(visit, lambda: _noted(visit, form))):
        return _shown(form, ticket)
    found = calls.earlier(visit, **form.who())
    page = show(
        "staff/call.html",
        form=form,
        found=found,
        looked=any(form.who().values()),
        guidance=calls.guidance(visit.session),
        flows=visit.house.workflows,
    )
    return page, form.status


@route("/desk/call/earlier", Who.STAFF)
def call_earlier(visit: Visit) -> ResponseReturnValue:
    """Earlier tickets of whoever calls, as far as that is typed: a part of the form's page."""
    who = {name: request.args.get(name, "") for name in WHO}
    found = calls.earlier(visit, **who)
    return show("staff/call_earlier.html", found=found, looked=any(who.values()), flows=visit.house.workflows)


@ticket_route("/called")
def called(visit: Visit, code: str) -> ResponseReturnValue:
    """The code of a call that was noted, to be read out."""
    return show("staff/called.html", page=reread(visit, code), spelled=spelled(code))


def _noted(visit: Visit, form: CallForm) -> Ticket:
    key, same = form.key.data or "", request.form.get("same", "")
    return calls.add(visit, same, form.call(), key) if same else calls.record(visit, form.call(), key)


def _shown(form: CallForm, ticket: Ticket) -> Response:
    if "same" in request.form:
        flash(f"The call is noted on {ticket.code}.", "ps-ok")
        return to_ticket(ticket.code, "annotations")
    if form.call().is_confirmed:
        flash(f"{ticket.customer_email} gets the code by mail.", "ps-ok")
    return redirect(url_for("paidsupport.called", code=ticket.code), 303)


@section("ticket", "staff/sections/came.html", 10, "facts")
def _came_section(_visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page.came.intake else None


#: What it shows on the pages of tickets.
SECTIONS = (_came_section,)
