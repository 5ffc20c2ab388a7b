"""How numbers and tax rates of invoices are written in pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from paidsupport.sales.invoices.rules import serial, spelled_rate

#: Their names in our templates.
ALL: dict[str, Callable[..., Any]] = {
    "serial": lambda invoice: serial(invoice.series or "", invoice.number),
    "rate": spelled_rate,
}
