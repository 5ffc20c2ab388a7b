"""Invoices as downloads, for staff and for the customer (T19)."""

from __future__ import annotations

from flask import Response

from paidsupport.kernel.web import downloads
from paidsupport.sales.invoices import einvoice
from paidsupport.sales.invoices import pdf as invoice_pdf
from paidsupport.sales.invoices.rules import Paper


def as_pdf(paper: Paper) -> Response:
    """Download an invoice as PDF. Raises NotFoundError without the extra `pdf`."""
    answer = Response(invoice_pdf.render(paper), mimetype="application/pdf")
    return downloads.as_attachment(answer, f"{paper.serial}.pdf")


def as_xml(paper: Paper) -> Response:
    """Download an invoice as XML. Raises NotFoundError unless `einvoice.is_available`."""
    answer = Response(einvoice.render(paper), mimetype="application/xml")
    return downloads.as_attachment(answer, f"{paper.serial}.xml")
