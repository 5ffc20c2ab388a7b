"""Asking the customer for consent, making them an offer, and taking either back (G14, G17)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.desk import checklists, correspondence, decisions
from paidsupport.desk.decisions import standing
from paidsupport.desk.issues import steps
from paidsupport.desk.visit import Visit
from paidsupport.kernel.web.sections import section
from paidsupport.store.pages import DeskPage
from paidsupport.web.forms import Form
from paidsupport.web.htmx import show
from paidsupport.web.notices import flash
from paidsupport.web.staff.board import wanting_consent
from paidsupport.web.staff.decision_forms import AskingForm, ConsentForm, OfferForm, UseForm
from paidsupport.web.staff.forms import renew
from paidsupport.web.staff.routes import reread, ticket_route, to_ticket
from paidsupport.web.staff.tickets import conflict_page, ticket_page
from paidsupport.web.staff.view import TicketView

#: Longest number of a message that is looked for, in digits.
_DIGITS = 9


@ticket_route("/consents/new", ("GET", "POST"))
def consent_new(visit: Visit, code: str) -> ResponseReturnValue:
    """Ask for consent; `item` or `step` in the address names what waits for it."""
    form = ConsentForm(item=request.args.get("item", ""))
    key = form.key.data or ""
    ask = partial(steps.ask_consent, step_id=_step()) if _step() else decisions.ask_consent
    if form.send(visit, lambda: ask(visit, code, ask=form.ask(), **form.seen, key=key)):
        return _sent(code, "Your question is in the outbox and leaves in a moment.")
    page = reread(visit, code)
    if not form.is_submitted() and form.item.data:
        form.what.data = checklists.find(visit, page.ticket, form.item.data).text
    _offer_lines(form, page)
    return _page(visit, page, form)


@ticket_route("/offers/new", ("GET", "POST"))
def offer_new(visit: Visit, code: str) -> ResponseReturnValue:
    """Make an offer; `message` in the address is the number of the customer's message it answers."""
    number = request.args.get("message", "")
    form = OfferForm(about=int(number) if number.isdecimal() and len(number) <= _DIGITS else 0)
    key = form.key.data or ""
    if form.send(visit, lambda: decisions.make_offer(visit, code, form.offer(), **form.seen, key=key)):
        return _sent(code, "Your offer is in the outbox and leaves in a moment.")
    return _page(visit, reread(visit, code), form)


@ticket_route("/decisions/<reference>/withdraw", ("POST",))
def withdraw_decision(visit: Visit, code: str, reference: str) -> ResponseReturnValue:
    """Take back what the customer has not answered."""
    form = Form()
    key = form.key.data or ""
    if form.send(visit, lambda: decisions.withdraw(visit, code, reference, key=key)):
        return _sent(code, "It is taken back: the customer cannot answer it any more.")
    return ticket_page(visit, code, form), form.status


@ticket_route("/decisions/<reference>/use", ("POST",))
def use_consent(visit: Visit, code: str, reference: str) -> ResponseReturnValue:
    """Let a line of the checklist go by a question that the customer was asked already."""
    form = UseForm()
    name, key = form.item.data or "", form.key.data or ""
    if form.send(visit, lambda: decisions.use_consent(visit, code, reference, name, key=key)):
        flash("That answer counts for the line: the customer is not asked again.", "ps-ok")
        return to_ticket(code, f"item-{name}")
    return ticket_page(visit, code, form), form.status


def _offer_lines(form: ConsentForm, page: DeskPage) -> None:
    """Let the form offer the lines that wait for consent, and the one that was asked for."""
    lines = [] if _step() else wanting_consent(page.items, page.decisions)
    lines += [item for item in page.items if item.name == form.item.data and item not in lines]
    form.item.choices = [("", "None of these"), *((item.name, item.text) for item in lines)]


def _step() -> int:
    """The step of an issue that the question is about, from the address; 0 without one."""
    number = request.args.get("step", "")
    return int(number) if number.isdecimal() and number.isascii() and len(number) <= _DIGITS else 0


def _sent(code: str, said: str) -> Response:
    flash(said, "ps-ok")
    return to_ticket(code, "decisions")


def _page(visit: Visit, page: DeskPage, form: AskingForm) -> ResponseReturnValue:
    """The form with what is new since it was opened; sent once more, it applies to that."""
    ticket = page.ticket
    if not correspondence.may_write(visit, ticket):
        typed = "\n\n".join(str(form[name].data or "") for name in form.shown)
        return conflict_page(visit, page, form, typed.strip()), 409
    seen = form.thread.data if form.conflict else ticket.thread
    if not form.is_submitted() or form.conflict or form.claim.errors or form.thread.errors:
        renew(form, {"claim": ticket.claim_number, "thread": ticket.thread})
    about = form.about.data if isinstance(form, OfferForm) else 0
    shown = show(
        "staff/ask.html",
        page=page,
        flow=visit.house.workflows[ticket.workflow],
        consent=isinstance(form, ConsentForm),
        news=[spoken for spoken in page.thread if spoken.message.number > (seen or 0)],
        against="" if isinstance(form, ConsentForm) else decisions.against_offer(visit, ticket),
        wish=next((spoken for spoken in page.thread if spoken.message.number == about), None),
        form=form,
    )
    return shown, form.status


@section("ticket", "staff/sections/decisions.html", 20, "main")
def _decisions_section(visit: Visit, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {"asked": standing(view.page.decisions, visit.now)}


#: What it shows on the pages of tickets.
SECTIONS = (_decisions_section,)
