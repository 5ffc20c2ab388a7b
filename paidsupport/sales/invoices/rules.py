"""Rules for invoices: numbering, tax, seller and buyer (T19).

A price is what the customer accepted and pays, so it includes the tax: lines are in whole minor units, tax
included. The tax of a rate is computed once from the sum of its lines and distributed over them in order, so
that a line is off by less than one unit, and the sum by half a unit, however many lines there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from paidsupport.kernel.seller import Seller

#: The `work` of a line that is not for an offer, but for the original order.
ORDER = "order"


class InvoiceState(StrEnum):
    """The state of an invoice; it only moves to later ones."""

    DRAFT = "draft"
    ISSUED = "issued"
    PAID = "paid"
    CANCELLED = "cancelled"


#: The states from which an invoice can move to each state.
COMES_FROM: Mapping[InvoiceState, tuple[InvoiceState, ...]] = {
    InvoiceState.DRAFT: (),
    InvoiceState.ISSUED: (InvoiceState.DRAFT,),
    InvoiceState.PAID: (InvoiceState.ISSUED,),
    InvoiceState.CANCELLED: (InvoiceState.DRAFT, InvoiceState.ISSUED, InvoiceState.PAID),
}


class InvoiceKind(StrEnum):
    """An invoice, or a credit note that cancels one; each kind is numbered in a series of its own."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"


_PREFIX = {InvoiceKind.INVOICE: "INV", InvoiceKind.CREDIT_NOTE: "CN"}


class Untaxed(StrEnum):
    """Why a line is untaxed."""

    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse-charge"


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts of a line, in minor units."""

    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True)
class Priced:
    """A line before its tax is known: a quantity, at this price including tax, at this rate."""

    quantity: int
    unit_minor: int
    rate: int


def series(kind: InvoiceKind, day: date) -> str:
    """The series that an invoice of this day is numbered in: `INV-2034`."""
    return f"{_PREFIX[kind]}-{day.year:04d}"


def serial(in_series: str, number: int | None) -> str:
    """The number as it is printed: `INV-2034-0007`; empty for a draft."""
    return f"{in_series}-{number:04d}" if number else ""


def tax_within(gross: int, rate: int) -> int:
    """The tax included in `gross` at `rate` hundredths of a percent, with half a unit rounded up."""
    return (2 * gross * rate + (10_000 + rate)) // (2 * (10_000 + rate))


def amounts(lines: Iterable[Priced]) -> list[Amounts]:
    """The amounts of each line. The taxes of a rate add up to the tax included in the sum of its lines."""
    so_far: dict[int, int] = {}
    found = []
    for line in lines:
        gross, before = line.quantity * line.unit_minor, so_far.get(line.rate, 0)
        tax = tax_within(before + gross, line.rate) - tax_within(before, line.rate)
        so_far[line.rate] = before + gross
        found.append(Amounts(gross - tax, tax, gross))
    return found


def breakdown(lines: Iterable[tuple[int, Amounts]]) -> list[tuple[int, Amounts]]:
    """The sums by tax rate, highest rate first, from pairs of a rate and amounts."""
    found: dict[int, Amounts] = {}
    for rate, line in lines:
        sofar = found.get(rate, Amounts(0, 0, 0))
        found[rate] = Amounts(sofar.net + line.net, sofar.tax + line.tax, sofar.gross + line.gross)
    return sorted(found.items(), reverse=True)


def shares(kept: int, totals: Iterable[int]) -> list[int]:
    """What each of several totals gets of `kept`, one after the other."""
    found = []
    for total in totals:
        share = min(total, max(0, kept))
        kept -= share
        found.append(share)
    return found


def spelled_rate(rate: int) -> str:
    """The rate as `parse_rate` reads it: `19`, `8.1`, `7.75`."""
    whole, rest = divmod(rate, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def due_on(issued: date, days: int) -> date:
    """The day by which the invoice is to be paid."""
    return issued + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Buyer:
    """The recipient of an invoice; the values of a new draft may come from anywhere."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    email: str = ""
    vat_id: str = ""
    #: The buyer's own reference for the order or destination, which public buyers in Germany require.
    buyer_reference: str = ""


_TOWN = re.compile(r"(?P<postcode>[A-Z-]{0,3}\d[\dA-Z -]{2,8}) +(?P<city>\D.*)")


def addressed(buyer: Buyer, address: str) -> Buyer:
    """The buyer with a multi-line address: the line that begins with a postcode is the town.

    The lines before it are the street; without such a line, all of it is. A manager checks every draft.
    """
    lines = [line.strip() for line in address.splitlines() if line.strip()]
    for place, line in enumerate(lines):
        if town := _TOWN.fullmatch(line):
            before = ", ".join(lines[:place])
            return replace(buyer, street=before, postcode=town["postcode"].strip(), city=town["city"].strip())
    return replace(buyer, street=", ".join(lines))


@dataclass(frozen=True, slots=True)
class Printed:
    """One line as it is printed."""

    description: str
    quantity: int
    rate: int
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that an invoice says, for rendering it as PDF or XML."""

    kind: InvoiceKind
    serial: str
    code: str
    issued_on: date
    due_on: date
    currency: str
    seller: Seller
    buyer: Buyer
    lines: Sequence[Printed]
    total: Amounts
    untaxed: str
    untaxed_reason: str
    #: The number of the invoice that this credit note cancels; empty for an invoice.
    credits: str = ""

    @property
    def by_rate(self) -> list[tuple[int, Amounts]]:
        """The sums by tax rate."""
        return breakdown((line.rate, line.amounts) for line in self.lines)
