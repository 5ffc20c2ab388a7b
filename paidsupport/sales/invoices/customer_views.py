"""The customer's invoices: to be kept as PDF, and as XML for programs (T19)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.guards import Who, route
from paidsupport.sales.invoices.downloads import as_pdf, as_xml
from paidsupport.sales.invoices.operations import invoicing
from paidsupport.sales.invoices.rules import Paper
from paidsupport.tickets.tables import Ticket


@route("/t/<token>/invoices/<reference>/pdf", Who.CUSTOMER)
def customer_invoice_pdf(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """An invoice of theirs as PDF."""
    return as_pdf(_paper(ctx, ticket, reference))


@route("/t/<token>/invoices/<reference>/xml", Who.CUSTOMER)
def customer_invoice_xml(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """An invoice of theirs for programs."""
    return as_xml(_paper(ctx, ticket, reference))


def _paper(ctx: Context, ticket: Ticket, reference: str) -> Paper:
    return invoicing.paper_for_customer(ctx, ticket, reference)
