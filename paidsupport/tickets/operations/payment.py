"""What the customer of a ticket pays, to whom, and how much has been received: the same on every page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.money import Money
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.kernel.workflow import Part, State
from paidsupport.tickets.hooks import BILLED, RECEIVED, Bill, Received
from paidsupport.tickets.tables import Ticket

#: Whom customers pay, and when, in their words.
_PAID_TO = {
    Payee.DEVELOPER: _("You pay your developer directly, once you've agreed the work."),
    Payee.BEFORE: _("You pay us before the work begins."),
    Payee.AFTER: _("You pay us after the work, by invoice."),
}


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
    payee: Payee
    #: The developer who is paid directly; empty without one, or if there is an invoice.
    name: str
    how: HowToPay
    bill: Bill | None = None
    received: Received | None = None

    @property
    def direct(self) -> bool:
        """Whether the developer is paid, not the desk."""
        return self.payee == Payee.DEVELOPER

    @property
    def sentence(self) -> Message:
        """Whom the customer pays, in their words; it ends with a colon if `how` follows."""
        return paid_to(self.payee, self.name, self.how)

    @property
    def arrived(self) -> Money | None:
        """What has been received directly, if anything."""
        return Money(self.received.minor, self.price.currency) if self.received else None


def payee_of(ctx: Context, payee: str) -> Payee:
    """Who is really paid where terms or a ticket say `payee`.

    A desk that sends no invoices leaves what would be paid by invoice to its developers.
    """
    found = Payee(payee)
    return Payee.DEVELOPER if found is Payee.AFTER and ctx.services.settings.seller is None else found


def paid_to(payee: Payee, name: str = "", how: HowToPay | None = None) -> Message:
    """Whom a customer pays, in their words: what every page and email says of it comes from here.

    Args:
        payee: What `payee_of` says.
        name: The developer, if one is known.
        how: How to pay the developer; if anything, it is to follow the sentence, which ends with a colon.
    """
    if payee is not Payee.DEVELOPER or not name:
        return _PAID_TO[payee]
    if how:
        return _("You pay %(name)s directly:", name=name)
    return _("You pay %(name)s directly.", name=name)


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
    payee = Payee.AFTER if bill else payee_of(ctx, ticket.payee)
    direct = payee is Payee.DEVELOPER
    return Payment(
        _state(flow.state(ticket.state), ticket, bill, left, payee),
        Money(ticket.price_minor, ticket.currency),
        Money(left, ticket.currency),
        payee,
        name if direct else "",
        how if direct else HowToPay(),
        bill,
        received,
    )


def _state(state: State, ticket: Ticket, bill: Bill | None, left: int, payee: Payee) -> PaymentState:
    if not left or (bill and bill.paid_on):
        return PaymentState.PAID
    if bill:
        return PaymentState.INVOICED
    if ticket.part == Part.CLOSED and not state.fulfilled:
        return PaymentState.NOTHING
    begun = state.working or state.fulfilled
    due = {
        Payee.DEVELOPER: begun,
        # once a developer has it, so that what no developer takes is never paid
        Payee.BEFORE: begun or ticket.part == Part.PENDING,
        Payee.AFTER: False,
    }
    return PaymentState.DUE if due[payee] else PaymentState.LATER
