"""Invoices, credit notes and payments agree: what came pays invoices, and what they say is a payment (P16).

What was kept of a ticket's payments pays its invoices: first those that are marked as paid, then the others,
oldest first. An invoice stays paid when its money is taken back, because its state only moves forward: what
is missing is shown beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.sales.invoices import queries as rows
from paidsupport.sales.invoices.operations.invoicing import names
from paidsupport.sales.invoices.rules import InvoiceKind, InvoiceState, shares
from paidsupport.sales.invoices.tables import Invoice
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import announcing, refunds, settling
from paidsupport.sales.payments.rules import COUNTS, PaymentStep
from paidsupport.sales.payments.tables import BY_INVOICE, Payment
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket

_ELSEWHERE = _(
    "The money came through a provider. Refund the payment on the ticket's page; this credit note is then"
    " marked by itself."
)


def record(ctx: Context, ticket: Ticket, invoice: Invoice) -> None:
    """Write down the money of an invoice that is marked as paid, or of a credit note that is paid back.

    Raises TransitionRefusedError if money has to go back through a provider first.
    """
    if invoice.kind == InvoiceKind.CREDIT_NOTE:
        _pay_back(ctx, ticket, invoice)
    elif left := invoice.total_minor - _share(ctx, ticket, invoice):
        payment = Payment(
            ticket_id=ticket.id,
            provider=BY_INVOICE,
            reference=invoice.reference,
            amount_minor=left,
            received_minor=left,
            currency=invoice.currency,
            step=PaymentStep.RECEIVED,
            received_on=ctx.today,
            payee="",
            noted_by=ctx.by.name,
            noted_at=ctx.now,
        )
        ctx.session.add(payment)
        ctx.session.flush()
        announcing.announce(ctx, "payment-received", [(ticket, settling.told(payment))])


def agree_all(ctx: Context, tickets: Sequence[Ticket]) -> None:
    """As `agree`, for many tickets: one query for those that have no invoice."""
    invoiced = rows.invoiced(ctx.session, [ticket.id for ticket in tickets])
    for ticket in tickets:
        if ticket.id in invoiced:
            agree(ctx, ticket)


def agree(ctx: Context, ticket: Ticket) -> None:
    """Mark the invoices of a ticket as paid whose money has come, and credit notes whose money went back."""
    known = rows.of_ticket(ctx.session, ticket)
    for invoice, share in _shared(ticket, known):
        if invoice.state == InvoiceState.ISSUED and 0 < invoice.total_minor == share:
            _mark(ctx, ticket, invoice)
    was_paid = {invoice.id for invoice in known if invoice.paid_at is not None}
    notes = [invoice for invoice in known if invoice.credits_id in was_paid]
    back = ticket.refunded_minor - sum(note.total_minor for note in notes if note.state == InvoiceState.PAID)
    for note in notes:
        if note.state == InvoiceState.ISSUED and 0 < note.total_minor <= back:
            back -= note.total_minor
            _mark(ctx, ticket, note)


def missing(ticket: Ticket, invoices: Sequence[Invoice]) -> dict[int, Money]:
    """What was taken or paid back of invoices that are marked as paid, by their ids."""
    return {
        invoice.id: Money(invoice.total_minor - share, invoice.currency)
        for invoice, share in _shared(ticket, invoices)
        if invoice.state == InvoiceState.PAID and share < invoice.total_minor
    }


def missing_of(ctx: Context, ticket: Ticket, invoice: Invoice) -> Money | None:
    """What was taken or paid back of an invoice that is marked as paid; None if nothing was."""
    if invoice.state != InvoiceState.PAID:
        return None
    return missing(ticket, rows.of_ticket(ctx.session, ticket)).get(invoice.id)


def _mark(ctx: Context, ticket: Ticket, invoice: Invoice) -> None:
    mine = update(Invoice).where(Invoice.id == invoice.id, Invoice.state == InvoiceState.ISSUED)
    values = {"state": InvoiceState.PAID, "paid_at": ctx.now, "version": Invoice.version + 1}
    if changed(ctx.session, mine.values(values)):
        ctx.session.refresh(invoice)
        with history.edit(ctx, ticket) as edit:
            edit.tell("invoice-paid", names(invoice))


def _shared(ticket: Ticket, known: Sequence[Invoice]) -> list[tuple[Invoice, int]]:
    """The valid invoices of a ticket, each with its share of what was kept."""
    stands = [
        each
        for each in known
        if each.kind == InvoiceKind.INVOICE and each.state in {InvoiceState.ISSUED, InvoiceState.PAID}
    ]
    stands.sort(key=lambda each: (each.state != InvoiceState.PAID, each.id))
    found = shares(ticket.paid_minor, [each.total_minor for each in stands])
    return list(zip(stands, found, strict=True))


def _share(ctx: Context, ticket: Ticket, invoice: Invoice) -> int:
    """What was kept for an invoice so far, which is not marked as paid yet."""
    known = rows.of_ticket(ctx.session, ticket)
    return next((share for each, share in _shared(ticket, known) if each.id == invoice.id), 0)


def _pay_back(ctx: Context, ticket: Ticket, note: Invoice) -> None:
    """Write down as refunds what no valid invoice asks for any more, at what came without a provider."""
    stands = sum(each.total_minor for each, _share in _shared(ticket, rows.of_ticket(ctx.session, ticket)))
    due = min(note.total_minor, max(0, ticket.paid_minor - stands))
    theirs = [row for row in payments.of(ctx.session, ticket) if row.step in COUNTS]
    for payment in sorted(theirs, key=lambda row: (row.provider != BY_INVOICE, -row.id)):
        if not due or not refunds.is_by_hand(ctx, payment):
            continue
        if noted := refunds.note(ctx, payment, note.reference, due):
            due -= noted
            announcing.announce(ctx, "payment-refunded", [(ticket, settling.told(payment))])
    if due:
        raise TransitionRefusedError(ticket.code, [_ELSEWHERE])
