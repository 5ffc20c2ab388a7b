"""Invoices: all of them for managers, those of a ticket, and one as draft, page, PDF and XML (T19)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.kernel import pdf
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext
from paidsupport.kernel.money import Money
from paidsupport.kernel.web import csv
from paidsupport.kernel.web.csv import Cell
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, VersionedForm, renew
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.sales.invoices import einvoice
from paidsupport.sales.invoices.downloads import as_pdf, as_xml
from paidsupport.sales.invoices.forms import InvoiceForm, invoice_form
from paidsupport.sales.invoices.operations import directly, invoicing, paying, readiness
from paidsupport.sales.invoices.operations import invoices as desk
from paidsupport.sales.invoices.queries import Listed
from paidsupport.sales.invoices.rules import InvoiceKind, InvoiceState
from paidsupport.sales.invoices.tables import Invoice
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route
from paidsupport.tickets.views.ticket_view import TicketView

_HEADS = (
    *(_("Number"), _("Kind"), _("State"), _("Ticket"), _("Date"), _("Due"), _("Buyer"), _("Country")),
    *(_("VAT number"), _("Net"), _("Tax"), _("Total"), _("Currency"), pgettext("invoice", "Paid")),
)
#: The confirmation of each operation.
_SAID = {
    "paid": _("Marked as paid."),
    "cancel": _("Cancelled. Its lines can be invoiced again."),
    "tell": _("Email queued. It leaves in a moment."),
}
_DEEDS = {"paid": desk.mark_paid, "cancel": desk.cancel, "tell": desk.tell}


@route("/desk/invoices", Who.STAFF)
def invoices(ctx: Context) -> ResponseReturnValue:
    """List invoices by state, newest first; for managers."""
    state = request.args.get("state", "")
    state = state if state in set(InvoiceState) else ""
    # anything that is not a number gives None, which is the first page
    before = request.args.get("before", type=int)
    found, more = invoicing.listed(ctx, state, before if before and 0 < before < 2**62 else None)
    next_url = url_for(".invoices", state=state or None, before=more) if more else None
    return show(
        "sales/invoices/invoices.html",
        found=found,
        state=state,
        states=list(InvoiceState),
        next_url=next_url,
        today=ctx.today,
    )


@route("/desk/invoices.csv", Who.STAFF)
def invoices_csv(ctx: Context) -> ResponseReturnValue:
    """Download all of them as a table for spreadsheets."""
    state = request.args.get("state", "")
    found, _more = invoicing.listed(ctx, state if state in set(InvoiceState) else "", most=None)
    return csv.respond(
        "invoices.csv", [translate(head) for head in _HEADS], (_row(ctx, each) for each in found)
    )


@ticket_route("/invoices", ("GET", "POST"))
def ticket_invoices(ctx: Context, code: str) -> ResponseReturnValue:
    """The invoices of a ticket; a POST drafts the next one."""
    form = Form()
    drafted = form.send(ctx, lambda: desk.draft(ctx, code, key=form.key.data or ""))
    if drafted:
        return _to(code, drafted)
    page = reread(ctx, code)
    return show(
        "sales/invoices/ticket.html",
        page=page,
        flow=ctx.services.workflows[page.ticket.workflow],
        found=invoicing.of_ticket(ctx, page.ticket),
        open=invoicing.open_work(ctx, page.ticket),
        seller=ctx.services.settings.seller,
        no_seller=readiness.NO_SELLER,
        refusal=directly.refusal(ctx, page.ticket),
        directly=directly.asked(ctx, page.ticket),
        form=form,
    ), form.status


@ticket_route("/invoices/<reference>", ("GET", "POST"))
def invoice(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Show one invoice; a draft can be edited, saved and issued."""
    found = invoicing.find(ctx, code, reference)
    form = invoice_form(found.invoice, found.lines)
    done = form.send(ctx, lambda: _keep(ctx, code, reference, form))
    if done and request.form.get("action") == "issue":
        return redirect(url_for(".invoice_issue", code=code, reference=reference), 303)
    if done:
        flash(_("Draft saved."), "ps-ok")
        return _to(code, done)
    return _page(ctx, code, reference, form), form.status


@ticket_route("/invoices/<reference>/issue", ("GET", "POST"))
def invoice_issue(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Issue a draft, after a page that says what will happen."""
    found = invoicing.find(ctx, code, reference)
    form = VersionedForm(version=found.invoice.version)
    issued = form.send(ctx, lambda: _issue(ctx, code, reference, form))
    if issued:
        flash(_("Invoice %(serial)s issued.", serial=invoicing.serial_of(issued)), "ps-ok")
        return _to(code, issued)
    if form.is_submitted() or not ctx.by.is_manager or found.invoice.state != InvoiceState.DRAFT:
        return _page(ctx, code, reference, form), form.status
    more = {
        "told": desk.tells_by_itself(ctx, code),
        "directly": directly.asked(ctx, found.ticket),
        "of_seller": readiness.of_seller(ctx, found),
        "expected": readiness.expected(ctx),
    }
    return _announced(ctx, code, "sales/invoices/issue.html", found, form, **more)


@ticket_route("/invoices/<reference>/cancel")
def invoice_cancel(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Say what cancelling an issued invoice or discarding a draft means, before a manager does it."""
    found = invoicing.find(ctx, code, reference)
    draft = found.invoice.state == InvoiceState.DRAFT
    if not ctx.by.is_manager or not (draft or found.creditable):
        return _to(code, found.invoice)
    template = "discard" if draft else "cancel"
    return _announced(ctx, code, f"sales/invoices/{template}.html", found, Form(formdata=None))


@ticket_route("/invoices/<reference>/paid")
def invoice_paid(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Say what marking an invoice as paid means, before a manager does it."""
    found = invoicing.find(ctx, code, reference)
    if not ctx.by.is_manager or not found.payable:
        return _to(code, found.invoice)
    return _announced(ctx, code, "sales/invoices/paid.html", found, Form(formdata=None))


@ticket_route("/invoices/<reference>/<any(paid, cancel, tell):deed>", ("POST",))
def invoice_deed(ctx: Context, code: str, reference: str, deed: str) -> ResponseReturnValue:
    """Mark an invoice as paid, cancel it, or email the customer about it."""
    form = Form()
    done = form.send(ctx, lambda: _DEEDS[deed](ctx, code, reference, key=form.key.data or ""))
    if done:
        flash(_SAID[deed], "ps-ok")
        return redirect(url_for(".ticket_invoices", code=code), 303)
    return _page(ctx, code, reference, form), form.status


@ticket_route("/invoices/<reference>/pdf")
def invoice_pdf(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Download an issued invoice as PDF."""
    found = invoicing.find(ctx, code, reference)
    return as_pdf(invoicing.paper(ctx, found.ticket, found.invoice))


@ticket_route("/invoices/<reference>/xml")
def invoice_xml(ctx: Context, code: str, reference: str) -> ResponseReturnValue:
    """Download an issued invoice as XML."""
    found = invoicing.find(ctx, code, reference)
    return as_xml(invoicing.paper(ctx, found.ticket, found.invoice))


def _keep(ctx: Context, code: str, reference: str, form: InvoiceForm) -> Invoice:
    key, version = form.key.data or "", form.version.data or 0
    kept = desk.change(ctx, code, reference, form.typed(), version=version, key=key)
    if request.form.get("action") == "issue":
        desk.check(ctx, code, reference)
    return kept


def _issue(ctx: Context, code: str, reference: str, form: VersionedForm) -> Invoice:
    key = form.key.data or ""
    issued = desk.issue(ctx, code, reference, version=form.version.data or 0, key=key)
    if desk.tells_by_itself(ctx, code):
        desk.tell(ctx, code, reference, key=key)
    return issued


def _page(ctx: Context, code: str, reference: str, form: Form) -> str:
    page = reread(ctx, code)
    found = invoicing.find(ctx, code, reference)
    draft = form if isinstance(form, InvoiceForm) else invoice_form(found.invoice, found.lines)
    if form.conflict or draft is not form:
        renew(draft, {"version": found.invoice.version})
    return show(
        "sales/invoices/invoice.html",
        page=page,
        flow=ctx.services.workflows[page.ticket.workflow],
        shown=found,
        form=form,
        draft=draft,
        directly=directly.asked(ctx, page.ticket),
        of_seller=readiness.of_seller(ctx, found),
        missing=paying.missing_of(ctx, page.ticket, found.invoice),
        plain=partial(Form, formdata=None),
        has_pdf=pdf.is_available(),
        has_xml=einvoice.is_available(found.invoice.currency),
    )


def _announced(
    ctx: Context,
    code: str,
    template: str,
    found: invoicing.Shown,
    form: Form,
    **more: Any,  # noqa: ANN401  # what else the template says
) -> str:
    """Render the page that says what an operation will do, before it is done."""
    page = reread(ctx, code)
    flow = ctx.services.workflows[page.ticket.workflow]
    return show(template, page=page, flow=flow, shown=found, form=form, **more)


def _to(code: str, invoice: Invoice) -> Response:
    return redirect(url_for(".invoice", code=code, reference=invoice.reference), 303)


_KINDS = {
    InvoiceKind.INVOICE: pgettext("document", "Invoice"),
    InvoiceKind.CREDIT_NOTE: pgettext("document", "Credit note"),
}
_STATES = {
    InvoiceState.DRAFT: pgettext("invoice", "Draft"),
    InvoiceState.ISSUED: pgettext("invoice", "Open"),
    InvoiceState.PAID: pgettext("invoice", "Paid"),
    InvoiceState.CANCELLED: pgettext("invoice", "Cancelled"),
}


def _row(ctx: Context, listed: Listed) -> tuple[Cell, ...]:
    row = listed.invoice
    sums = (Money(minor, row.currency).plain for minor in (row.net_minor, row.tax_minor, row.total_minor))
    paid = str(ctx.services.hours.local(row.paid_at).date()) if row.paid_at else ""
    return (
        *(
            invoicing.serial_of(row),
            translate(_KINDS[InvoiceKind(row.kind)]),
            translate(_STATES[InvoiceState(row.state)]),
            listed.code,
            str(row.issued_on or ""),
            str(row.due_on or ""),
        ),
        *(row.buyer_name, row.buyer_country, row.buyer_vat_id, *sums, row.currency, paid),
    )


@section("ticket", "sales/invoices/_invoices_section.html", 30, "side")
def _invoices_section(_ctx: Context, view: TicketView, _refused: Form | None) -> dict[str, Any] | None:
    return {} if view.page.ticket.price_minor else None


#: The sections it adds to the pages of tickets.
SECTIONS = (_invoices_section,)
