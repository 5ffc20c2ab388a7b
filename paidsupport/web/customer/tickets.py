"""The customer's private page: where the order stands, the conversation, and its files (G2, P5)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.desk import correspondence
from paidsupport.desk.decisions import standing
from paidsupport.desk.visit import Visit
from paidsupport.store import pages
from paidsupport.store.tickets import Ticket
from paidsupport.web import downloads
from paidsupport.web.blueprint import blueprint
from paidsupport.web.customer.forms import MessageForm
from paidsupport.web.customer.progress import STEPS, progress
from paidsupport.web.forms import uploads
from paidsupport.web.guards import Who, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash


@route(blueprint, "/t/<token>", Who.CUSTOMER, ("GET", "POST"))
def customer_ticket(visit: Visit, ticket: Ticket) -> ResponseReturnValue:
    """The page behind the private link; a POST is a message from the customer."""
    form = MessageForm()
    client, key, body = request.remote_addr or "", form.key.data or "", form.body.data or ""
    sent = form.send(
        visit, lambda: correspondence.receive(visit, ticket, body, key=key, uploads=uploads(), client=client)
    )
    token = visit.house.links.customer(ticket)
    if sent:
        flash("Your message has arrived.", "ps-ok")
        return redirect(url_for(".customer_ticket", token=token), 303)
    return _page(visit, ticket, form), form.status


def _page(visit: Visit, ticket: Ticket, form: MessageForm) -> str:
    page = pages.for_customer(visit.session, ticket)
    return show(
        "customer/ticket.html",
        page=page,
        progress=progress(page, visit.now),
        asked=standing(page.decisions, visit.now),
        steps=STEPS,
        form=form,
        token=visit.house.links.customer(ticket),
    )


@route(blueprint, "/t/<token>/files/<reference>", Who.CUSTOMER)
def customer_file(visit: Visit, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """One file of the conversation or of the order, as a download."""
    return downloads.send(visit, pages.file_for_customer(visit.session, ticket, reference))
