"""Checks what is typed into the draft of an invoice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from paidsupport.kernel import countries, vat
from paidsupport.kernel.addresses import reachable
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.seller import MOST_DAYS, parse_rate
from paidsupport.kernel.text import one_line
from paidsupport.sales.invoices.rules import Untaxed
from paidsupport.sales.invoices.tables import Invoice

#: The longest postcode, VAT id or buyer's reference, in characters.
_SHORT = 40


@dataclass(frozen=True, slots=True)
class Typed:
    """A draft as it was typed: the buyer, the days to pay, and the text and tax rate of each line."""

    buyer_name: str = ""
    buyer_street: str = ""
    buyer_postcode: str = ""
    buyer_city: str = ""
    buyer_country: str = ""
    buyer_email: str = ""
    buyer_vat_id: str = ""
    buyer_reference: str = ""
    pay_days: str = ""
    untaxed: str = ""
    untaxed_reason: str = ""
    lines: Sequence[tuple[str, str]] = field(default=())


def checked(typed: Typed, number: int) -> tuple[dict[str, object], list[tuple[str, int]]]:
    """The columns of an invoice with `number` lines, and the text and rate of each line.

    Empty fields are allowed. Raises InvalidInputError with all problems at once.
    """
    wrong: dict[str, list[str]] = {}
    values: dict[str, object] = {}
    for name, read in _READERS.items():
        try:
            values[name] = read(getattr(typed, name))
        except ValueError as error:
            wrong[name] = [str(error)]
    lines = [_line(wrong, position, *line) for position, line in enumerate(typed.lines, 1)]
    if len(lines) != number:
        wrong["lines"] = [_("Some lines of the invoice are missing. Check the draft and submit it again.")]
    bare = not wrong and any(not rate for _, rate in lines)
    if bare and values["untaxed"] == Untaxed.REVERSE_CHARGE and not values["buyer_vat_id"]:
        wrong["buyer_vat_id"] = [_("Enter the buyer's VAT number. Reverse charge needs one.")]
    if bare and values["untaxed"] == Untaxed.EXEMPT and not values["untaxed_reason"]:
        wrong["untaxed_reason"] = [_("Enter the reason for the exemption. It is printed on the invoice.")]
    if wrong:
        raise InvalidInputError(wrong)
    return values, lines


def faults(invoice: Invoice) -> dict[str, list[str]]:
    """What is wrong with the buyer of a draft that was read before, by field; what is empty is left out."""
    wrong: dict[str, list[str]] = {}
    for name in ("buyer_country", "buyer_email", "buyer_vat_id"):
        try:
            if text := getattr(invoice, name):
                _READERS[name](text)
        except ValueError as error:
            wrong[name] = [str(error)]
    return wrong


def _line(wrong: dict[str, list[str]], position: int, words: str, rate: str) -> tuple[str, int]:
    field = f"line_{position}_description"
    said, percent = Fields(wrong).one_line(field, words, required=_("Enter what this line is for.")), 0
    try:
        percent = parse_rate(rate)
    except ValueError as error:
        wrong[f"line_{position}_rate"] = [str(error)]
    return said, percent


def _short(text: str) -> str:
    return one_line(text, _SHORT)


def _country(text: str) -> str:
    said = one_line(text).upper()
    if said and (sentence := countries.fault(said)):
        raise ValueError(sentence)
    return said


def _vat_id(text: str) -> str:
    said = vat.tidied(one_line(text, _SHORT))
    if said and (sentence := vat.fault(said)):
        raise ValueError(sentence)
    return said


def _email(text: str) -> str:
    return reachable(one_line(text))


def _days(text: str) -> int:
    said = text.strip()
    if not said.isdecimal() or len(said) > len(str(MOST_DAYS)) or not 1 <= int(said) <= MOST_DAYS:
        raise ValueError(_("Enter a number of days from 1 to %(most)s.", most=MOST_DAYS))
    return int(said)


def _untaxed(text: str) -> str:
    if text not in {"", *Untaxed}:
        raise ValueError(_("Choose a reason from the list."))
    return text


_READERS: Mapping[str, Callable[[str], object]] = {
    "buyer_name": one_line,
    "buyer_street": one_line,
    "buyer_postcode": _short,
    "buyer_city": one_line,
    "buyer_country": _country,
    "buyer_email": _email,
    "buyer_vat_id": _vat_id,
    "buyer_reference": one_line,
    "pay_days": _days,
    "untaxed": _untaxed,
    "untaxed_reason": one_line,
}
