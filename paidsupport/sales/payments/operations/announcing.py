"""Telling other programs of the site what has come of payments, and what has gone back (P16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paidsupport.kernel.context import Context
from paidsupport.sales.payments.tables import DIRECT
from paidsupport.tickets.hooks import ANNOUNCED
from paidsupport.tickets.tables import Ticket

#: What is announced by the events of histories: what came directly counts as what came by a provider.
_ANNOUNCED = {
    "payment-received": "payment-received",
    "payment-noted": "payment-received",
    "payment-assigned": "payment-received",
    "payment-refunded": "payment-refunded",
    "payment-paid-back": "payment-refunded",
    "payment-reversed": "payment-reversed",
    "payment-undone": "payment-reversed",
    "payment-unassigned": "payment-reversed",
}


def announce(ctx: Context, kind: str, lines: Sequence[tuple[Ticket, Mapping[str, object]]]) -> None:
    """Announce what events of tickets say of money, in their transaction; their data is `settling.told`."""
    if event := _ANNOUNCED.get(kind):
        told = [(ticket, _facts(event, data)) for ticket, data in lines]
        ctx.services.hooks.call(ANNOUNCED, ctx, event, told)


def _facts(event: str, data: Mapping[str, object]) -> dict[str, object]:
    facts: dict[str, object] = {
        "payment": data["payment"],
        "provider": data.get("provider") or DIRECT,
        "refunded": data.get("refunded") or 0,
        "currency": data["currency"],
    }
    if event != "payment-refunded":
        facts["amount"] = data["price"]
    return facts
