"""The customer's private page: where the order stands, the conversation, and its files (G2, P5)."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.desk import documented, invoicing
from paidsupport.desk.decisions import standing
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterKind
from paidsupport.integrations import einvoice, pdf
from paidsupport.store import pages
from paidsupport.store.pages import CustomerPage
from paidsupport.store.tickets import Ticket
from paidsupport.web import downloads
from paidsupport.web.customer.forms import HelpedForm, MessageForm
from paidsupport.web.customer.progress import STEPS, progress
from paidsupport.web.forms import uploads
from paidsupport.web.guards import Who, private_token, route
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash


@route("/t/<token>", Who.CUSTOMER, ("GET", "POST"))
def customer_ticket(visit: Visit, ticket: Ticket) -> ResponseReturnValue:
    """The page behind the private link; a POST is a message from the customer."""
    form = MessageForm()
    client, key, body = request.remote_addr or "", form.key.data or "", form.body.data or ""
    sent = form.send(
        visit, lambda: documented.receive(visit, ticket, body, key=key, uploads=uploads(), client=client)
    )
    if sent:
        flash("Your message has arrived.", "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token()), 303)
    return _page(visit, ticket, form), form.status


@route("/t/<token>/helped", Who.CUSTOMER, ("POST",))
def helped(visit: Visit, ticket: Ticket) -> ResponseReturnValue:
    """The answer to whether a page has helped (T5)."""
    form = HelpedForm()
    done = form.send(visit, lambda: _answer(visit, ticket, form))
    if done:
        flash(_SAID[form.choice.data or ""], "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token()), 303)
    return _page(visit, ticket, form), form.status


_SAID = {
    "helped": "Thank you. We are glad that it helped.",
    "not-helped": "Thank you. Whoever pointed you there looks into it and writes back.",
}


def _answer(visit: Visit, ticket: Ticket, form: HelpedForm) -> Ticket:
    return documented.answer(
        visit,
        ticket,
        form.choice.data or "",
        words=form.words.data or "",
        version=form.version.data or 0,
        key=form.key.data or "",
        client=request.remote_addr or "",
    )


def _page(visit: Visit, ticket: Ticket, refused: MessageForm | HelpedForm) -> str:
    page = pages.for_customer(visit.session, ticket)
    flow = visit.house.workflows[ticket.workflow]
    return show(
        "customer/ticket.html",
        page=page,
        flow=flow,
        progress=progress(page, visit.now, flow),
        helped=_question(page, refused),
        closed=bool(visit.house.vault.fault),
        refused=refused,
        asked=standing(page.decisions, visit.now),
        steps=STEPS,
        invoices=invoicing.given(visit, ticket),
        has_pdf=pdf.is_available(),
        has_xml=einvoice.is_available(ticket.currency),
        form=refused if isinstance(refused, MessageForm) else MessageForm(formdata=None),
        token=private_token(),
    )


def _question(page: CustomerPage, refused: MessageForm | HelpedForm) -> HelpedForm | None:
    """The two buttons, once the letter that asks has left."""
    asked = any(spoken.letter and spoken.letter.kind == LetterKind.POINTER for spoken in page.thread)
    if not asked or not documented.is_asked(page.ticket):
        return None
    form = refused if isinstance(refused, HelpedForm) else HelpedForm(formdata=None)
    form.version.raw_data, form.version.data = None, page.ticket.version
    return form


@route("/t/<token>/files/<reference>", Who.CUSTOMER)
def customer_file(visit: Visit, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """One file of the conversation or of the order, as a download."""
    return downloads.send(visit, pages.file_for_customer(visit.session, ticket, reference))
