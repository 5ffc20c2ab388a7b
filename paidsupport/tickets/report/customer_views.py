"""The closing report for the customer: a page to read and print, and a PDF (G18)."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from paidsupport.kernel import pdf
from paidsupport.kernel.context import Context
from paidsupport.kernel.documents import blocks
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web import downloads
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.conversation import queries
from paidsupport.tickets.tables import Ticket


@route("/t/<token>/report", Who.CUSTOMER)
def customer_report(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Show the newest report, with its headings and lists."""
    message = queries.report(ctx.session, ticket)
    return show(
        "tickets/report/customer.html",
        ticket=ticket,
        message=message,
        blocks=blocks(message.body),
        has_pdf=pdf.is_available(),
        token=private_token(),
    )


@route("/t/<token>/report.pdf", Who.CUSTOMER)
def customer_report_pdf(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Download the newest report as a PDF."""
    message = queries.report(ctx.session, ticket)
    document = pdf.Document(
        title=str(translate(_("%(service)s: closing report", service=ticket.service_name))),
        author=message.author_name,
        footer=f"{ctx.services.settings.name} · {ticket.code} · {message.at:%Y-%m-%d}",
        blocks=blocks(message.body),
    )
    answer = Response(pdf.render(document), mimetype="application/pdf")
    return downloads.as_attachment(answer, f"report-{ticket.code}.pdf")
