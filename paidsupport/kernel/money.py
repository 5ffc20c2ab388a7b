"""Money as a whole number of the currency's smallest unit, never as a float."""

from __future__ import annotations

import re
from dataclasses import dataclass

from paidsupport.kernel.i18n.formats import ENGLISH
from paidsupport.kernel.i18n.messages import Catalogue, Sayable
from paidsupport.kernel.i18n.messages import gettext as _

#: Currencies whose smallest unit is not a hundredth, with their number of decimals (ISO 4217).
_DECIMALS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "BHD": 3, "JOD": 3, "KWD": 3, "TND": 3}
_AMOUNT = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,12})*")
#: Between groups of digits, wherever people set them apart like this.
_GAPS = re.compile("(?<=[0-9])[ \u00a0\u202f'’](?=[0-9]{3}(?![0-9]))")
_CURRENCY = re.compile(r"[A-Z]{3}")
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
        ValueError: It is none; with a sentence.
    """
    if not _CURRENCY.fullmatch(currency):
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
    return "".join(groups), rest


def _has_decimals(typed: str, marks: list[str], mark: str) -> bool:
    """Whether what follows the last mark are decimals, and no group of thousands."""
    if len(marks) > 1:
        return len(set(marks)) > 1
    return bool(marks) and (marks[0] == mark or len(typed.rpartition(marks[0])[2]) != _GROUP)
