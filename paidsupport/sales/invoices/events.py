"""Kinds of events of a ticket's invoices."""

from __future__ import annotations

from functools import partial

from paidsupport.tickets.events import event

_invoice = partial(event, keeps=frozenset({"invoice", "serial", "letter", "price", "of", "other"}))

KINDS = (
    _invoice("invoice-drafted", "{who} drafted an invoice[ {serial}]"),
    _invoice("invoice-changed", "{who} changed the draft of an invoice[ {serial}]"),
    _invoice("invoice-discarded", "{who} threw the draft of an invoice away[ {serial}]"),
    _invoice("invoice-issued", "{who} issued invoice[ {serial}]"),
    _invoice("invoice-told", "{who} wrote to the customer about[ {serial}]"),
    _invoice("invoice-paid", "{who} noted the payment of[ {serial}]"),
    _invoice("invoice-cancelled", "{who} cancelled invoice {of} by credit note {serial}"),
)
