"""Asking the customer for consent, making an offer, and withdrawing either (G14, G17)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _, said
from paidsupport.kernel.text import shorten, whole_number
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.checklist import queries as lines
from paidsupport.tickets.checklist.board import wanting_consent
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.forms import AskingForm, ConsentForm, OfferForm, UseForm
from paidsupport.tickets.decisions.operations import standing
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.hooks import ASKS_FOR_CONSENT
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.views.page import reread, ticket_page
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket import conflict_page, done_on_page
from paidsupport.tickets.views.ticket_view import TicketView

#: The most characters of a message to quote in a question or an offer about it.
_QUOTED = 300


@ticket_route("/consents/new", ("GET", "POST"))
def consent_new(ctx: Context, code: str) -> ResponseReturnValue:
    """Ask for consent; the address names what waits for it: an `item` of the checklist, or something else."""
    page = reread(ctx, code)
    form = ConsentForm(item=request.args.get("item", ""), why=_quoted(page, request.args))
    key = form.key.data or ""
    ask = _asks_elsewhere(ctx) or decisions.ask_consent
    if form.send(ctx, lambda: ask(ctx, code, ask=form.ask(), **form.seen, key=key)):
        return _sent(code, _("Question sent. It leaves in a moment."))
    if form.is_submitted():
        return ticket_page(ctx, code, form), form.status
    if form.item.data:
        item = lines.item(ctx.session, page.ticket, form.item.data)
        form.what.data = said(item.text, ctx.services.language(page.ticket.language))
    return _page(ctx, page, form)


@ticket_route("/offers/new", ("GET", "POST"))
def offer_new(ctx: Context, code: str) -> ResponseReturnValue:
    """Make an offer; `message` in the address is the number of the customer's message it answers."""
    about = whole_number(request.args.get("message", ""), digits=9) or 0
    page = reread(ctx, code)
    form = OfferForm(about=about, why=_quoted(page, request.args))
    key = form.key.data or ""
    if form.send(ctx, lambda: decisions.make_offer(ctx, code, form.offer(), **form.seen, key=key)):
        return _sent(code, _("Offer sent. It leaves in a moment."))
    if form.is_submitted():
        return ticket_page(ctx, code, form), form.status
    return _page(ctx, page, form)


@ticket_route("/decisions/<reference>/withdraw", ("POST",))
def withdraw_decision(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Withdraw a decision that the customer has not answered."""
    form = Form()
    key = form.key.data or ""
    act = partial(decisions.withdraw, ctx, code, reference, key=key)
    said = _("Withdrawn. The customer can't answer it any more.")
    return done_on_page(ctx, code, form, act, said=said, anchor="decisions")


@ticket_route("/decisions/<reference>/use", ("POST",))
def use_consent(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Use a question that the customer was already asked for an item of the checklist."""
    form = UseForm()
    name, key = form.item.data or "", form.key.data or ""
    act = partial(decisions.use_consent, ctx, code, reference, name, key=key)
    said = _("The answer counts for this item. The customer is not asked again.")
    return done_on_page(ctx, code, form, act, said=said, anchor=f"item-{name}")


def _asks_elsewhere(ctx: Context) -> Callable[..., Decision] | None:
    """The operation that asks for consent to something outside the checklist, if the address names it."""
    return next(filter(None, ctx.services.hooks.call(ASKS_FOR_CONSENT, request.args)), None)


def _quoted(page: DeskPage, args: Mapping[str, str]) -> str:
    """A quote of the `message` that is answered, to start from."""
    number = args.get("message", "")
    said = [each.message.body for each in page.thread if str(each.message.number) == number]
    return _("You wrote: “%(said)s”", said=shorten(said[0], _QUOTED)) + "\n\n" if said else ""


def _offer_lines(ctx: Context, form: ConsentForm, page: DeskPage) -> None:
    """Let the form offer the items that wait for consent, and the one that was asked for."""
    waiting = [] if _asks_elsewhere(ctx) else wanting_consent(page.items, page.decisions)
    lines = waiting + [item for item in page.items if item.name == form.item.data and item not in waiting]
    form.item.choices = [("", _("None of these")), *((item.name, item.text) for item in lines)]


def _sent(code: str, said: str) -> Response:
    flash(said, "ps-ok")
    return to_ticket(code, "decisions")


def _page(ctx: Context, page: DeskPage, form: AskingForm) -> ResponseReturnValue:
    """Render the form on a page of its own; if this person is not the owner, say who is."""
    ticket = page.ticket
    if not correspondence.may_write(ctx, ticket):
        return conflict_page(ctx, page, form), 409
    about = form.about.data if isinstance(form, OfferForm) else 0
    return show(
        "tickets/decisions/ask.html",
        page=page,
        flow=ctx.services.workflows[ticket.workflow],
        wish=next((spoken for spoken in page.thread if spoken.message.number == about), None),
        **_asked(ctx, page, form),
    )


def _asked(ctx: Context, page: DeskPage, form: AskingForm) -> dict[str, Any]:
    """The form with what is new since it was opened: sent again, it applies to the present state."""
    consent = isinstance(form, ConsentForm)
    if isinstance(form, ConsentForm):
        _offer_lines(ctx, form, page)
    return {
        "form": form,
        "consent": consent,
        "news": form.follow(page),
        "against": "" if consent else decisions.against_offer(ctx, page.ticket),
        "action": request.script_root + request.full_path.rstrip("?"),
    }


@section("ticket", "tickets/decisions/_asking_section.html", 45)
def _asking_section(ctx: Context, view: TicketView, refused: Form | None) -> dict[str, Any] | None:
    """The refused form, or an empty place where a script puts a blank one."""
    if isinstance(refused, AskingForm) and view.step.may_write:
        return _asked(ctx, view.page, refused)
    return {"form": None} if view.asks else None


@section("ticket", "tickets/decisions/_decisions_section.html", 20, "side")
def _decisions_section(ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any]:
    return {"asked": standing(view.page.decisions, ctx.now)}


#: The sections it adds to the pages of tickets.
SECTIONS = (_asking_section, _decisions_section)
