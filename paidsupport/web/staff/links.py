"""Linking tickets, and making a ticket of its own out of a further wish (G17, P7)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.desk import catalogue, relations
from paidsupport.desk.visit import Visit
from paidsupport.domain.money import Money
from paidsupport.kernel.web.sections import section
from paidsupport.store import pages
from paidsupport.store.catalogue import Service
from paidsupport.store.tickets import Ticket
from paidsupport.web.forms import Form, own
from paidsupport.web.htmx import fields, show
from paidsupport.web.notices import flash
from paidsupport.web.staff.forms import LinkForm, RequestForm, renew
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.tickets import ticket_page
from paidsupport.web.staff.view import TicketView


@ticket_route("/links", ("POST",))
def links(visit: Visit, code: str) -> ResponseReturnValue:
    """Link another ticket, or take a link away."""
    form = LinkForm()
    if form.send(visit, lambda: _act(visit, code, form)):
        return to_ticket(code, "links")
    return ticket_page(visit, code, form), form.status


@ticket_route("/request", ("GET", "POST"))
def request_new(visit: Visit, code: str) -> ResponseReturnValue:
    """Open a request for what the customer wants as well, prefilled from their `message`."""
    number = request.args.get("message", type=int)
    page = reread(visit, code)
    wish = pages.wish(visit.session, page.ticket, number).body if number is not None else ""
    form = RequestForm(details=wish)
    form.service.choices = _services(visit)
    made = form.send(visit, lambda: _request(visit, code, number, form))
    if made:
        flash(f"{made.code} is open for anybody to claim, and the customer gets a letter.", "ps-ok")
        return to_ticket(code, "links")
    renew(form, {})
    flow = visit.house.workflows[page.ticket.workflow]
    return show("staff/request.html", page=reread(visit, code), flow=flow, form=form), form.status


def _act(visit: Visit, code: str, form: LinkForm) -> Ticket:
    key, remove = form.key.data or "", request.form.get("remove", "")
    if remove:
        return relations.unlink(visit, code, remove, key)
    return relations.link(visit, code, form.other.data or "", form.kind.data or "", key)


def _request(visit: Visit, code: str, number: int | None, form: RequestForm) -> Ticket:
    return relations.request_from(
        visit,
        code,
        message=number,
        service=form.service.data or "",
        details=form.details.data or "",
        key=form.key.data or "",
    )


def _named(service: Service) -> str:
    price = f", {Money(service.price_minor, service.currency)}" if service.price_minor else ""
    return f"{service.name}{price}"


def _services(visit: Visit) -> list[tuple[str, str]]:
    return [(service.slug, _named(service)) for service in catalogue.services(visit.session)]


@section("ticket", "staff/sections/links.html", 60, "side")
def _links_section(visit: Visit, _view: TicketView, refused: Form | None) -> dict[str, Any]:
    return {
        "form": own(refused, LinkForm),
        "fields": fields("staff/fields/links.html", LinkForm, refused),
        "flows": visit.house.workflows,
    }


#: What it shows on the pages of tickets.
SECTIONS = (_links_section,)
