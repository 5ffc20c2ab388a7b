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
from paidsupport.tickets.standing import Standing, Sums, standing, sums_of
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
    #: The customer is paying, or says that they have paid their developer.
    BEGUN = "begun"
    PART = "part"
    INVOICED = "invoiced"
    PAID = "paid"
    OVERPAID = "overpaid"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    #: It ended before the work was done.
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Payment:
    """Who is paid how much for a ticket: its owner directly, or the desk by an invoice."""

    state: PaymentState
    price: Money
    #: What has never come; what was paid back is not asked for again.
    open: Money
    #: Whether the customer is to pay that now.
    owed: bool
    #: What came and was not paid back, what of it is above the price, and what was paid back.
    paid: Money
    above: Money
    refunded: Money
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

    @property
    def said(self) -> Money | None:
        """What the customer says that they have paid directly, while that is not confirmed."""
        found = self.received
        return Money(found.said, self.price.currency) if found is not None and found.said else None


def payee_of(ctx: Context, payee: str) -> Payee:
    """Who is really paid where terms or a ticket say `payee`.

    A desk that sends no invoices leaves what would be paid by invoice to its developers.
    """
    found = Payee(payee)
    return Payee.DEVELOPER if found is Payee.AFTER and ctx.services.settings.seller is None else found


def payees_of_desk(ctx: Context) -> list[Payee]:
    """What terms and tickets say where the desk is really paid."""
    return [payee for payee in Payee if payee_of(ctx, payee) is not Payee.DEVELOPER]


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
    received = next((each for each in hooks.call(RECEIVED, ctx, ticket) if each is not None), None)
    return weighed(ctx, ticket, name, how, bill, received)


def weighed(
    ctx: Context, ticket: Ticket, name: str, how: HowToPay, bill: Bill | None, received: Received | None
) -> Payment:
    """Like `payment_of`, from what has been read already: no queries."""
    sums, currency = sums_of(ticket), ticket.currency
    # paid before there was a ledger
    settled = bill is not None and bill.paid_on is not None and not sums.received
    left = 0 if settled else sums.left(ticket.price_minor)
    payee = payee_of(ctx, ticket.payee)
    if bill and payee is Payee.DEVELOPER:
        payee = Payee.AFTER
    direct = payee is Payee.DEVELOPER
    state = ctx.services.workflows[ticket.workflow].state(ticket.state)
    asked = bill is not None or _is_asked(state, ticket, payee)
    return Payment(
        PaymentState.PAID if settled else _state(state, ticket, sums, billed=bill is not None, asked=asked),
        Money(ticket.price_minor, currency),
        Money(left, currency),
        asked and left > 0 and not _is_off(state, ticket),
        Money(ticket.price_minor if settled else sums.kept, currency),
        Money(sums.above(ticket.price_minor), currency),
        Money(sums.refunded, currency),
        payee,
        name if direct else "",
        how if direct else HowToPay(),
        bill,
        received,
    )


def _state(state: State, ticket: Ticket, sums: Sums, *, billed: bool, asked: bool) -> PaymentState:
    stands = standing(ticket.price_minor, sums)
    if stands not in {Standing.DUE, Standing.BEGUN}:
        return PaymentState(stands)
    if _is_off(state, ticket):
        return PaymentState.NOTHING
    if stands is Standing.BEGUN:
        return PaymentState.BEGUN
    if billed:
        return PaymentState.INVOICED
    return PaymentState.DUE if asked else PaymentState.LATER


def is_off(ctx: Context, ticket: Ticket) -> bool:
    """Whether a ticket ended before the work was done, so that its customer is to pay nothing any more."""
    return _is_off(ctx.services.workflows[ticket.workflow].state(ticket.state), ticket)


def _is_off(state: State, ticket: Ticket) -> bool:
    """Whether it ended before the work was done: nothing is asked for any more."""
    return ticket.part == Part.CLOSED and not state.fulfilled


def _is_asked(state: State, ticket: Ticket, payee: Payee) -> bool:
    """Whether the customer is asked to pay at this point, without an invoice."""
    begun = state.working or state.fulfilled
    due = {
        Payee.DEVELOPER: begun,
        # once a developer has it, so that what no developer takes is never paid
        Payee.BEFORE: begun or ticket.part == Part.PENDING,
        Payee.AFTER: False,
    }
    return due[payee]
