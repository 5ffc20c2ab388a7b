"""What invoices add to what happens to tickets."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.sales.invoices.operations import invoicing
from paidsupport.tickets.hooks import BILLED
from paidsupport.tickets.tables import Ticket


def _has_invoice(ctx: Context, ticket: Ticket) -> bool:
    """Whether the desk has asked its customer for the money."""
    return bool(invoicing.given(ctx, ticket))


SUBSCRIPTIONS = (BILLED.by(_has_invoice),)
