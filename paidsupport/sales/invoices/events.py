"""Kinds of events of a ticket's invoices."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.events import event

_invoice = partial(event, keeps=frozenset({"invoice", "serial", "letter", "price", "of", "other"}))

KINDS = (
    _invoice("invoice-drafted", _("{who} drafted an invoice[ {serial}]")),
    _invoice("invoice-changed", _("{who} edited the draft of an invoice[ {serial}]")),
    _invoice("invoice-discarded", _("{who} discarded the draft of an invoice[ {serial}]")),
    _invoice("invoice-issued", _("{who} issued an invoice[: {serial}]")),
    _invoice("invoice-told", _("{who} emailed an invoice to the customer[: {serial}]")),
    _invoice("invoice-paid", _("{who} marked an invoice as paid[: {serial}]")),
    _invoice("invoice-cancelled", _("{who} cancelled invoice {of} with credit note {serial}")),
)
