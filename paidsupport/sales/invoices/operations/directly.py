"""Who a customer was already asked to pay, or has paid, directly: an order has one payee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from paidsupport.catalogue.rules import terms
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.ways.paying import how_to_pay
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.sales.invoices import queries
from paidsupport.tickets.hooks import BILLED, RECEIVED
from paidsupport.tickets.tables import Ticket

_DIRECT = _(
    "This service is paid to its developer directly, so the desk sends no invoice for it. Change whom the "
    "service is paid to for new orders."
)


@dataclass(frozen=True, slots=True)
class Payee:
    """A developer whose first contact said how to pay them, or who has been paid."""

    name: str
    payment: HowToPay
    #: What they have received; None if nothing is known.
    received: Money | None = None
    on: date | None = None


def refusal(ctx: Context, ticket: Ticket) -> str:
    """Why the desk sends no invoice for a ticket, in a sentence; empty if it can: at most one query.

    What was invoiced before this rule goes on by invoice.
    """
    if ticket.payee != terms.Payee.DEVELOPER:
        return ""
    bill = next(filter(None, ctx.services.hooks.call(BILLED, ctx, ticket)), None)
    return "" if bill else _DIRECT


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
