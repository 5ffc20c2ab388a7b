"""Merging a duplicate into another ticket, and taking the two apart again (P7)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import merging
from paidsupport.desk.visit import Visit
from paidsupport.kernel.web.sections import section
from paidsupport.store.tickets import Ticket
from paidsupport.web.forms import Form, VersionedForm
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import LinkForm, MergeForm, renew
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.tickets import ticket_page
from paidsupport.web.staff.view import TicketView


@ticket_route("/merge", ("GET", "POST"))
def merge(visit: Visit, code: str) -> ResponseReturnValue:
    """Name the ticket that this one repeats, see the two side by side, and merge them."""
    form = MergeForm(other=request.args.get("other", ""))
    if form.send(visit, lambda: _merge(visit, code, form)):
        flash("The two are merged. Nobody was written to, and both codes and links stay good.", "ps-ok")
        return to_ticket(code)
    return _page(visit, code, form)


@ticket_route("/apart", ("POST",))
def take_apart(visit: Visit, code: str) -> ResponseReturnValue:
    """Undo a merge."""
    form = VersionedForm()
    version, key = form.version.data or 0, form.key.data or ""
    if form.send(visit, lambda: merging.take_apart(visit, code, version=version, key=key)):
        flash("The two are apart again, and this ticket is open for anybody to claim.", "ps-ok")
        return to_ticket(code)
    return ticket_page(visit, code, form), form.status


def _merge(visit: Visit, code: str, form: MergeForm) -> Ticket:
    return merging.merge(
        visit,
        code,
        form.other.data or "",
        version=form.version.data or 0,
        other_version=form.other_version.data or 0,
        key=form.key.data or "",
    )


def _page(visit: Visit, code: str, form: MergeForm) -> ResponseReturnValue:
    """The two as they are now; sent once more, the form applies to that."""
    page = reread(visit, code)
    weighed = merging.weigh(visit, code, form.other.data) if form.other.data else None
    other = weighed.other if weighed else None
    renew(form, {"version": page.ticket.version, "other_version": other.version if other else 0})
    if weighed and weighed.against:
        form.status = 409 if other else 422
        if not other and not form.other.errors:
            form.blame({"other": weighed.against})
    return (
        show(
            "staff/merge.html",
            page=page,
            flows=visit.house.workflows,
            weighed=weighed,
            form=form,
            linking=LinkForm(formdata=None),
        ),
        form.status,
    )


@section("ticket", "staff/sections/merged_into.html", 10, "top")
def _merged_into_section(_visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page.into else None


@section("ticket", "staff/sections/merged.html", 60, "main")
def _merged_section(_visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page.merged else None


#: What it shows on the pages of tickets.
SECTIONS = (_merged_into_section, _merged_section)
