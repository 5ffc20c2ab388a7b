"""The customer's private page: where the order stands, the conversation, and its files (G2, P5)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, uploads
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import draw_sections, show
from paidsupport.kernel.web.proposals import first_due
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.conversation import downloads
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.customer_forms import MessageForm
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.progress import STEPS, CustomerView


@route("/t/<token>", Who.CUSTOMER, ("GET", "POST"))
def customer_ticket(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """The page behind the private link; a POST is a message from the customer."""
    form = MessageForm()
    client, key, body = request.remote_addr or "", form.key.data or "", form.body.data or ""
    sent = form.send(
        ctx, lambda: correspondence.receive(ctx, ticket, body, key=key, uploads=uploads(), client=client)
    )
    if sent:
        flash("Your message has arrived.", "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token()), 303)
    return customer_page(ctx, ticket, form), form.status


def customer_page(ctx: Context, ticket: Ticket, refused: Form) -> str:
    """The private page of a ticket, with the form that was refused on it, or sent by nobody yet."""
    page = pages.for_customer(ctx.session, ticket)
    view = CustomerView(ctx, page, ctx.services.workflows[ticket.workflow])
    shared: dict[str, Any] = {"page": page, "ticket": ticket, "flow": view.flow, "token": private_token()}
    return show(
        "tickets/customer.html",
        sections=draw_sections("customer", lambda each: each.load(ctx, view, refused), shared),
        progress=first_due(ctx.services.capabilities.proposals("customer"), view),
        refused=refused,
        steps=STEPS,
        **shared,
    )


@section("customer", "tickets/_owner_section.html", 30)
def _owner_section(_ctx: Context, _view: CustomerView, _refused: Form) -> dict[str, Any]:
    return {}


@section("customer", "tickets/conversation/_conversation_section.html", 60)
def _conversation_section(_ctx: Context, _view: CustomerView, refused: Form) -> dict[str, Any]:
    return {"form": refused if isinstance(refused, MessageForm) else MessageForm(formdata=None)}


@section("customer", "tickets/_ordered_section.html", 80)
def _ordered_section(_ctx: Context, _view: CustomerView, _refused: Form) -> dict[str, Any]:
    return {}


#: The sections of a customer's page that every ticket has.
SECTIONS = (_owner_section, _conversation_section, _ordered_section)


@route("/t/<token>/files/<reference>", Who.CUSTOMER)
def customer_file(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """One file of the conversation or of the order, as a download."""
    return downloads.send(ctx, pages.file_for_customer(ctx.session, ticket, reference))
