"""Money as a whole number of the currency's smallest unit, never as a float."""

from __future__ import annotations

import re
from dataclasses import dataclass

from paidsupport.kernel.i18n.formats import ENGLISH
from paidsupport.kernel.i18n.messages import Catalogue, Sayable
from paidsupport.kernel.i18n.messages import gettext as _

#: The currencies that people pay in (ISO 4217, without funds and metals).
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
    LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
    OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
    SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG
    XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905  # one a line would be four pages
)
#: Those whose smallest unit is not a hundredth, with their number of decimals.
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_AMOUNT = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,12})*")
#: Between groups of digits, wherever people set them apart like this.
_GAPS = re.compile("(?<=[0-9])[ \u00a0\u202f'’](?=[0-9]{3}(?![0-9]))")
#: The highest price its column can hold.
MOST_MINOR = 2**31 - 1
#: Digits of a group.
_GROUP = 3


_SWAPPED = str.maketrans(".,", ",.")


@dataclass(frozen=True, slots=True)
class Money(Sayable):
    """An amount: `minor` units (cents …) of `currency` (ISO 4217)."""

    minor: int
    currency: str

    def __str__(self) -> str:
        decimals = _DECIMALS.get(self.currency, 2)
        whole, rest = divmod(self.minor, 10**decimals)
        return f"{self.currency} {whole:,}" + (f".{rest:0{decimals}d}" if decimals else "")

    @property
    def plain(self) -> str:
        """The amount alone in the form that `parse` reads: `45.00`."""
        return str(self).split(" ", 1)[1].replace(",", "")

    @property
    def spaced(self) -> str:
        """The amount alone as people read it: `1,045.00`."""
        return str(self).split(" ", 1)[1]

    def typed(self, mark: str) -> str:
        """The amount alone as people type it where `mark` stands before the decimals: `45,00`."""
        return self.plain.replace(".", mark)

    def said(self, catalogue: Catalogue | None) -> str:
        """As the language of a catalogue writes it."""
        whole, _mark, rest = self.plain.partition(".")
        return (catalogue.formats if catalogue else ENGLISH).money(int(whole), rest, self.currency)

    def is_in(self, text: str) -> bool:
        """Whether a text names the amount, as we write it or as people type it, in any language."""
        tidy = _GAPS.sub(" ", text)
        return any(form in tidy for form in self.forms)

    @property
    def forms(self) -> tuple[str, ...]:
        """The amount alone as we write it or as people type it, in any language."""
        spaced = self.spaced
        swapped = spaced.translate(_SWAPPED)
        every = (self.plain, spaced, swapped, swapped.replace(".", ""), swapped.replace(".", " "))
        return tuple(dict.fromkeys(every))


def parse(amount: str, currency: str, mark: str = ".") -> Money:
    """Read an amount as people type it: `45`, `45.00`, `45,00`, `1,045.50`, `1.045,50`, `1 045,50`.

    Args:
        amount: What was typed.
        currency: Of what.
        mark: What stands before the decimals where that is not plain: `1.045` are a thousand to a German.

    Raises:
        ValueError: It is none, or can mean two amounts; with a sentence.
    """
    if currency not in CURRENCIES:
        raise ValueError(_("“%(typed)s” is not a currency: write three letters like EUR.", typed=currency))
    decimals = _DECIMALS.get(currency, 2)
    digits = _digits(_GAPS.sub("", amount.strip()), decimals, mark)
    if digits is None:
        example = f"25{mark}{'50'.ljust(decimals, '0')}" if decimals else "25"
        raise ValueError(
            _("Enter an amount in %(currency)s like %(example)s.", currency=currency, example=example)
        )
    minor = int(digits[0]) * 10**decimals + int(digits[1].ljust(decimals, "0") or 0)
    if minor > MOST_MINOR:
        raise ValueError(_("Enter a lower amount: %(typed)s can't be kept.", typed=amount.strip()))
    return Money(minor, currency)


def _digits(typed: str, decimals: int, mark: str) -> tuple[str, str] | None:
    """The digits before and behind the mark of an amount; None if it is none."""
    if not _AMOUNT.fullmatch(typed):
        return None
    marks = re.findall("[.,]", typed)
    whole, _mark, rest = typed.rpartition(marks[-1]) if _has_decimals(typed, marks, mark) else (typed, "", "")
    groups = re.split("[.,]", whole)
    between = set(re.findall("[.,]", whole))
    fine = len(groups) == 1 or (len(groups[0]) <= _GROUP and {len(each) for each in groups[1:]} == {_GROUP})
    if not fine or len(between) > 1 or between & {_mark} or len(rest) > decimals:
        return None
    if decimals == _GROUP and len(marks) == 1 and marks[0] != mark and not _mark:
        # 1.045 are a thousand to a German, but may be dinars with three decimals just as well
        return None
    return "".join(groups), rest


def _has_decimals(typed: str, marks: list[str], mark: str) -> bool:
    """Whether what follows the last mark are decimals, and no group of thousands."""
    if len(marks) > 1:
        return len(set(marks)) > 1
    return bool(marks) and (marks[0] == mark or len(typed.rpartition(marks[0])[2]) != _GROUP)
