"""Tags on the page of a ticket (P7)."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import tags as verbs
from paidsupport.desk.visit import Visit
from paidsupport.store.tickets import Ticket
from paidsupport.web.staff.forms import TagForm
from paidsupport.web.staff.routes import ticket_route, to_ticket
from paidsupport.web.staff.tickets import ticket_page


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
