"""Payments: recorded on the ticket's page, shown on the customer's."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.widgets import DateInput

from paidsupport.catalogue.hooks import AGAINST_PAYING
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form, Sealed, line, own
from paidsupport.kernel.web.htmx import fields
from paidsupport.kernel.web.sections import section
from paidsupport.sales.invoices.operations import invoicing
from paidsupport.sales.invoices.tables import BILLS
from paidsupport.sales.payments.hooks import KINDS
from paidsupport.sales.payments.operations import configured, direct
from paidsupport.sales.payments.providers import CONSOLE, NULL
from paidsupport.sales.payments.tables import DIRECT, PAYMENTS
from paidsupport.tickets.hooks import RECEIVED
from paidsupport.tickets.operations.payment import PaymentState, weighed
from paidsupport.tickets.views.progress import CustomerView
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket import done_on_page
from paidsupport.tickets.views.ticket_view import TicketView


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


@section("ticket", "sales/payments/_payment_section.html", 29, "side", (PAYMENTS, BILLS))
def _payment_section(ctx: Context, view: TicketView, refused: Form | None) -> dict[str, Any] | None:
    ticket = view.page.ticket
    if not ticket.price_minor:
        return None
    page, rows, bills = view.page, view.page[PAYMENTS], view.page[BILLS]
    today = {"day": ctx.today.isoformat()}
    bill, received = invoicing.bill_of(ctx, bills), direct.summed(rows)
    return {
        "payment": weighed(ctx, ticket, page.owner_name, page.owner_payment, bill, received),
        "rows": [row for row in rows if row.provider == DIRECT],
        "form": own(refused, PaymentForm),
        "fields": fields("sales/payments/_field_payment.html", PaymentForm, refused, today),
        "undo": Sealed,
        "may": direct.may_note(ctx, ticket),
    }


@section("customer", "sales/payments/_due_section.html", 20, "wanted")
def _due_section(_ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    payment = view.payment
    if payment is None or payment.state not in {PaymentState.DUE, PaymentState.INVOICED}:
        return None
    return {"payment": payment} if payment.bill or payment.name or not payment.direct else None


SECTIONS = (_payment_section, _due_section)
SUBSCRIPTIONS = (
    RECEIVED.by(direct.received),
    AGAINST_PAYING.by(configured.against_paying),
    KINDS.by(lambda: (NULL, CONSOLE)),
)
