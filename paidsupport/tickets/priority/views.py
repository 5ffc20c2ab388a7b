"""The priority of a ticket, on its page (P7)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask.typing import ResponseReturnValue
from wtforms import SelectChoice, SelectField  # type: ignore[attr-defined]  # newer than the types

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form, own
from paidsupport.kernel.web.htmx import fields
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.priority import operations as priorities
from paidsupport.tickets.priority.rules import NAMES, PRIORITIES
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView


class PriorityForm(Form):
    """The choice of a priority."""

    priority = SelectField(
        _("Priority"),
        choices=[SelectChoice(NAMES[number], label) for number, label in PRIORITIES.items()],
        validate_choice=False,
    )


@ticket_route("/priority", ("POST",))
def prioritise(ctx: Context, code: str) -> ResponseReturnValue:
    """Set the priority of the ticket."""
    form = PriorityForm()
    name, key = form.priority.data or "", form.key.data or ""
    act = partial(priorities.prioritise, ctx, code, name, key=key)
    return done_on_page(ctx, code, form, act, said=_("Priority saved."))


@section("ticket", "tickets/priority/_priority_section.html", 45, "side")
def _priority_section(_ctx: Context, view: TicketView, refused: Form | None) -> dict[str, Any] | None:
    if view.page.ticket.part == Part.CLOSED:
        return None
    priority = view.page.ticket.priority
    given = {"priority": NAMES[priority]}
    return {
        "form": own(refused, PriorityForm),
        "fields": fields("tickets/priority/_field_priority.html", PriorityForm, refused, given),
        "chosen": PRIORITIES[priority],
    }


#: The sections it adds to the pages of tickets.
SECTIONS = (_priority_section,)
