"""Ordering, and the page right after it (G1, G2)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.desk import catalogue, submissions
from paidsupport.desk.visit import Visit
from paidsupport.web.customer.forms import form_for
from paidsupport.web.guards import Who, route, visitor
from paidsupport.web.htmx import show


@route("/order/<service>", Who.ANYONE, ("GET", "POST"))
def order(visit: Visit, service: str) -> ResponseReturnValue:
    """The form of one service; sent and right, it becomes a ticket."""
    offered = catalogue.orderable(visit.session, service)
    form = form_for(visit, offered, visitor())
    client = request.remote_addr or ""
    ticket = form.send(visit, lambda: submissions.take(visit, form.examined, client=client))
    if ticket:
        return redirect(url_for(".receipt", receipt=visit.house.links.receipt(ticket)), 303)
    flow = visit.house.workflows[offered.workflow]
    return show("customer/order.html", form=form, service=offered, flow=flow), form.status


@route("/ordered/<receipt>", Who.ANYONE)
def receipt(visit: Visit, receipt: str) -> ResponseReturnValue:
    """The confirmation code on screen. The private link is in the mail alone: it proves the address."""
    reference = visit.house.links.read_receipt(receipt)
    ticket = submissions.by_reference(visit, reference)
    return show("customer/receipt.html", ticket=ticket, flow=visit.house.workflows[ticket.workflow])
