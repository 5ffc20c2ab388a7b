"""Helpers for all pages about one ticket: their address, and reading the ticket afresh."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from flask import redirect, url_for
from werkzeug import Response

from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.records import pages_of
from paidsupport.kernel.workflow import Transition
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.tables import Ticket

#: Adds a page for staff below the address of a ticket.
ticket_route = pages_of("/desk/tickets", tidy_code)


def reread(ctx: Context, code: str) -> DeskPage:
    """Read a ticket from the database again, without the changes of a refused operation.

    Raises NotFoundError.
    """
    ctx.session.expire_all()
    return pages.for_desk(ctx, code, partial(_kept, ctx))


def _kept(ctx: Context, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever is made
    """Cache what is the same for all staff for a minute: names change without an event that would tell."""
    return current().drawn.get((key, int(ctx.now.timestamp() // 60)), make)


def said_after(ctx: Context, ticket: Ticket, transition: Transition) -> str:
    """The confirmation of a transition: its own sentence, otherwise the ticket's new state."""
    state = ctx.services.workflows[ticket.workflow].state(ticket.state)
    return transition.said or _("Ticket updated. It is now “%(state)s”.", state=state.label)


def to_ticket(code: str, anchor: str | None = None) -> Response:
    """Redirect to the ticket's page after an operation."""
    return redirect(url_for("paidsupport.ticket", code=code, _anchor=anchor), 303)
