"""The customer's invoices: to be kept as PDF, and as XML for programs (T19)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from paidsupport.desk import invoicing
from paidsupport.desk.visit import Visit
from paidsupport.domain.invoices import Paper
from paidsupport.store.tickets import Ticket
from paidsupport.web.guards import Who, route
from paidsupport.web.invoices import as_pdf, as_xml


@route("/t/<token>/invoices/<reference>/pdf", Who.CUSTOMER)
def customer_invoice_pdf(visit: Visit, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """An invoice of theirs as PDF."""
    return as_pdf(_paper(visit, ticket, reference))


@route("/t/<token>/invoices/<reference>/xml", Who.CUSTOMER)
def customer_invoice_xml(visit: Visit, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """An invoice of theirs for programs."""
    return as_xml(_paper(visit, ticket, reference))


def _paper(visit: Visit, ticket: Ticket, reference: str) -> Paper:
    return invoicing.paper_for_customer(visit, ticket, reference)
