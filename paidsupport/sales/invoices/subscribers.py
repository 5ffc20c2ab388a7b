"""What invoices do when something happens to a ticket."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.sales.invoices.operations import invoicing, paying
from paidsupport.sales.payments.hooks import SUMMED
from paidsupport.tickets.hooks import BILLED, Bill
from paidsupport.tickets.tables import Ticket


def _bill(ctx: Context, ticket: Ticket) -> Bill | None:
    return invoicing.bill_of(ctx, [each for each, _serial in invoicing.given(ctx, ticket)])


SUBSCRIPTIONS = (BILLED.by(_bill), SUMMED.by(paying.agree_all))
