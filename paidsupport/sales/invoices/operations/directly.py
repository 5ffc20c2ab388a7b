"""Who a customer was already asked to pay, or has paid, directly: an order has one payee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from paidsupport.kernel.context import Context
from paidsupport.kernel.money import Money
from paidsupport.kernel.staff.tables import Person
from paidsupport.sales.invoices import queries
from paidsupport.tickets.hooks import RECEIVED
from paidsupport.tickets.tables import Ticket


@dataclass(frozen=True, slots=True)
class Payee:
    """A developer whose first contact said how to pay them, or who has been paid."""

    name: str
    payment: str
    #: What they have received; None if nothing is known.
    received: Money | None = None
    on: date | None = None


def asked(ctx: Context, ticket: Ticket) -> Payee | None:
    """The developer whom the customer has paid directly, or was asked to pay: at most three queries."""
    if paid := next(filter(None, ctx.services.hooks.call(RECEIVED, ctx, ticket)), None):
        return Payee(paid.payee, "", Money(paid.minor, ticket.currency), paid.on)
    person = ctx.session.get(Person, ticket.owner_id) if ticket.owner_id else None
    if person is None or not person.payment:
        return None
    told = queries.was_told(ctx.session, ticket, person.payment)
    return Payee(person.name, person.payment) if told else None
