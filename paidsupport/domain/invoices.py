"""Invoices: how they are counted, what of them is tax, and who they are from (T19, reliability 17).

A price is what the customer accepted and pays, so tax is inside it: lines are in whole minor units, tax
included. The tax of a rate is taken once out of the sum of its lines and dealt out to them in their order,
so that a line is off by less than one unit, and the sum by half of one, however many lines there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum

from paidsupport.domain import countries
from paidsupport.domain.text import BadTextError, is_visible, one_line

#: Days to pay that can be given.
MOST_DAYS = 90
#: A tax rate is kept in hundredths of a percent; none is higher.
MOST_RATE = 10_000
#: Lines of one invoice.
MOST_LINES = 100
#: What a line is about that is no offer: what the ticket was ordered for.
ORDER = "order"

_RATE = re.compile(r"(?P<whole>[0-9]{1,3})(?:[.,](?P<rest>[0-9]{1,2}))?")
_VAT = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


class InvoiceState(StrEnum):
    """Where an invoice is; it only goes on from one to a later one."""

    DRAFT = "draft"
    ISSUED = "issued"
    PAID = "paid"
    CANCELLED = "cancelled"


#: From where an invoice comes to a state.
COMES_FROM: Mapping[InvoiceState, tuple[InvoiceState, ...]] = {
    InvoiceState.DRAFT: (),
    InvoiceState.ISSUED: (InvoiceState.DRAFT,),
    InvoiceState.PAID: (InvoiceState.ISSUED,),
    InvoiceState.CANCELLED: (InvoiceState.DRAFT, InvoiceState.ISSUED, InvoiceState.PAID),
}


class InvoiceKind(StrEnum):
    """An invoice, or what takes one back; each is counted in a series of its own."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"


_PREFIX = {InvoiceKind.INVOICE: "INV", InvoiceKind.CREDIT_NOTE: "CN"}


class Untaxed(StrEnum):
    """Why a line bears no tax."""

    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse-charge"


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a line comes to, in minor units."""

    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True)
class Priced:
    """A line before its tax is known: so many, at this price with tax in it, at this rate."""

    quantity: int
    unit_minor: int
    rate: int


def series(kind: InvoiceKind, day: date) -> str:
    """What an invoice of this day is counted in: `INV-2034`."""
    return f"{_PREFIX[kind]}-{day.year:04d}"


def serial(in_series: str, number: int | None) -> str:
    """The number as it is printed: `INV-2034-0007`; nothing for a draft."""
    return f"{in_series}-{number:04d}" if number else ""


def tax_within(gross: int, rate: int) -> int:
    """The tax inside `gross` at `rate` hundredths of a percent, half a unit rounded up."""
    return (2 * gross * rate + (10_000 + rate)) // (2 * (10_000 + rate))


def amounts(lines: Iterable[Priced]) -> list[Amounts]:
    """What each line comes to. The taxes of a rate add up to the tax inside the sum of its lines."""
    so_far: dict[int, int] = {}
    found = []
    for line in lines:
        gross, before = line.quantity * line.unit_minor, so_far.get(line.rate, 0)
        tax = tax_within(before + gross, line.rate) - tax_within(before, line.rate)
        so_far[line.rate] = before + gross
        found.append(Amounts(gross - tax, tax, gross))
    return found


def breakdown(lines: Iterable[tuple[int, Amounts]]) -> list[tuple[int, Amounts]]:
    """The sums by tax rate, highest rate first, of pairs of a rate and amounts."""
    found: dict[int, Amounts] = {}
    for rate, line in lines:
        sofar = found.get(rate, Amounts(0, 0, 0))
        found[rate] = Amounts(sofar.net + line.net, sofar.tax + line.tax, sofar.gross + line.gross)
    return sorted(found.items(), reverse=True)


def parse_rate(typed: str) -> int:
    """Read `19` or `8.1` percent as hundredths of a percent. Raises ValueError with a sentence."""
    match = _RATE.fullmatch(typed.strip().removesuffix("%").strip())
    rate = int(match["whole"]) * 100 + int((match["rest"] or "").ljust(2, "0")) if match else MOST_RATE + 1
    if rate > MOST_RATE:
        raise ValueError(f"“{typed}” is not a tax rate: write percent, like 19 or 8.1, or 0.")
    return rate


def spelled_rate(rate: int) -> str:
    """`19`, `8.1`, `7.75`: as `parse_rate` reads it."""
    whole, rest = divmod(rate, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def due_on(issued: date, days: int) -> date:
    """The day by which it is to be paid."""
    return issued + timedelta(days=days)


def kept_until(issued: date, years: int) -> date:
    """The last day on which it must be kept: these years begin with the end of the one it is of."""
    return date(issued.year + years, 12, 31)


@dataclass(frozen=True, slots=True)
class Seller:
    """Who invoices are from, as the setting `PAIDSUPPORT_SELLER` says it."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    email: str
    iban: str
    bic: str = ""
    vat_id: str = ""
    tax_number: str = ""
    #: Its number in a register of companies or traders, which tells who it is where there is no VAT number.
    registration: str = ""
    phone: str = ""
    #: What a draft begins with: the tax rate in percent, and the days to pay.
    tax_percent: str = "0"
    pay_days: str = "14"
    #: Why nothing of the seller's bears tax, if it does not.
    untaxed_reason: str = ""

    @property
    def tax_rate(self) -> int:
        """The rate that a draft begins with."""
        return parse_rate(self.tax_percent)


_NEEDED = ("name", "street", "postcode", "city", "country", "email", "iban")


def read_seller(given: Mapping[str, object]) -> Seller:
    """The seller out of a configuration. Raises ValueError with a sentence about the first wrong thing."""
    known = {field.name for field in fields(Seller)}
    if unknown := sorted(set(given) - known):
        raise ValueError(f"“{unknown[0]}” is nothing of a seller: there are {', '.join(sorted(known))}.")
    said = {}
    for name, value in given.items():
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise ValueError(f"“{name}” must be a text.")  # noqa: TRY004  # one kind of error for all
        try:
            said[name] = one_line(str(value))
        except BadTextError as error:
            raise ValueError(f"“{name}”: {error}") from None
    if missing := [name for name in _NEEDED if not is_visible(said.get(name, ""))]:
        raise ValueError(f"“{missing[0]}” is missing.")
    for name in ("iban", "bic", "vat_id"):
        if name in said:
            said[name] = said[name].replace(" ", "").upper()
    if sentence := _wrong(said):
        raise ValueError(sentence)
    return Seller(**said)


def _wrong(said: Mapping[str, str]) -> str:  # noqa: PLR0911  # one sentence for each thing
    """What is wrong, as a sentence; nothing if all is right."""
    # EN 16931, BR-CO-26: a tax number alone tells no program who the seller is
    for name in ("registration", "tax_number"):
        if not said.get("vat_id") and not said.get(name):
            return f"“vat_id” or “{name}” is missing: an invoice needs one of them."
    if sentence := countries.fault(said["country"]):
        return f"“country”: {sentence}"
    if not is_iban(said["iban"]):
        return "“iban” is not an account number: its check digits do not fit."
    if said.get("bic") and not _BIC.fullmatch(said["bic"]):
        return "“bic” is not one."
    if said.get("vat_id") and not is_vat_id(said["vat_id"]):
        return "“vat_id” must begin with two letters of a country, like DE123456789."
    if "@" not in said["email"]:
        return "“email” is not an address."
    days = said.get("pay_days", "14")
    if not days.isdecimal() or not 1 <= int(days) <= MOST_DAYS:
        return f"“pay_days” must be from 1 to {MOST_DAYS}."
    try:
        parse_rate(said.get("tax_percent", "0"))
    except ValueError as error:
        return f"“tax_percent”: {error}"
    return ""


def is_iban(text: str) -> bool:
    """Whether the check digits of an account number fit (ISO 13616)."""
    if not _IBAN.fullmatch(text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def is_vat_id(text: str) -> bool:
    """Whether this looks like a VAT identifier: two letters of a country, and what it gave."""
    return bool(_VAT.fullmatch(text)) and countries.begins_vat_id(text[:2])


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who an invoice is to; what a draft begins with may come from anywhere."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    email: str = ""
    vat_id: str = ""
    #: What the buyer calls the order or the place it goes to, as public buyers in Germany want it.
    buyer_reference: str = ""


_TOWN = re.compile(r"(?P<postcode>[A-Z-]{0,3}\d[\dA-Z -]{2,8}) +(?P<city>\D.*)")


def addressed(buyer: Buyer, address: str) -> Buyer:
    """The buyer with an address of some lines: the one that begins with a postcode is the town.

    What stands before it is the street; without such a line all of it is. Somebody looks at every draft.
    """
    lines = [line.strip() for line in address.splitlines() if line.strip()]
    for place, line in enumerate(lines):
        if town := _TOWN.fullmatch(line):
            before = ", ".join(lines[:place])
            return replace(buyer, street=before, postcode=town["postcode"].strip(), city=town["city"].strip())
    return replace(buyer, street=", ".join(lines))


@dataclass(frozen=True, slots=True)
class Printed:
    """One line as a document shows it."""

    description: str
    quantity: int
    rate: int
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Paper:
    """All that an invoice says, for whoever writes it down as PDF or XML."""

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
    #: What is taken back, if this is a credit note.
    credits: str = ""

    @property
    def by_rate(self) -> list[tuple[int, Amounts]]:
        """The sums by tax rate."""
        return breakdown((line.rate, line.amounts) for line in self.lines)
