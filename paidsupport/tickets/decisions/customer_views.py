"""The customer decides: one page with all the facts, and two buttons (G14, G17, N4)."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.money import Money
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.customer_forms import DecisionForm
from paidsupport.tickets.decisions.rules import is_open, state_of
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Ticket, by_id
from paidsupport.tickets.views.progress import CustomerView

#: Sentences about offers for customers who have ordered nothing yet.
_SAID_TO_LEADS = {
    ("offer", "approved"): _("Offer accepted. We'll start, and you'll hear from us when it's ready."),
    ("offer", "declined"): _("Offer declined. You pay nothing."),
}
_SAID = {
    ("consent", "approved"): _("You've approved this. Your developer has been told."),
    ("consent", "declined"): _("You haven't approved this, so it's left out. Your developer has been told."),
    ("offer", "declined"): _("Offer declined. Your order stays as it is."),
}


@route("/t/<token>/decide/<reference>", Who.CUSTOMER, ("GET", "POST"))
def decide(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """Show the question and take the answer. Viewing changes nothing, because link scanners view it too."""
    form = DecisionForm()
    done = form.send(ctx, lambda: _act(ctx, ticket, reference, form))
    if done:
        flash(_said(ctx, ticket, done), "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token()), 303)
    return _page(ctx, ticket, reference, form), form.status


def _said(ctx: Context, ticket: Ticket, done: Decision) -> str:
    """What has happened, with the new total."""
    if not ctx.services.workflows[ticket.workflow].is_order and done.kind == "offer":
        return _SAID_TO_LEADS[done.kind, done.answer]
    if (done.kind, done.answer) == ("offer", "approved"):
        total = Money(by_id(ctx.session, done.ticket_id).price_minor, ticket.currency)
        return _("Added to your order. New total: %(total)s.", total=total)
    return _SAID[done.kind, done.answer]


def _act(ctx: Context, ticket: Ticket, reference: str, form: DecisionForm) -> Decision:
    return decisions.answer(
        ctx,
        ticket,
        reference,
        form.choice.data or "",
        word=form.word.data or "",
        text_hash=form.text_hash.data or "",
        key=form.key.data or "",
    )


@section("customer", "tickets/decisions/_waiting_section.html", 20, "wanted")
def _waiting_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    ticket = view.page.ticket
    waiting = [asked for asked in view.page.decisions if is_open(asked, ctx.now)]
    if not waiting or ticket.part != Part.PENDING:
        return None
    return {"asked": [(asked, _total(ticket, asked)) for asked in waiting], "sealed": Sealed}


def _total(ticket: Ticket, decision: Decision) -> Money:
    """The total once an offer is accepted."""
    return Money(ticket.price_minor + (decision.price_minor or 0), ticket.currency)


@section("customer", "tickets/decisions/_settled_section.html", 40, "side")
def _settled_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    asked = [each for each in decisions.standing(view.page.decisions, ctx.now) if each[1] != "open"]
    return {"asked": asked} if asked else None


#: The sections it adds to the pages of customers.
SECTIONS = (_waiting_section, _settled_section)


def _page(ctx: Context, ticket: Ticket, reference: str, form: DecisionForm) -> str:
    """Render the question as it is now: sent again, the form answers the present one."""
    decision = pages.decision_for_customer(ctx.session, ticket, reference)
    form.text_hash.raw_data = None
    form.text_hash.data = decision.text_hash
    return show(
        "tickets/decisions/decide.html",
        ticket=ticket,
        decision=decision,
        state=state_of(decision, ctx.now),
        against=decisions.why_not(ctx, ticket, decision),
        form=form,
        total=_total(ticket, decision),
        flow=ctx.services.workflows[ticket.workflow],
        token=private_token(),
    )
