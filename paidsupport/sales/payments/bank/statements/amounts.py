"""Amounts as statements write them."""

from __future__ import annotations

import re

from paidsupport.kernel.money import Money
from paidsupport.sales.payments.bank.statements.faults import NO_STATEMENT, StatementError

_AMOUNT = re.compile(r"([0-9]{1,15})(?:[.,]([0-9]{0,5}))?")
_CURRENCY = re.compile(r"[A-Z]{3}")


def minor(amount: str, currency: str) -> int:
    """An amount in the smallest units of its currency.

    Raises:
        StatementError: It is none.
    """
    found = _AMOUNT.fullmatch(amount.strip())
    if found is None or not _CURRENCY.fullmatch(currency):
        raise StatementError(NO_STATEMENT)
    decimals = len(Money(0, currency).plain.partition(".")[2])
    digits = (found[2] or "").rstrip("0").ljust(decimals, "0")
    if len(digits) > decimals:
        raise StatementError(NO_STATEMENT)
    return int(found[1] + digits)
