"""Ordering, and the page right after it (G1, G2)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.guards import Who, route, visitor
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.catalogue import queries as catalogue
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.forms import form_for
from paidsupport.tickets.queries.tickets import by_reference


@route("/order/<service>", Who.ANYONE, ("GET", "POST"))
def order(ctx: Context, service: str) -> ResponseReturnValue:
    """The form of one service; sent and right, it becomes a ticket."""
    offered = catalogue.orderable(ctx.session, service)
    form = form_for(ctx, offered, visitor())
    client = request.remote_addr or ""
    ticket = form.send(ctx, lambda: submissions.take(ctx, form.examined, client=client))
    if ticket:
        return redirect(url_for(".receipt", receipt=ctx.services.links.receipt(ticket)), 303)
    flow = ctx.services.workflows[offered.workflow]
    ask = _where_to_ask(ctx) if form.requirement_names else ""
    return show("tickets/ordering/order.html", form=form, service=offered, flow=flow, ask=ask), form.status


def _where_to_ask(ctx: Context) -> str:
    """The slug of the service that takes questions; nothing if none does."""
    flows = ctx.services.workflows
    asked = (each.slug for each in catalogue.services(ctx.session) if flows[each.workflow].word == "question")
    return next(asked, "")


@route("/ordered/<receipt>", Who.ANYONE)
def receipt(ctx: Context, receipt: str) -> ResponseReturnValue:
    """The confirmation code on screen. The private link is in the mail alone: it proves the address."""
    reference = ctx.services.links.read_receipt(receipt)
    ticket = by_reference(ctx.session, reference)
    return show("tickets/ordering/receipt.html", ticket=ticket, flow=ctx.services.workflows[ticket.workflow])
