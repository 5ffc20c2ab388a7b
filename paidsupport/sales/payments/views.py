"""Payments on the page of a ticket: recorded, and shown."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.widgets import DateInput

from paidsupport.catalogue.hooks import AGAINST_PAYING
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed, line, own
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import fields
from paidsupport.kernel.web.sections import section
from paidsupport.sales.invoices.operations import invoicing
from paidsupport.sales.invoices.tables import BILLS
from paidsupport.sales.payments.hooks import KINDS
from paidsupport.sales.payments.operations import announcing, configured, direct
from paidsupport.sales.payments.providers import CONSOLE, NULL
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import PAYMENTS
from paidsupport.tickets import standing
from paidsupport.tickets.hooks import LINES_WRITTEN, RECEIVED
from paidsupport.tickets.operations.payment import Payment as Due
from paidsupport.tickets.operations.payment import PaymentState, weighed
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.customer import customer_page
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView

#: What the steps of one payment are called.
STEPS = {
    PaymentStep.BEGINNING: standing.LABELS["begun"],
    PaymentStep.OPEN: standing.LABELS["begun"],
    PaymentStep.APPROVED: standing.LABELS["begun"],
    PaymentStep.PENDING: _("On its way"),
    PaymentStep.SAID: standing.TO_CONFIRM,
    PaymentStep.RECEIVED: standing.LABELS["paid"],
    PaymentStep.ENDED: _("Ended"),
    PaymentStep.REVERSED: _("Taken back"),
    PaymentStep.DISPUTED: standing.LABELS["disputed"],
    PaymentStep.STRANGE: _("To be checked"),
}
#: The states of payment that say more than how it stands.
_TITLES = {
    PaymentState.LATER: _("Not due yet"),
    PaymentState.INVOICED: _("Invoiced"),
    PaymentState.NOTHING: _("Nothing to pay"),
}


class PaymentForm(Form):
    """The day on which the money arrived."""

    day = StringField(_("Received on"), [line], widget=DateInput())


@ticket_route("/payments", ("POST",))
def payment_note(ctx: Context, code: str) -> ResponseReturnValue:
    """Record that the customer has paid."""
    form = PaymentForm()
    act = partial(direct.note, ctx, code, form.day.data or "", key=form.key.data or "")
    return done_on_page(
        ctx, code, form, act, said=_("Payment noted. The customer sees it."), anchor="payment"
    )


@ticket_route("/payments/<reference>/undo", ("POST",))
def payment_undo(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Undo a recorded payment."""
    form = Form()
    act = partial(direct.undo, ctx, code, reference, key=form.key.data or "")
    return done_on_page(ctx, code, form, act, said=_("Payment taken back."), anchor="payment")


@ticket_route("/payments/<reference>/missing", ("POST",))
def payment_missing(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Answer that what the customer says they have paid has not arrived."""
    form = Form()
    act = partial(direct.deny, ctx, code, reference, key=form.key.data or "")
    return done_on_page(
        ctx, code, form, act, said=_("Answer saved. The customer sees it on their page."), anchor="payment"
    )


@route("/t/<token>/paid", Who.CUSTOMER, ("POST",))
def payment_said(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """The customer says that they have paid their developer."""
    form = Form()
    if form.send(ctx, lambda: direct.say(ctx, ticket, key=form.key.data or "")):
        flash(_("Thank you. Your developer has been told."), "ps-ok")
        return redirect(url_for(".customer_ticket", token=private_token(), _anchor="ps-due"), 303)
    return customer_page(ctx, ticket, form), form.status


@section("ticket", "sales/payments/_payment_section.html", 29, "side", (PAYMENTS, BILLS))
def _payment_section(ctx: Context, view: TicketView, refused: Form | None) -> dict[str, Any] | None:
    ticket = view.page.ticket
    if not ticket.price_minor:
        return None
    page, rows, bills = view.page, view.page[PAYMENTS], view.page[BILLS]
    today = {"day": ctx.today.isoformat()}
    bill, received = invoicing.bill_of(ctx, bills), direct.summed(rows)
    payment = weighed(ctx, ticket, page.owner_name, page.owner_payment, bill, received)
    return {
        "payment": payment,
        "title": _title(ticket, payment),
        "rows": rows,
        "providers": {name: kind.label for name, kind in configured.kinds(ctx.services).items()},
        "steps": STEPS,
        "form": own(refused, PaymentForm),
        "fields": fields("sales/payments/_field_payment.html", PaymentForm, refused, today),
        "sealed": Sealed,
        "may": direct.may_note(ctx, ticket),
    }


def _title(ticket: Ticket, payment: Due) -> str:
    if payment.state in _TITLES:
        return _TITLES[payment.state]
    return standing.label(standing.Standing(payment.state), ticket.payment_mark, payment.payee)[0]


SECTIONS = (_payment_section,)
SUBSCRIPTIONS = (
    RECEIVED.by(direct.received),
    LINES_WRITTEN.by(announcing.announce),
    AGAINST_PAYING.by(configured.against_paying),
    KINDS.by(lambda: (NULL, CONSOLE)),
)
