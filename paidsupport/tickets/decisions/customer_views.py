"""The customer decides: one page with all there is to know, and two buttons (G14, G17, N4)."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.customer_forms import DecisionForm
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.progress import CustomerView

#: What is said of offers to those who have ordered nothing yet.
_SAID_TO_LEADS = {
    ("offer", "approved"): "Thank you. We begin, and you hear from us when it is there.",
    ("offer", "declined"): "Thank you for telling us. Whoever looks after you knows.",
}
_SAID = {
    ("consent", "approved"): "Thank you. Your yes is on record, and your developer knows.",
    ("consent", "declined"): "Thank you. This is left undone, and your developer knows.",
    ("offer", "approved"): "Thank you. It belongs to your order now, and so does its price.",
    ("offer", "declined"): "Thank you. Your order goes on as it is.",
}


@route("/t/<token>/decide/<reference>", Who.CUSTOMER, ("GET", "POST"))
def decide(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """What is asked, and the answer to it. Looking at it changes nothing: link scanners look too."""
    form = DecisionForm()
    done = form.send(ctx, lambda: _act(ctx, ticket, reference, form))
    if done:
        said = _SAID if ctx.services.workflows[ticket.workflow].is_order else _SAID | _SAID_TO_LEADS
        flash(said[done.kind, done.answer], "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token()), 303)
    return _page(ctx, ticket, reference, form), form.status


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


@section("customer", "tickets/decisions/_waiting_section.html", 20)
def _waiting_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    asked = [each for each in decisions.standing(view.page.decisions, ctx.now) if each[1] == "open"]
    return {"asked": asked} if asked and view.page.ticket.part == Part.PENDING else None


@section("customer", "tickets/decisions/_settled_section.html", 70)
def _settled_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    asked = [each for each in decisions.standing(view.page.decisions, ctx.now) if each[1] != "open"]
    return {"asked": asked} if asked else None


#: What it shows on the pages of customers.
SECTIONS = (_waiting_section, _settled_section)


def _page(ctx: Context, ticket: Ticket, reference: str, form: DecisionForm) -> str:
    """The question as it is now; sent once more, the form answers that."""
    decision = pages.decision_for_customer(ctx.session, ticket, reference)
    form.text_hash.raw_data = None
    form.text_hash.data = decision.text_hash
    return show(
        "tickets/decisions/decide.html",
        ticket=ticket,
        decision=decision,
        state=decisions.state_of(decision, ctx.now),
        against=decisions.why_not(ctx, ticket, decision),
        form=form,
        word=ctx.services.workflows[ticket.workflow].word,
        token=private_token(),
    )
