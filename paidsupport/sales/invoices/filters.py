"""Template filters for numbers and tax rates of invoices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from paidsupport.sales.invoices.rules import serial, spelled_rate

#: The filters by their names in templates.
ALL: dict[str, Callable[..., Any]] = {
    "serial": lambda invoice: serial(invoice.series or "", invoice.number),
    "rate": spelled_rate,
}
