"""Money as a whole number of the currency's smallest unit, never as a float."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Currencies whose smallest unit is not a hundredth, with their number of decimals (ISO 4217).
_DECIMALS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "BHD": 3, "JOD": 3, "KWD": 3, "TND": 3}
_AMOUNT = re.compile(r"(?P<whole>\d{1,9})(?:\.(?P<rest>\d{1,3}))?")
_CURRENCY = re.compile(r"[A-Z]{3}")
#: The highest price its column can hold.
MOST_MINOR = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Money:
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

    def is_in(self, text: str) -> bool:
        """Whether a text names the amount, as we write it or as people type it."""
        return self.plain in text or self.spaced in text


def parse(amount: str, currency: str) -> Money:
    """Read `45` or `45.00` of `currency`. Raises ValueError with a sentence."""
    if not _CURRENCY.fullmatch(currency):
        raise ValueError(f"“{currency}” is not a currency: write three capital letters such as EUR.")
    match = _AMOUNT.fullmatch(amount.strip())
    decimals = _DECIMALS.get(currency, 2)
    if not match or len(match["rest"] or "") > decimals:
        raise ValueError(
            f"“{amount}” is not a price in {currency}: write it like {Money(4500, currency).plain}."
        )
    minor = int(match["whole"]) * 10**decimals + int((match["rest"] or "").ljust(decimals, "0") or 0)
    if minor > MOST_MINOR:
        raise ValueError(f"“{amount}” is not a price in {currency} that can be kept: it is too high.")
    return Money(minor, currency)
