"""Linking tickets, and opening a ticket for a further request (G17, P7)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.money import Money
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, own, renew
from paidsupport.kernel.web.htmx import fields, show
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.conversation.queries import message_of_customer
from paidsupport.tickets.relations.forms import LinkForm, RequestForm
from paidsupport.tickets.relations.operations import links as relations
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView


@ticket_route("/links", ("POST",))
def links(ctx: Context, code: str) -> ResponseReturnValue:
    """Link another ticket, or remove a link."""
    form = LinkForm()
    return done_on_page(ctx, code, form, lambda: _act(ctx, code, form), anchor="links")


@ticket_route("/request", ("GET", "POST"))
def request_new(ctx: Context, code: str) -> ResponseReturnValue:
    """Open a ticket for a further request of the customer, prefilled from their `message`."""
    number = request.args.get("message", type=int)
    page = reread(ctx, code)
    wish = message_of_customer(ctx.session, page.ticket, number).body if number is not None else ""
    form = RequestForm(details=wish)
    form.service.choices = _services(ctx)
    made = form.send(ctx, lambda: _request(ctx, code, number, form))
    if made:
        flash(_("Ticket %(code)s opened. The customer gets an email.", code=made.code), "ps-ok")
        return to_ticket(code, "links")
    renew(form, {})
    flow = ctx.services.workflows[page.ticket.workflow]
    return show("tickets/relations/request.html", page=reread(ctx, code), flow=flow, form=form), form.status


def _act(ctx: Context, code: str, form: LinkForm) -> Ticket:
    key, remove = form.key.data or "", request.form.get("remove", "")
    if remove:
        return relations.unlink(ctx, code, remove, key)
    return relations.link(ctx, code, form.other.data or "", form.kind.data or "", key)


def _request(ctx: Context, code: str, number: int | None, form: RequestForm) -> Ticket:
    return relations.request_from(
        ctx,
        code,
        message=number,
        service=form.service.data or "",
        details=form.details.data or "",
        key=form.key.data or "",
    )


def _named(service: Terms) -> str:
    if not service.price_minor:
        return service.name
    price = Money(service.price_minor, service.currency)
    return _("%(service)s, %(price)s", service=service.name, price=price)


def _services(ctx: Context) -> list[tuple[str, str]]:
    return [(service.slug, _named(service)) for service in catalogue.services(ctx)]


@section("ticket", "tickets/relations/_links_section.html", 60, "side")
def _links_section(ctx: Context, _view: TicketView, refused: Form | None) -> dict[str, Any]:
    return {
        "form": own(refused, LinkForm),
        "fields": fields("tickets/_field_links.html", LinkForm, refused),
        "flows": ctx.services.workflows,
    }


#: The sections it adds to the pages of tickets.
SECTIONS = (_links_section,)
