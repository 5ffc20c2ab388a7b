"""Invariants of invoices: no gaps, right sums, nothing changed, nothing invoiced twice (T19)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant
from paidsupport.sales.invoices.operations.invoicing import accepted, content_hash, serial_of
from paidsupport.sales.invoices.rules import InvoiceKind, InvoiceState, Priced, amounts, serial
from paidsupport.sales.invoices.tables import Invoice, InvoiceCounter, InvoiceLine
from paidsupport.tickets.tables import Event, Ticket


@invariant("invoices are numbered without gaps")
def numbers_have_no_gaps(ctx: Context) -> Iterator[str]:
    """Every number of a series, up to the last one counted, is on exactly one invoice."""
    counted = {row.series: row.last for row in ctx.session.scalars(select(InvoiceCounter))}
    numbered = select(Invoice.series, func.count(), func.min(Invoice.number), func.max(Invoice.number))
    numbered = numbered.where(Invoice.number.is_not(None)).group_by(Invoice.series)
    for series, count, lowest, highest in ctx.session.execute(numbered):
        if (lowest, highest, counted.pop(series or "", None)) != (1, count, count):
            yield f"invoices {series}: a number is missing or was not counted"
    for series, last in counted.items():
        if last:
            yield f"invoices {series}: counted numbers have no invoice"


@invariant("totals of invoices are right")
def sums_are_right(ctx: Context) -> Iterator[str]:
    """Every line has the tax that it includes, and every invoice the sums of its lines."""
    for invoice, lines in _with_lines(ctx):
        sums = amounts([Priced(line.quantity, line.unit_minor, line.rate) for line in lines])
        right = [(each.net, each.tax, each.gross) for each in sums]
        if right != [(line.net_minor, line.tax_minor, line.gross_minor) for line in lines]:
            yield f"{_named(invoice)}: the tax of a line is wrong"
        total = [sum(column) for column in zip(*right, strict=True)] or [0, 0, 0]
        if total != [invoice.net_minor, invoice.tax_minor, invoice.total_minor]:
            yield f"{_named(invoice)}: its total is not the sum of its lines"


@invariant("accepted work is invoiced once")
def what_was_accepted_is_invoiced(ctx: Context) -> Iterator[str]:
    """Every line is for an offer that the customer accepted, or for the order, at the same price; once."""
    stands = select(Ticket).where(Ticket.id.in_(select(InvoiceLine.ticket_id).where(InvoiceLine.counts)))
    for ticket in ctx.session.scalars(stands.order_by(Ticket.id)).all():
        prices = {work.name: work.price for work in accepted(ctx, ticket)}
        lines = select(InvoiceLine).where(InvoiceLine.ticket_id == ticket.id, InvoiceLine.counts)
        for line in ctx.session.scalars(lines.order_by(InvoiceLine.id)):
            if prices.pop(line.work, None) != line.gross_minor:
                yield f"{ticket.code}: an invoice has work that was not accepted, or at another price"


@invariant("issued invoices are unchanged")
def what_was_issued_is_as_it_was(ctx: Context) -> Iterator[str]:
    """The content of an invoice has the hash in the history; a cancelled one has its credit note."""
    told = _told(ctx)
    notes = set(ctx.session.scalars(select(Invoice.credits_id).where(Invoice.credits_id.is_not(None))))
    codes = {row.id: row.code for row in ctx.session.execute(select(Ticket.id, Ticket.code))}
    for invoice, lines in _with_lines(ctx):
        counts = {line.counts for line in lines}
        stands = invoice.kind == InvoiceKind.INVOICE and invoice.state != InvoiceState.CANCELLED
        if counts - {stands} or not lines:
            yield f"{_named(invoice)}: its lines and its state disagree"
        if invoice.number is None:
            continue
        if (invoice.id in notes) != (invoice.state == InvoiceState.CANCELLED):
            yield f"{_named(invoice)}: its state and its credit note disagree"
        if invoice.emptied_at is None:
            now = content_hash(ctx, codes[invoice.ticket_id], invoice, lines)
            if now != invoice.content_hash:
                yield f"{_named(invoice)}: it has changed since it was issued"
        if told.get(serial_of(invoice)) not in {invoice.content_hash, "erased"}:
            yield f"{_named(invoice)}: it differs from its history"


def _told(ctx: Context) -> dict[str, str]:
    """The hashes recorded in histories, by number; an erased history has lost them."""
    kinds = ("invoice-issued", "invoice-cancelled")
    found = {}
    for data in ctx.session.scalars(select(Event.data).where(Event.kind.in_(kinds)).order_by(Event.id)):
        found[str(data.get("serial"))] = str(data.get("hash", "erased"))
    return found


def _with_lines(ctx: Context) -> Iterator[tuple[Invoice, list[InvoiceLine]]]:
    lines: dict[int, list[InvoiceLine]] = {}
    for line in ctx.session.scalars(select(InvoiceLine).order_by(InvoiceLine.position)):
        lines.setdefault(line.invoice_id, []).append(line)
    for invoice in ctx.session.scalars(select(Invoice).order_by(Invoice.id)).all():
        yield invoice, lines.get(invoice.id, [])


def _named(invoice: Invoice) -> str:
    return f"invoice {serial(invoice.series or '', invoice.number) or invoice.reference}"
