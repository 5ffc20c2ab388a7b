"""Who a customer was already asked to pay, or has paid, directly: an order has one payee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from paidsupport.kernel.context import Context
from paidsupport.kernel.money import Money
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.ways.paying import how_to_pay
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.sales.invoices import queries
from paidsupport.tickets.hooks import RECEIVED
from paidsupport.tickets.tables import Ticket


@dataclass(frozen=True, slots=True)
class Payee:
    """A developer whose first contact said how to pay them, or who has been paid."""

    name: str
    payment: HowToPay
    #: What they have received; None if nothing is known.
    received: Money | None = None
    on: date | None = None


def asked(ctx: Context, ticket: Ticket) -> Payee | None:
    """The developer whom the customer has paid directly, or was asked to pay: at most three queries."""
    if paid := next(filter(None, ctx.services.hooks.call(RECEIVED, ctx, ticket)), None):
        return Payee(paid.payee, HowToPay(), Money(paid.minor, ticket.currency), paid.on)
    person = ctx.session.get(Person, ticket.owner_id) if ticket.owner_id else None
    payment = how_to_pay(ctx, person)
    if person is None or not payment:
        return None
    # what the profile says now counts only as far as the customer was told of it
    told = payment.only(queries.said(ctx.session, ticket, payment.details))
    return Payee(person.name, told) if told else None
