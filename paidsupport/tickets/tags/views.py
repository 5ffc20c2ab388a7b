"""Tags on the page of a ticket (P7)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.forms import Form, own
from paidsupport.kernel.web.htmx import fields
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags import operations as verbs
from paidsupport.tickets.tags.forms import TagForm
from paidsupport.tickets.tags.tables import PROPOSED
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView


@ticket_route("/tags", ("POST",))
def tags(ctx: Context, code: str) -> ResponseReturnValue:
    """Add a tag to the ticket, or remove one."""
    form = TagForm()
    return done_on_page(ctx, code, form, lambda: _act(ctx, code, form), anchor="tags")


def _act(ctx: Context, code: str, form: TagForm) -> Ticket:
    key, remove = form.key.data or "", request.form.get("remove", "")
    if remove:
        return verbs.remove(ctx, code, remove, key=key)
    return verbs.add(ctx, code, form.tag.data or "", key=key)


@section("ticket", "tickets/tags/_tags_section.html", 50, "side", (PROPOSED,))
def _tags_section(_ctx: Context, _view: TicketView, refused: Form | None) -> dict[str, Any]:
    return {"form": own(refused, TagForm), "fields": fields("tickets/_field_tags.html", TagForm, refused)}


#: The sections it adds to the pages of tickets.
SECTIONS = (_tags_section,)
