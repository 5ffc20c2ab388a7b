"""Who sends invoices: the company that runs the desk, as its settings describe it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from paidsupport.kernel import countries, vat
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import BadTextError, is_visible, one_line

#: Days to pay that can be given.
MOST_DAYS = 90
#: A tax rate is kept in hundredths of a percent; none is higher.
MOST_RATE = 10_000
_RATE = re.compile(r"(?P<whole>[0-9]{1,3})(?:[.,](?P<rest>[0-9]{1,2}))?")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def parse_rate(typed: str) -> int:
    """Read `19` or `8.1` percent as hundredths of a percent. Raises ValueError with a sentence."""
    match = _RATE.fullmatch(typed.strip().removesuffix("%").strip())
    rate = int(match["whole"]) * 100 + int((match["rest"] or "").ljust(2, "0")) if match else MOST_RATE + 1
    if rate > MOST_RATE:
        raise ValueError(f"“{typed}” is not a tax rate. Give a percentage, like 19, 8.1 or 0.")
    return rate


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


#: What cannot be empty, each with its sentence.
_NEEDED = {
    "name": _("Enter the name of the company."),
    "street": _("Enter the street and number."),
    "postcode": _("Enter the postcode."),
    "city": _("Enter the town."),
    "country": _("Write the country as its two letters, like DE or CH."),
    "email": _("Enter an email address like name@example.org."),
    "iban": _("Enter the IBAN of the account that customers pay to."),
}
#: What needs no spaces and has capital letters.
_TIDIED = ("iban", "bic")


def read_seller(given: Mapping[str, object]) -> Seller:
    """The seller out of a configuration. Raises ValueError with a sentence about the first wrong thing.

    What takes a library to find is left for `tidied`, as every process reads this at its start. Before an
    invoice gets its number, it is found all the same.
    """
    known = {field.name for field in fields(Seller)}
    if unknown := sorted(set(given) - known):
        raise ValueError(f"“{unknown[0]}” is not a field of the seller. Use: {', '.join(sorted(known))}.")
    for name, value in given.items():
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise ValueError(f"“{name}” must be text.")  # noqa: TRY004  # one kind of error for all
    said, wrong = _tidied({name: str(value) for name, value in given.items()})
    if wrong:
        name, sentence = next(iter(wrong.items()))
        raise ValueError(f"“{name}”: {sentence}")
    return Seller(**said)


def tidied(typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of a seller as they are kept, and what is wrong with them: a sentence for a field.

    Args:
        typed: What was typed, by field.
    """
    said, wrong = _tidied(typed)
    return said, {**{name: each for name, each in faults(said) if name not in wrong}, **wrong}


def faults(said: Mapping[str, str]) -> Iterator[tuple[str, Message]]:
    """What a library finds wrong with fields of a seller: pairs of a field and a sentence."""
    for name, fault in (("country", countries.fault), ("vat_id", vat.fault)):
        if (text := said.get(name)) and (sentence := fault(text)):
            yield name, sentence


def _tidied(typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    said, wrong = dict[str, str](), dict[str, str]()
    for name, text in typed.items():
        try:
            said[name] = one_line(text)
        except BadTextError as error:
            wrong[name] = str(error)
    for name in set(_TIDIED) & set(said):
        said[name] = said[name].replace(" ", "").upper()
    if "vat_id" in said:
        said["vat_id"] = vat.tidied(said["vat_id"])
    if "country" in said:
        said["country"] = said["country"].upper()
    for name, sentence in _NEEDED.items():
        if not is_visible(said.get(name, "")):
            wrong.setdefault(name, sentence)
    return said, {**wrong, **{name: each for name, each in _faults(said) if name not in wrong}}


def _faults(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with fields of a seller in which something stands."""
    # EN 16931, BR-CO-26: a tax number alone tells no program who the seller is
    for name in ("registration", "tax_number"):
        if not said.get("vat_id") and not said.get(name):
            yield name, _("Enter this or the VAT number: an invoice needs one of them.")
    if sentence := countries.looks_wrong(said.get("country", "")):
        yield "country", sentence
    if not is_iban(said.get("iban", "")):
        yield (
            "iban",
            _("Compare this IBAN with the papers of your bank: its check digits do not fit."),
        )
    if said.get("bic") and not _BIC.fullmatch(said["bic"]):
        yield "bic", _("A BIC has 8 or 11 letters and digits, like COBADEFFXXX.")
    if said.get("vat_id") and (sentence := vat.looks_wrong(said["vat_id"])):
        yield "vat_id", sentence
    if "@" not in said.get("email", ""):
        yield "email", _("Enter an email address like name@example.org.")
    days = said.get("pay_days", "14")
    if not days.isdecimal() or not 1 <= int(days) <= MOST_DAYS:
        yield "pay_days", _("Enter a number from %(min)s to %(max)s.", min=1, max=MOST_DAYS)
    try:
        parse_rate(said.get("tax_percent", "0"))
    except ValueError:
        yield "tax_percent", _("Enter a percentage, like 19, 8.1 or 0.")


def is_iban(text: str) -> bool:
    """Whether the check digits of an account number fit (ISO 13616)."""
    if not _IBAN.fullmatch(text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1
