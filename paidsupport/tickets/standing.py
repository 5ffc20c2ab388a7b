"""How a ticket's payment stands, from the columns of the ticket alone: no database, no network (P16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext


class Standing(StrEnum):
    """How a ticket stands, from what is asked and what has come."""

    DUE = "due"
    BEGUN = "begun"
    PART = "part"
    PAID = "paid"
    OVERPAID = "overpaid"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


#: What they are called.
LABELS: Mapping[str, str] = {
    Standing.DUE: pgettext("payment", "Due"),
    Standing.BEGUN: pgettext("payment", "Begun"),
    Standing.PART: _("Part paid"),
    Standing.PAID: pgettext("payment", "Paid"),
    Standing.OVERPAID: _("Overpaid"),
    Standing.REFUNDED: pgettext("payment", "Refunded"),
    Standing.DISPUTED: _("Disputed"),
}
#: The customer has said that they paid their developer, who has to confirm it.
TO_CONFIRM = _("To confirm")
#: The symbols beside the words.
ICONS: Mapping[str, str] = {
    Standing.BEGUN: "clock",
    Standing.PART: "state-paid",
    Standing.PAID: "check",
    Standing.OVERPAID: "plus",
    Standing.REFUNDED: "reply",
    Standing.DISPUTED: "warning",
}


class Priced(Protocol):
    """A ticket, or a row with these columns of one."""

    @property
    def price_minor(self) -> int: ...
    @property
    def paid_minor(self) -> int: ...
    @property
    def refunded_minor(self) -> int: ...
    @property
    def payment_mark(self) -> str: ...
    @property
    def payee(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Sums:
    """What came for a ticket and what was paid back, in minor units of its currency.

    Attributes:
        received: All that came and counts.
        refunded: What of that was paid back.
        mark: `disputed` if a payment is; else `begun` if one is under way; else empty.
    """

    received: int = 0
    refunded: int = 0
    mark: str = ""

    @property
    def kept(self) -> int:
        """What came and was not paid back."""
        return self.received - self.refunded

    def left(self, price: int) -> int:
        """What has never come of `price`: what was paid back is not asked for again."""
        return max(0, price - self.received)

    def above(self, price: int) -> int:
        """What came above `price` and was not paid back."""
        return max(0, self.kept - price)


def standing(price: int, sums: Sums) -> Standing:
    """How a ticket stands that costs `price`."""
    if sums.mark == Standing.DISPUTED:
        return Standing.DISPUTED
    if sums.kept > price:
        return Standing.OVERPAID
    if not sums.left(price):
        return Standing.PAID if sums.kept == price else Standing.REFUNDED
    if sums.kept:
        return Standing.PART
    if sums.mark == Standing.BEGUN:
        return Standing.BEGUN
    return Standing.REFUNDED if sums.refunded else Standing.DUE


def sums_of(ticket: Priced) -> Sums:
    """The sums that a ticket holds."""
    return Sums(ticket.paid_minor + ticket.refunded_minor, ticket.refunded_minor, ticket.payment_mark)


def stands(ticket: Priced) -> Standing | None:
    """How a ticket stands; None for one that costs nothing, and for which nothing came."""
    if not ticket.price_minor and not ticket.paid_minor:
        return None
    return standing(ticket.price_minor, sums_of(ticket))


def label(of: Standing, mark: str, payee: str) -> tuple[str, str]:
    """What this standing is called, and its symbol, by the mark of the ticket and by who is really paid."""
    said = mark == Standing.BEGUN and payee == Payee.DEVELOPER
    if said and of in {Standing.BEGUN, Standing.PART}:
        return TO_CONFIRM, ICONS[Standing.BEGUN]
    return LABELS[of], ICONS.get(of, "")


def paid_first(ticket: Priced) -> bool | None:
    """Whether a ticket has been paid that is paid before the work; None for all others.

    What was refunded in part counts as a discount. Paid back as a whole, or disputed, it is not paid.
    """
    if ticket.payee != Payee.BEFORE or not ticket.price_minor:
        return None
    sums = sums_of(ticket)
    return sums.kept > 0 and not sums.left(ticket.price_minor) and sums.mark != Standing.DISPUTED
