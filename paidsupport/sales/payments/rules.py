"""What is known of one payment, and how a ticket's payments add up: no database, no network (P16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class PaymentStep(StrEnum):
    """How far one payment has come, at its provider."""

    #: It is to be made known to the provider: a worker does that.
    BEGINNING = "beginning"
    #: The customer can pay now.
    OPEN = "open"
    #: The customer has agreed; the provider waits for us to take the money.
    APPROVED = "approved"
    #: The money is on its way, or the provider still holds it.
    PENDING = "pending"
    #: The customer says that they have paid; the payee has not confirmed it yet.
    SAID = "said"
    RECEIVED = "received"
    #: Nothing came, and nothing will: it expired, was declined or was given up.
    ENDED = "ended"
    #: The provider took the money back.
    REVERSED = "reversed"
    #: The customer disputes it at the provider.
    DISPUTED = "disputed"
    #: The provider tells of another currency than ours: a manager has to look into it.
    STRANGE = "strange"


#: Steps in which something may still come by itself.
UNDER_WAY = frozenset(
    {PaymentStep.BEGINNING, PaymentStep.OPEN, PaymentStep.APPROVED, PaymentStep.PENDING, PaymentStep.SAID}
)
#: Steps in which what has come counts.
COUNTS = frozenset({PaymentStep.RECEIVED, PaymentStep.DISPUTED})


class Standing(StrEnum):
    """How a ticket stands, from what is asked and what has come."""

    DUE = "due"
    BEGUN = "begun"
    PART = "part"
    PAID = "paid"
    OVERPAID = "overpaid"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


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


def summed(payments: Iterable[tuple[str, int, int]]) -> Sums:
    """The sums of a ticket, from the step, the received and the refunded amount of each of its payments."""
    received = refunded = 0
    disputed = begun = False
    for step, came, back in payments:
        disputed |= step == PaymentStep.DISPUTED
        begun |= step in UNDER_WAY
        if step in COUNTS:
            received += came
            refunded += back
    mark = Standing.DISPUTED if disputed else Standing.BEGUN if begun else ""
    return Sums(received, refunded, mark)


def standing(price: int, sums: Sums) -> Standing:
    """How a ticket stands that costs `price`."""
    if sums.mark == Standing.DISPUTED:
        return Standing.DISPUTED
    if sums.kept > price:
        return Standing.OVERPAID
    if sums.kept == price:
        return Standing.PAID
    if sums.kept > 0:
        return Standing.PART
    if sums.mark == Standing.BEGUN:
        return Standing.BEGUN
    return Standing.REFUNDED if sums.refunded else Standing.DUE
