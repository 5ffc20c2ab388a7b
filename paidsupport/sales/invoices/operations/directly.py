"""Whom a customer was asked to pay already: one order has one payee."""

from __future__ import annotations

from dataclasses import dataclass

from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.tables import Person
from paidsupport.sales.invoices import queries
from paidsupport.tickets.tables import Ticket


@dataclass(frozen=True, slots=True)
class Payee:
    """A developer whose first contact said how to pay them."""

    name: str
    payment: str


def asked(ctx: Context, ticket: Ticket) -> Payee | None:
    """Whom the customer was asked to pay directly, if a message to them said so: two queries at most."""
    person = ctx.session.get(Person, ticket.owner_id) if ticket.owner_id else None
    if person is None or not person.payment:
        return None
    told = queries.was_told(ctx.session, ticket, person.payment)
    return Payee(person.name, person.payment) if told else None
