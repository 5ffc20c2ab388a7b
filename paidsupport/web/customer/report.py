"""The closing report on the customer's side: a page to read and print, and a PDF (G18)."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from paidsupport.desk import report
from paidsupport.desk.visit import Visit
from paidsupport.domain.documents import blocks
from paidsupport.errors import NotFoundError
from paidsupport.integrations import pdf
from paidsupport.store.conversation import Message
from paidsupport.store.tickets import Ticket
from paidsupport.web import downloads
from paidsupport.web.guards import Who, private_token, route
from paidsupport.web.htmx import show


@route("/t/<token>/report", Who.CUSTOMER)
def customer_report(visit: Visit, ticket: Ticket) -> ResponseReturnValue:
    """The newest report, with its headings and lists."""
    message = _sent(visit, ticket)
    return show(
        "customer/report.html",
        ticket=ticket,
        message=message,
        blocks=blocks(message.body),
        has_pdf=pdf.is_available(),
        token=private_token(),
    )


@route("/t/<token>/report.pdf", Who.CUSTOMER)
def customer_report_pdf(visit: Visit, ticket: Ticket) -> ResponseReturnValue:
    """The same as PDF, to be kept."""
    message = _sent(visit, ticket)
    document = pdf.Document(
        title=f"{ticket.service_name}: closing report",
        author=message.author_name,
        footer=f"{visit.house.settings.name} · {ticket.code} · {message.at:%Y-%m-%d}",
        blocks=blocks(message.body),
    )
    answer = Response(pdf.render(document), mimetype="application/pdf")
    return downloads.as_attachment(answer, f"report-{ticket.code}.pdf")


def _sent(visit: Visit, ticket: Ticket) -> Message:
    message = report.newest(visit, ticket)
    if message is None:
        raise NotFoundError
    return message
