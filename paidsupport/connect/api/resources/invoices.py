"""Invoices: drafting, changing and issuing them, and what becomes of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import Field

from paidsupport.connect.api.declaring import get, post, put
from paidsupport.connect.api.models import Answer, Moment, Page, PageQuery, Sent
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.i18n.languages import in_words
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.text import whole_number
from paidsupport.sales.invoices import einvoice
from paidsupport.sales.invoices.downloads import as_pdf, as_xml
from paidsupport.sales.invoices.operations import directly, invoicing, paying
from paidsupport.sales.invoices.operations import invoices as desk
from paidsupport.sales.invoices.rules import spelled_rate
from paidsupport.sales.invoices.tables import Invoice, InvoiceLine
from paidsupport.sales.invoices.typed import Typed
from paidsupport.tickets.queries.tickets import by_code

TAG = "Invoices"


class InvoiceQuery(PageQuery):
    """Which invoices."""

    state: Literal["", "draft", "issued", "paid", "cancelled"] = ""


class InvoiceRow(Answer):
    """An invoice or a credit note; amounts are in the smallest unit of its currency."""

    reference: Annotated[str, Field(description="Its name in addresses.")]
    ticket: str
    number: Annotated[str | None, Field(description="As it is printed; null: a draft.")]
    kind: Annotated[str, Field(description="`invoice` or `credit-note`.")]
    state: str
    version: int
    currency: str
    net: int
    tax: int
    total: int
    buyer_name: str
    buyer_country: str
    issued_on: date | None
    due_on: date | None
    paid_at: Moment | None


class LineTold(Answer):
    """A line."""

    position: int
    description: str
    quantity: int
    rate: Annotated[str, Field(description="The tax rate in percent.")]
    net: int
    tax: int
    gross: int


class Buyer(Answer):
    """Whom it is for."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    email: str
    vat_id: str
    reference: str


class InvoiceTold(InvoiceRow):
    """An invoice with all that it says."""

    buyer: Buyer
    pay_days: int
    untaxed: str
    untaxed_reason: str
    lines: list[LineTold]
    missing: Annotated[int, Field(description="What was taken or paid back after it was paid.")]
    other: Annotated[
        str | None, Field(description="The number of the invoice that it cancels, or of its credit note.")
    ]
    told: Annotated[str | None, Field(description="What became of the email about it.")]
    cancelled_at: Moment | None
    has_xml: bool


class WorkTold(Answer):
    """Something that the customer agreed to pay for and that is on no invoice."""

    name: str
    description: str
    price: int


class InvoicesOfTicket(Answer):
    """The invoices of a ticket."""

    invoices: Annotated[list[InvoiceRow], Field(description="The newest first.")]
    open: list[WorkTold]
    refusal: Annotated[str, Field(description="Why nothing can be invoiced, if that is so.")]


class LineSent(Sent):
    """A line of a draft; its amount is what was accepted."""

    description: str
    rate: Annotated[str, Field(description="The tax rate in percent, like `19`.")]


class DraftSent(Sent):
    """A draft: the buyer, the days to pay, and all lines in their order."""

    buyer_name: str = ""
    buyer_street: str = ""
    buyer_postcode: str = ""
    buyer_city: str = ""
    buyer_country: Annotated[str, Field(description="Two letters, like `DE`.")] = ""
    buyer_email: Annotated[str, Field(description="For electronic invoices.")] = ""
    buyer_vat_id: str = ""
    buyer_reference: str = ""
    pay_days: Annotated[str, Field(description="Days to pay, like `14`.")] = ""
    untaxed: Annotated[str, Field(description="Why lines have no tax: `exempt` or `reverse-charge`.")] = ""
    untaxed_reason: str = ""
    lines: Annotated[list[LineSent], Field(max_length=500)]


@get("/invoices")
def list_invoices(ctx: Context, query: InvoiceQuery) -> Page[InvoiceRow]:
    """List all invoices, the newest first. For managers."""
    before = existing(whole_number(query.after)) if query.after else None
    found, more = invoicing.listed(ctx, query.state, before, query.limit)
    rows = [InvoiceRow.model_validate(_row(each.invoice, each.code)) for each in found]
    return Page[InvoiceRow](items=rows, next=str(more) if more else None)


@get("/tickets/<code>/invoices")
def list_invoices_of_ticket(ctx: Context, code: str) -> InvoicesOfTicket:
    """List the invoices of a ticket, and what is on none."""
    ticket = by_code(ctx.session, code)
    told = {
        "invoices": [_row(each.invoice, code) for each in invoicing.of_ticket(ctx, ticket)],
        "open": [
            {"name": each.name, "description": each.description, "price": each.price}
            for each in invoicing.open_work(ctx, ticket)
        ],
        "refusal": directly.refusal(ctx, ticket) or "",
    }
    return InvoicesOfTicket.model_validate(in_words(told))


@get("/tickets/<code>/invoices/<reference>")
def get_invoice(ctx: Context, code: str, reference: str) -> InvoiceTold:
    """Get an invoice with its lines."""
    return _told(ctx, code, reference)


@post("/tickets/<code>/invoices", scope=Scope.MANAGE, status=201)
def draft_invoice(ctx: Context, code: str, key: str) -> InvoiceTold:
    """Draft an invoice for everything that was accepted and is on none; or get the draft there is."""
    drafted = desk.draft(ctx, code, key=key)
    return _told(ctx, code, drafted.reference)


@put("/tickets/<code>/invoices/<reference>", scope=Scope.MANAGE)
def change_invoice(
    ctx: Context, code: str, reference: str, body: DraftSent, version: int, key: str
) -> InvoiceTold:
    """Change a draft; what is missing can be added later."""
    lines = [(line.description, line.rate) for line in body.lines]
    typed = Typed(**{**body.model_dump(exclude={"lines"}), "lines": lines})
    desk.change(ctx, code, reference, typed, version=version, key=key)
    return _told(ctx, code, reference)


@post("/tickets/<code>/invoices/<reference>/issue", scope=Scope.MANAGE)
def issue_invoice(ctx: Context, code: str, reference: str, version: int, key: str) -> InvoiceTold:
    """Give a draft its number and date: it never changes after that.

    The customer gets an email at once, unless the ticket has an owner, who writes it by `tell_invoice`.
    """
    desk.issue(ctx, code, reference, version=version, key=key)
    if desk.tells_by_itself(ctx, code):
        desk.tell(ctx, code, reference, key=key)
    return _told(ctx, code, reference)


@post("/tickets/<code>/invoices/<reference>/tell")
def tell_invoice(ctx: Context, code: str, reference: str, key: str) -> InvoiceTold:
    """Email the customer where the invoice is."""
    desk.tell(ctx, code, reference, key=key)
    return _told(ctx, code, reference)


@post("/tickets/<code>/invoices/<reference>/paid", scope=Scope.MANAGE)
def mark_invoice_paid(ctx: Context, code: str, reference: str, key: str) -> InvoiceTold:
    """Note that the money has arrived or, for a credit note, was paid back."""
    desk.mark_paid(ctx, code, reference, key=key)
    return _told(ctx, code, reference)


@post("/tickets/<code>/invoices/<reference>/cancel", scope=Scope.MANAGE)
def cancel_invoice(ctx: Context, code: str, reference: str, key: str) -> InvoiceTold:
    """Discard a draft, or cancel an invoice by a credit note, which is answered."""
    other = desk.cancel(ctx, code, reference, key=key)
    return _told(ctx, code, other.reference)


@get("/tickets/<code>/invoices/<reference>/pdf")
def get_invoice_pdf(ctx: Context, code: str, reference: str) -> Response:
    """Download an issued invoice as PDF."""
    found = invoicing.find(ctx, code, reference)
    return as_pdf(invoicing.paper(ctx, found.ticket, found.invoice))


@get("/tickets/<code>/invoices/<reference>/xml")
def get_invoice_xml(ctx: Context, code: str, reference: str) -> Response:
    """Download an issued invoice as XML; 404 in currencies that the format does not have."""
    found = invoicing.find(ctx, code, reference)
    if not einvoice.is_available(found.invoice.currency):
        raise NotFoundError
    return as_xml(invoicing.paper(ctx, found.ticket, found.invoice))


def _row(invoice: Invoice, code: str) -> dict[str, Any]:
    names = ("reference", "kind", "state", "version", "currency", "buyer_name", "buyer_country")
    return {
        **{name: getattr(invoice, name) for name in (*names, "issued_on", "due_on", "paid_at")},
        "ticket": code,
        "number": invoicing.serial_of(invoice) or None,
        **{name: getattr(invoice, f"{name}_minor") for name in ("net", "tax", "total")},
    }


def _told(ctx: Context, code: str, reference: str) -> InvoiceTold:
    ctx.session.flush()
    found = invoicing.find(ctx, code, reference)
    invoice = found.invoice
    missing = paying.missing_of(ctx, found.ticket, invoice)
    return InvoiceTold.model_validate(
        {
            **_row(invoice, code),
            "buyer": {
                name: getattr(invoice, f"buyer_{name}")
                for name in ("name", "street", "postcode", "city", "country", "email", "vat_id", "reference")
            },
            **{name: getattr(invoice, name) for name in ("pay_days", "untaxed", "untaxed_reason")},
            "lines": [_line(line) for line in found.lines],
            "missing": missing.minor if missing else 0,
            "other": found.other or None,
            "told": str(found.email.state) if found.email else None,
            "cancelled_at": invoice.cancelled_at,
            "has_xml": einvoice.is_available(invoice.currency),
        }
    )


def _line(line: InvoiceLine) -> dict[str, Any]:
    return {
        **{name: getattr(line, name) for name in ("position", "description", "quantity")},
        "rate": spelled_rate(line.rate),
        **{name: getattr(line, f"{name}_minor") for name in ("net", "tax", "gross")},
    }
