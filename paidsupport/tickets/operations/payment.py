"""What the customer of a ticket pays, to whom, and how much has been received: the same on every page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.context import Context
from paidsupport.kernel.money import Money
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.kernel.workflow import Part, State
from paidsupport.tickets.hooks import BILLED, RECEIVED, Bill, Received
from paidsupport.tickets.tables import Ticket


class PaymentState(StrEnum):
    """The state of a ticket's payment, as far as the desk knows."""

    #: The work has not been agreed yet.
    LATER = "later"
    DUE = "due"
    INVOICED = "invoiced"
    PAID = "paid"
    #: It ended before the work was done.
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Payment:
    """Who is paid how much for a ticket: its owner directly, or the desk by an invoice."""

    state: PaymentState
    price: Money
    #: What has not been received yet.
    open: Money
    #: Whether the developer is paid, not the desk.
    direct: bool
    #: The developer who is paid directly; empty without one, or if there is an invoice.
    name: str
    how: HowToPay
    bill: Bill | None = None
    received: Received | None = None

    @property
    def arrived(self) -> Money | None:
        """What has been received directly, if anything."""
        return Money(self.received.minor, self.price.currency) if self.received else None


def payment_of(ctx: Context, ticket: Ticket, name: str, how: HowToPay) -> Payment | None:
    """How a ticket is paid; None for one that costs nothing.

    Args:
        ctx: The viewer.
        ticket: The ticket.
        name: The name of its owner, if it has one.
        how: How to pay the owner.
    """
    if not ticket.price_minor:
        return None
    hooks = ctx.services.hooks
    bill = next(filter(None, hooks.call(BILLED, ctx, ticket)), None)
    received = next(filter(None, hooks.call(RECEIVED, ctx, ticket)), None)
    return weighed(ctx, ticket, name, how, bill, received)


def weighed(
    ctx: Context, ticket: Ticket, name: str, how: HowToPay, bill: Bill | None, received: Received | None
) -> Payment:
    """Like `payment_of`, from what has been read already: no queries."""
    flow = ctx.services.workflows[ticket.workflow]
    left = max(0, ticket.price_minor - (received.minor if received else 0))
    # a desk that can neither send invoices nor take payments leaves all of it to its developers
    direct = not bill and (ticket.payee == Payee.DEVELOPER or ctx.services.settings.seller is None)
    return Payment(
        _state(flow.state(ticket.state), ticket, bill, left, direct=direct),
        Money(ticket.price_minor, ticket.currency),
        Money(left, ticket.currency),
        direct,
        name if direct else "",
        how if direct else HowToPay(),
        bill,
        received,
    )


def _state(state: State, ticket: Ticket, bill: Bill | None, left: int, *, direct: bool) -> PaymentState:
    if not left or (bill and bill.paid_on):
        return PaymentState.PAID
    if bill:
        return PaymentState.INVOICED
    if ticket.part == Part.CLOSED and not state.fulfilled:
        return PaymentState.NOTHING
    return PaymentState.DUE if direct and (state.working or state.fulfilled) else PaymentState.LATER
