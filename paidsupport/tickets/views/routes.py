"""Helpers for all pages about one ticket: their address, and the way back to the ticket."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug import Response

from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.records import pages_of
from paidsupport.kernel.workflow import Transition
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.page import ticket_page

#: Adds a page for staff below the address of a ticket.
ticket_route = pages_of("/desk/tickets", tidy_code, again=ticket_page)


def said_after(ctx: Context, ticket: Ticket, transition: Transition) -> str:
    """The confirmation of a transition: its own sentence, otherwise the ticket's new state."""
    state = ctx.services.workflows[ticket.workflow].state(ticket.state)
    return transition.said or _("Ticket updated. It is now “%(state)s”.", state=state.label)


def to_ticket(code: str, anchor: str | None = None) -> Response:
    """Redirect to the ticket's page after an operation."""
    return redirect(url_for("paidsupport.ticket", code=code, _anchor=anchor), 303)
