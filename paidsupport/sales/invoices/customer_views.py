"""The customer's invoices, as PDF to keep, and as XML for programs (T19)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.kernel import pdf
from paidsupport.kernel.context import Context
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.sections import section
from paidsupport.sales.invoices import einvoice
from paidsupport.sales.invoices.downloads import as_pdf, as_xml
from paidsupport.sales.invoices.operations import invoicing
from paidsupport.sales.invoices.rules import Paper
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.progress import CustomerView


@route("/t/<token>/invoices/<reference>/pdf", Who.CUSTOMER)
def customer_invoice_pdf(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """Download one of the customer's invoices as PDF."""
    return as_pdf(_paper(ctx, ticket, reference))


@route("/t/<token>/invoices/<reference>/xml", Who.CUSTOMER)
def customer_invoice_xml(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """Download one of the customer's invoices as XML."""
    return as_xml(_paper(ctx, ticket, reference))


def _paper(ctx: Context, ticket: Ticket, reference: str) -> Paper:
    return invoicing.paper_for_customer(ctx, ticket, reference)


@section("customer", "sales/invoices/_bills_section.html", 20, "side")
def _bills_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    given = invoicing.given(ctx, view.page.ticket)
    has_xml = einvoice.is_available(view.page.ticket.currency)
    return {"given": given, "has_pdf": pdf.is_available(), "has_xml": has_xml} if given else None


#: The sections it adds to the pages of customers.
SECTIONS = (_bills_section,)
