"""The customer's pages to pay: choose a provider, go there, come back, and see how the payment stands (P16).

A page leads to a provider by a link and never by a redirect, so that nothing follows along: neither the
form nor the address of the private page. Who comes back is led to that page if this browser began the
payment; another browser is told nothing.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.money import Money
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import NOTHING_NEW, show, wants_fragment
from paidsupport.kernel.web.sections import section
from paidsupport.sales.payments import queries
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.bank.transfer import transfer_for
from paidsupport.sales.payments.operations import beginning, configured
from paidsupport.sales.payments.qr import drawing
from paidsupport.sales.payments.rules import MAY_LEAVE, UNDER_WAY, PaymentStep, is_address, is_wallet_link
from paidsupport.sales.payments.tables import BY_INVOICE, DIRECT, Payment
from paidsupport.tickets.operations.payment import is_off
from paidsupport.tickets.standing import sums_of
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.customer import customer_page
from paidsupport.tickets.views.progress import CustomerView

#: Where a browser keeps which private page a payment belongs to, and of how many payments.
_BEGUN, _KEPT = "paidsupport_payments", 5
#: Seconds between two polls, by the step; without one, nothing is waited for.
_POLLS = {
    PaymentStep.BEGINNING: 2,
    PaymentStep.APPROVED: 2,
    PaymentStep.OPEN: 4,
    PaymentStep.PENDING: 15,
}
_ONE = "/t/<token>/pay/<reference>"


@route("/t/<token>/pay-by/<provider>", Who.CUSTOMER, ("POST",))
def pay_begin(ctx: Context, ticket: Ticket, provider: str) -> ResponseReturnValue:
    """Begin to pay all that is open."""
    form = Form()
    row = form.send(ctx, lambda: beginning.begin(ctx, ticket, provider, key=form.key.data or ""))
    if row is None:
        return customer_page(ctx, ticket, form), form.status
    begun = dict(session.get(_BEGUN, {})) | {row.reference: private_token()}
    session[_BEGUN] = dict(list(begun.items())[-_KEPT:])
    return redirect(url_for(".pay", token=private_token(), reference=row.reference), 303)


@route(_ONE, Who.CUSTOMER)
def pay(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """How a payment stands, and the way to the provider while there is something to pay."""
    return _page(ctx, ticket, _found(ctx, ticket, reference))


@route(f"{_ONE}/poll", Who.CUSTOMER)
def pay_poll(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """Answer 204 while nothing has happened since the page was drawn, otherwise what is new."""
    payment = _found(ctx, ticket, reference)
    if request.args.get("since") == _stamp(ctx, ticket, payment):
        return Response(status=NOTHING_NEW)
    return _page(ctx, ticket, payment)


@route(f"{_ONE}/look", Who.CUSTOMER, ("POST",))
def pay_look(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """Have the provider asked now."""
    form = Form()
    if not form.send(ctx, lambda: beginning.look_now(ctx, ticket, reference)):
        return _page(ctx, ticket, _found(ctx, ticket, reference), form), form.status
    if wants_fragment():
        return Response(status=NOTHING_NEW)
    flash(_("We're asking. Look at this page again in a few seconds."), "ps-ok")
    return redirect(url_for(".pay", token=private_token(), reference=reference), 303)


@route("/t/<token>/transfer", Who.CUSTOMER)
def pay_transfer(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """How all that is open is paid by bank transfer."""
    found = transfer_for(ctx, ticket)
    if found is None:
        return redirect(url_for(".customer_ticket", token=private_token()), 303)
    flow = ctx.services.workflows[ticket.workflow]
    return show("sales/payments/transfer.html", ticket=ticket, flow=flow, found=found, token=private_token())


@route("/pay/<reference>", Who.ANYONE)
def pay_returned(_ctx: Context, reference: str) -> ResponseReturnValue:
    """Back from a provider: to the page on which this browser began, or to one that tells nothing."""
    token = session.get(_BEGUN, {}).get(reference, "") if _BEGUN in session else ""
    if token:
        return redirect(url_for(".pay", token=token, reference=reference, back=1), 303)
    return show("sales/payments/returned.html")


def _found(ctx: Context, ticket: Ticket, reference: str) -> Payment:
    payment = payments.find(ctx.session, ticket, reference)
    if payment.provider in {DIRECT, BY_INVOICE}:
        raise NotFoundError
    return payment


def _stamp(ctx: Context, ticket: Ticket, payment: Payment) -> str:
    known = (payment.step, payment.address, payment.uri, payment.received_minor, payment.refunded_minor)
    return ctx.services.links.digest("payment", payment.reference, *map(str, (*known, ticket.paid_minor)))


def _page(ctx: Context, ticket: Ticket, payment: Payment, refused: Form | None = None) -> str:
    token, reference = private_token(), payment.reference
    step, sums = PaymentStep(payment.step), sums_of(ticket)
    off = is_off(ctx, ticket)
    # a withdrawn order has no way to pay any more, and still one to a refund
    leads = not off or step not in UNDER_WAY
    address = payment.address if leads and is_address(payment.address) else ""
    uri = payment.uri if leads and is_wallet_link(payment.uri) else ""
    return show(
        "sales/payments/pay.html",
        block="live",
        ticket=ticket,
        flow=ctx.services.workflows[ticket.workflow],
        payment=payment,
        name=_name(ctx, payment.provider),
        off=off,
        address=address,
        host=urlsplit(address).hostname if address else "",
        uri=uri,
        code=drawing(uri) if uri else "",
        more=Money(sums.left(ticket.price_minor), ticket.currency),
        over=Money(sums.above(ticket.price_minor), ticket.currency),
        refused=refused,
        press=Sealed(),
        look=url_for(".pay_look", token=token, reference=reference) if step in MAY_LEAVE else "",
        came_back="back" in request.args,
        poll_url=url_for(".pay_poll", token=token, reference=reference, since=_stamp(ctx, ticket, payment)),
        poll_seconds=_POLLS.get(step, 0),
        token=token,
    )


def _name(ctx: Context, provider: str) -> str:
    kind = configured.kinds(ctx.services).get(provider)
    return str(kind.label) if kind else provider


@section("customer", "sales/payments/_due_section.html", 20, "wanted")
def _due_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    payment, ticket = view.payment, view.page.ticket
    if payment is None:
        return None
    known = bool(payment.bill or payment.name or payment.said or not payment.direct)
    due, over = payment.owed and known, payment.above if not payment.direct else None
    begun = [
        {"row": row, "name": _name(ctx, row.provider), "amount": Money(row.amount_minor, row.currency)}
        for row in (beginning.begun(ctx, ticket) if ticket.payment_mark and not payment.direct else ())
        # what has been paid another way is not to be paid twice
        if payment.owed or row.step in {PaymentStep.APPROVED, PaymentStep.PENDING}
    ]
    waiting = [
        {"row": row, "name": _name(ctx, row.provider)}
        for row in (
            queries.to_accept(ctx.session, ticket.id) if ticket.paid_minor and not payment.direct else ()
        )
    ]
    if not (due or begun or waiting or (over and over.minor)):
        return None
    return {
        "payment": payment,
        "due": due,
        "offered": beginning.choices(ctx, ticket) if due else (),
        "begun": begun,
        "waiting": waiting,
        "over": over if over and over.minor else None,
        "sealed": Sealed,
    }


#: The sections it adds to the pages of customers.
SECTIONS = (_due_section,)
