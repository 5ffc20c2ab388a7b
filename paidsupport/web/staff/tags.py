"""Tags on the page of a ticket (P7)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import tags as verbs
from paidsupport.desk.visit import Visit
from paidsupport.kernel.web.sections import section
from paidsupport.store.tickets import Ticket
from paidsupport.web.forms import Form, own
from paidsupport.web.htmx import fields
from paidsupport.web.staff.forms import TagForm
from paidsupport.web.staff.routes import ticket_route, to_ticket
from paidsupport.web.staff.tickets import ticket_page
from paidsupport.web.staff.view import TicketView


@ticket_route("/tags", ("POST",))
def tags(visit: Visit, code: str) -> ResponseReturnValue:
    """Put a tag on the ticket, or take one off."""
    form = TagForm()
    if form.send(visit, lambda: _act(visit, code, form)):
        return to_ticket(code, "tags")
    return ticket_page(visit, code, form), form.status


def _act(visit: Visit, code: str, form: TagForm) -> Ticket:
    key, remove = form.key.data or "", request.form.get("remove", "")
    if remove:
        return verbs.remove(visit, code, remove, key=key)
    return verbs.add(visit, code, form.tag.data or "", key=key)


@section("ticket", "staff/sections/tags.html", 50, "side")
def _tags_section(_visit: Visit, _view: TicketView, refused: Form | None) -> dict[str, Any]:
    return {"form": own(refused, TagForm), "fields": fields("staff/fields/tags.html", TagForm, refused)}


#: What it shows on the pages of tickets.
SECTIONS = (_tags_section,)
