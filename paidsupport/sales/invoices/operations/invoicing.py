"""What is known about invoices: what is to be paid, what they say, how long they are kept (T19)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import delete, update

from paidsupport.kernel import chain
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.marks import Special
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import ManagersOnlyError, NotFoundError, for_managers
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.seller import Seller
from paidsupport.kernel.text import LINE_LIMIT, shorten
from paidsupport.kernel.workflow import Part
from paidsupport.sales.invoices import queries as rows
from paidsupport.sales.invoices.queries import Listed
from paidsupport.sales.invoices.rules import (
    ORDER,
    Amounts,
    Buyer,
    InvoiceKind,
    InvoiceState,
    Paper,
    Printed,
    serial,
)
from paidsupport.sales.invoices.tables import Invoice, InvoiceLine, content
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.decisions.queries import asked
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.hooks import Bill
from paidsupport.tickets.queries.tickets import by_code
from paidsupport.tickets.tables import Ticket

_FOR_MANAGERS = for_managers(_("Only a manager can see all invoices."))

#: The columns of an invoice that hold its buyer, by the fields of `Buyer`.
_COLUMNS = {each.name: f"buyer_{each.name.removeprefix('buyer_')}" for each in fields(Buyer)}


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that the customer agreed to pay for; `name` is the offer's reference, or `order`."""

    name: str
    description: str
    price: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An invoice of a ticket for display."""

    ticket: Ticket
    invoice: Invoice
    lines: list[InvoiceLine]
    serial: str
    #: The number of the invoice that a credit note cancels, or of the credit note that cancelled it.
    other: str = ""
    #: The email that told the customer, if one was written.
    email: Email | None = None
    #: Whether the viewer can write that email now.
    may_tell: bool = False

    @property
    def payable(self) -> bool:
        """Whether its money can arrive or, for a credit note, be paid back."""
        return self.invoice.state == InvoiceState.ISSUED

    @property
    def creditable(self) -> bool:
        """Whether a credit note can cancel it."""
        issued = self.invoice.state in {InvoiceState.ISSUED, InvoiceState.PAID}
        return issued and self.invoice.kind == InvoiceKind.INVOICE


def accepted(ctx: Context, ticket: Ticket) -> list[Work]:
    """Everything the customer of a ticket agreed to pay for: the order, and every accepted offer."""
    offers = [
        each for each in asked(ctx.session, ticket) if each.kind == "offer" and each.answer == "approved"
    ]
    works = [Work(offer.reference, offer.what, offer.price_minor or 0) for offer in offers]
    ordered = ticket.price_minor - sum(work.price for work in works)
    first = [Work(ORDER, shorten(ticket.service_name, LINE_LIMIT), ordered)] if ordered > 0 else []
    return [*first, *(work for work in works if work.price)]


def open_work(ctx: Context, ticket: Ticket) -> list[Work]:
    """The part of it that is on no valid invoice."""
    invoiced = {line.work for line in rows.lines_of_ticket(ctx.session, ticket) if line.counts}
    return [work for work in accepted(ctx, ticket) if work.name not in invoiced]


def may_tell(ctx: Context, ticket: Ticket) -> bool:
    """Whether this person can write to the customer about an invoice now."""
    if not correspondence.can_be_reached(ticket) or ticket.erased_at is not None:
        return False
    if ticket.part == Part.PENDING:
        return correspondence.may_write(ctx, ticket)
    return ctx.by.is_manager


def serial_of(invoice: Invoice) -> str:
    """Its number as it is printed; empty for a draft."""
    return serial(invoice.series or "", invoice.number)


def names(invoice: Invoice) -> dict[str, object]:
    """How events name an invoice: by the hash over its content, without any of it."""
    said = {"invoice": invoice.reference, "serial": serial_of(invoice)}
    return {**said, "price": invoice.total_minor, "hash": invoice.content_hash}


def find(ctx: Context, code: str, reference: str) -> Shown:
    """One invoice of a ticket, as it is now. Raises NotFoundError."""
    ticket = by_code(ctx.session, code)
    return show(ctx, ticket, rows.find(ctx.session, ticket, reference))


def listed(
    ctx: Context, state: str = "", before: int | None = None, most: int | None = rows.PAGE
) -> tuple[list[Listed], int | None]:
    """Invoices in a `state`, or all, newest first, and where the next page begins.

    Raises ManagersOnlyError.
    """
    managers_only(ctx, _FOR_MANAGERS)
    return rows.page(ctx.session, state, before, most)


def of_ticket(ctx: Context, ticket: Ticket) -> list[Shown]:
    """Every invoice of a ticket with its lines, newest first."""
    found = rows.of_ticket(ctx.session, ticket)
    return [show(ctx, ticket, invoice) for invoice in reversed(found)]


def show(ctx: Context, ticket: Ticket, invoice: Invoice) -> Shown:
    """One invoice, for display."""
    known = rows.of_ticket(ctx.session, ticket)
    other = next((row for row in known if row.id == invoice.credits_id or row.credits_id == invoice.id), None)
    email = ctx.session.get(Email, invoice.letter_id) if invoice.letter_id else None
    untold = email is None or email.state == EmailState.WITHDRAWN
    return Shown(
        ticket,
        invoice,
        rows.lines_of(ctx.session, invoice),
        serial_of(invoice),
        serial_of(other) if other else "",
        email,
        invoice.number is not None and untold and may_tell(ctx, ticket),
    )


def paper(ctx: Context, ticket: Ticket, invoice: Invoice) -> Paper:
    """All its content. Raises NotFoundError if it has no number, or its buyer was erased."""
    if invoice.number is None or invoice.issued_on is None or invoice.due_on is None or invoice.emptied_at:
        raise NotFoundError
    shown = show(ctx, ticket, invoice)
    days = invoice.issued_on, invoice.due_on
    credited = shown.other if invoice.kind == InvoiceKind.CREDIT_NOTE else ""
    return said(ticket, invoice, shown.lines, Seller(**invoice.seller), shown.serial, days, credited)


def said(
    ticket: Ticket,
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    seller: Seller,
    number: str,
    days: tuple[date, date],
    credited: str = "",
) -> Paper:
    """What an invoice says.

    Args:
        ticket: What it is for.
        invoice: The row of the invoice.
        lines: The rows of its lines.
        seller: Who it is from.
        number: As it is printed.
        days: When it is issued, and by when it is due.
        credited: The number of the invoice that it cancels, if it is a credit note.
    """
    return Paper(
        InvoiceKind(invoice.kind),
        number,
        ticket.code,
        *days,
        invoice.currency,
        seller,
        buyer_of(invoice),
        [
            Printed(
                line.description,
                line.quantity,
                line.rate,
                Amounts(line.net_minor, line.tax_minor, line.gross_minor),
            )
            for line in lines
        ],
        Amounts(invoice.net_minor, invoice.tax_minor, invoice.total_minor),
        invoice.untaxed,
        invoice.untaxed_reason,
        credited,
    )


def paper_for_customer(ctx: Context, ticket: Ticket, reference: str) -> Paper:
    """The content of a customer's invoice, also of a ticket merged into theirs. Raises NotFoundError."""
    invoice = rows.one_for_customer(ctx.session, ticket, reference)
    return paper(ctx, tickets.by_id(ctx.session, invoice.ticket_id), invoice)


def given(ctx: Context, ticket: Ticket) -> list[tuple[Invoice, str]]:
    """The invoices that the customer of a ticket was sent, with their numbers, oldest first: one query."""
    return [(row, serial_of(row)) for row in rows.for_customer(ctx.session, ticket)]


def bill_of(ctx: Context, invoices: Iterable[Invoice]) -> Bill | None:
    """The invoice by which a ticket is paid: the newest valid one, unpaid ones first."""
    stands = [
        each
        for each in invoices
        if each.kind == InvoiceKind.INVOICE and each.number and each.state != InvoiceState.CANCELLED
    ]
    if not stands:
        return None
    one = max(stands, key=lambda each: (each.paid_at is None, each.id))
    paid_on = ctx.services.hours.local(one.paid_at).date() if one.paid_at else None
    return Bill(serial_of(one), one.reference, one.due_on, paid_on)


def buyer_of(invoice: Invoice) -> Buyer:
    """Its recipient."""
    return Buyer(**{name: getattr(invoice, column) for name, column in _COLUMNS.items()})


def forget(ctx: Context) -> int:
    """Erase the buyer from invoices of erased customers once the law allows it; returns how many.

    The years are counted from the end of the year of the invoice. Numbers and sums are kept.
    """
    first_kept = date(ctx.today.year - ctx.services.settings.invoices_kept_years, 1, 1)
    if not rows.has_outlived(ctx.session, first_kept):
        return 0
    old = rows.is_outlived(first_kept)
    lines = update(InvoiceLine).where(InvoiceLine.invoice_id.in_(rows.ids_of(old)))
    changed(ctx.session, lines.values(_emptied(InvoiceLine)))
    empty = _emptied(Invoice) | {"emptied_at": ctx.now}
    return changed(ctx.session, update(Invoice).where(old).values(**empty))


def _emptied(row: type[Base]) -> dict[str, object]:
    becomes = marks.erased_columns(Base.metadata.tables[row.__tablename__])
    return {column.name: "" for column, special in becomes.items() if special is Special.KEPT_BY_LAW}


def kept(ctx: Context, ticket_ids: Sequence[int]) -> list[str]:
    """The numbers of these tickets' invoices whose buyers must be kept for now, in order."""
    if not ticket_ids:
        return []
    return [serial(row.series or "", row.number) for row in rows.numbers_kept(ctx.session, ticket_ids)]


def drop_drafts(ctx: Context, ticket: Ticket) -> None:
    """Delete the drafts of an erased customer with their lines: without a number they are not invoices."""
    drafts = Invoice.ticket_id == ticket.id, Invoice.number.is_(None)
    ctx.session.execute(delete(InvoiceLine).where(InvoiceLine.invoice_id.in_(rows.ids_of(*drafts))))
    ctx.session.execute(delete(Invoice).where(*drafts))


def content_hash(ctx: Context, code: str, invoice: Invoice, lines: Sequence[InvoiceLine]) -> str:
    """A hash over everything it says; any change gives another hash."""
    credited = ctx.session.get(Invoice, invoice.credits_id) if invoice.credits_id else None
    said = content(invoice, lines, code, serial_of(credited) if credited else "")
    return chain.digest(invoice.reference, said)


def columns(buyer: Buyer) -> dict[str, object]:
    """A buyer as the columns of an invoice."""
    return {column: getattr(buyer, name) for name, column in _COLUMNS.items()}


def managers_only(ctx: Context, sentence: Message) -> None:
    """Raise ManagersOnlyError for staff who are not managers, and NotFoundError for all others."""
    if not ctx.by.is_person:
        raise NotFoundError
    if not ctx.by.is_manager:
        raise ManagersOnlyError(sentence)
