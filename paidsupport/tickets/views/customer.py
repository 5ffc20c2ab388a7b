"""The customer's private page: where the order stands, the conversation, and its files (G2, P5)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.intake.gaps.operations import documented
from paidsupport.kernel import pdf
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import uploads
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import show
from paidsupport.sales.invoices import einvoice
from paidsupport.sales.invoices.operations import invoicing
from paidsupport.tickets.conversation import downloads
from paidsupport.tickets.customer_forms import HelpedForm, MessageForm
from paidsupport.tickets.decisions.operations import standing
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import CustomerPage
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.progress import STEPS, progress


@route("/t/<token>", Who.CUSTOMER, ("GET", "POST"))
def customer_ticket(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """The page behind the private link; a POST is a message from the customer."""
    form = MessageForm()
    client, key, body = request.remote_addr or "", form.key.data or "", form.body.data or ""
    sent = form.send(
        ctx, lambda: documented.receive(ctx, ticket, body, key=key, uploads=uploads(), client=client)
    )
    if sent:
        flash("Your message has arrived.", "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token()), 303)
    return _page(ctx, ticket, form), form.status


@route("/t/<token>/helped", Who.CUSTOMER, ("POST",))
def helped(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """The answer to whether a page has helped (T5)."""
    form = HelpedForm()
    done = form.send(ctx, lambda: _answer(ctx, ticket, form))
    if done:
        flash(_SAID[form.choice.data or ""], "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token()), 303)
    return _page(ctx, ticket, form), form.status


_SAID = {
    "helped": "Thank you. We are glad that it helped.",
    "not-helped": "Thank you. Whoever pointed you there looks into it and writes back.",
}


def _answer(ctx: Context, ticket: Ticket, form: HelpedForm) -> Ticket:
    return documented.answer(
        ctx,
        ticket,
        form.choice.data or "",
        words=form.words.data or "",
        version=form.version.data or 0,
        key=form.key.data or "",
        client=request.remote_addr or "",
    )


def _page(ctx: Context, ticket: Ticket, refused: MessageForm | HelpedForm) -> str:
    page = pages.for_customer(ctx.session, ticket)
    flow = ctx.services.workflows[ticket.workflow]
    return show(
        "tickets/customer.html",
        page=page,
        flow=flow,
        progress=progress(page, ctx.now, flow),
        helped=_question(page, refused),
        closed=bool(ctx.services.vault.fault),
        refused=refused,
        asked=standing(page.decisions, ctx.now),
        steps=STEPS,
        invoices=invoicing.given(ctx, ticket),
        has_pdf=pdf.is_available(),
        has_xml=einvoice.is_available(ticket.currency),
        form=refused if isinstance(refused, MessageForm) else MessageForm(formdata=None),
        token=private_token(),
    )


def _question(page: CustomerPage, refused: MessageForm | HelpedForm) -> HelpedForm | None:
    """The two buttons, once the email that asks has left."""
    asked = any(spoken.email and spoken.email.kind == EmailKind.POINTER for spoken in page.thread)
    if not asked or not documented.is_asked(page.ticket):
        return None
    form = refused if isinstance(refused, HelpedForm) else HelpedForm(formdata=None)
    form.version.raw_data, form.version.data = None, page.ticket.version
    return form


@route("/t/<token>/files/<reference>", Who.CUSTOMER)
def customer_file(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """One file of the conversation or of the order, as a download."""
    return downloads.send(ctx, pages.file_for_customer(ctx.session, ticket, reference))
