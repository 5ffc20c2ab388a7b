"""Providers of payments as tests set them up, by what their form does."""

from __future__ import annotations

from paidsupport.demo.pay import paypal
from paidsupport.kernel.codes import new_key, new_reference
from paidsupport.kernel.context import Context
from paidsupport.sales.payments.operations import settling
from paidsupport.sales.payments.operations.beginning import LASTS
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.setup import operations
from paidsupport.sales.payments.tables import Payment
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.tables import Ticket
from tests.people import Desk


def set_up(desk: Desk, name: str, *, active: bool = True, **typed: str) -> None:
    """Set a provider up as a manager does; `typed` has values and secrets by the names of the kind."""
    with desk.ctx(desk.mia) as ctx:
        kind = operations.kind_of(ctx, name)
        fields = {f"{name}_{each}": value for each, value in typed.items()}
        shown = operations.values_of(kind, None)
        values = {field: fields.get(field, value) for field, value in shown.items()}
        secrets = {field: value for field, value in fields.items() if field not in shown}
        operations.keep(ctx, kind, {**values, "active": active}, secrets, seen={}, key=new_key())


def set_up_taler(desk: Desk, address: str = "https://backend.example.org/instances/desk/") -> None:
    """A merchant backend of GNU Taler, which is never asked unless it has another address."""
    set_up(desk, "taler", address=address, currency="USD", token="secret-token:open-sesame")


def set_up_paypal(desk: Desk, there: paypal.PayPal) -> None:
    """PayPal, where its stand-in is."""
    set_up(
        desk,
        "paypal",
        environment="test",
        address=there.url,
        client=paypal.CLIENT,
        webhook=paypal.WEBHOOK,
        secret=paypal.SECRET,
    )


def to_be_paid(desk: Desk) -> str:
    """The code of an order of USD 45.00 that is paid before the work, and that Ada has taken."""
    code = desk.order()
    with desk.ctx() as ctx:
        tickets.lock(ctx.session, code).payee = "before"
    desk.claim(code, desk.ada)
    desk.work()
    return code


def begun_payment(ctx: Context, ticket: Ticket) -> Payment:
    """A payment that the customer has begun with PayPal, of which no worker knows."""
    row = Payment(
        ticket_id=ticket.id,
        provider="paypal",
        reference=new_reference(),
        amount_minor=ticket.price_minor,
        currency=ticket.currency,
        step=PaymentStep.BEGINNING,
        payee="",
        noted_by="",
        noted_at=ctx.now,
        until=ctx.now + LASTS,
        test=True,
    )
    ctx.session.add(row)
    ctx.session.flush()
    for name, value in settling.resum(ctx, ticket).items():
        setattr(ticket, name, value)
    return row
