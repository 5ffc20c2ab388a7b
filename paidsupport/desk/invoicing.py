"""What is known of invoices: what is to be paid, what they say, how long they are kept (T19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import delete, select, update

from paidsupport.desk import correspondence
from paidsupport.desk.visit import Visit
from paidsupport.domain import chain
from paidsupport.domain.invoices import (
    ORDER,
    Amounts,
    Buyer,
    InvoiceKind,
    Paper,
    Printed,
    Seller,
    serial,
)
from paidsupport.domain.letters import LetterState
from paidsupport.domain.text import LINE_LIMIT, shorten
from paidsupport.domain.workflow import Part
from paidsupport.errors import ManagersOnlyError, NotFoundError
from paidsupport.store import invoices as rows
from paidsupport.store import marks, tickets
from paidsupport.store.base import Base
from paidsupport.store.decisions import Decision
from paidsupport.store.invoices import Invoice, InvoiceLine, Listed
from paidsupport.store.marks import Special
from paidsupport.store.plain import changed
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that the customer accepted to pay; `name` is the offer's, or `order`."""

    name: str
    description: str
    price: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An invoice of a ticket as pages show it."""

    ticket: Ticket
    invoice: Invoice
    lines: list[InvoiceLine]
    serial: str
    #: The number of the invoice that a credit note takes back, or of the credit note that took it back.
    other: str = ""
    #: The letter that told the customer, if one was written.
    letter: Letter | None = None
    #: Whether whoever looks can write that letter now.
    may_tell: bool = False


def accepted(visit: Visit, ticket: Ticket) -> list[Work]:
    """All that the customer of a ticket accepted to pay: what was ordered, and every accepted offer."""
    offers = visit.session.scalars(
        select(Decision)
        .where(Decision.ticket_id == ticket.id, Decision.kind == "offer", Decision.answer == "approved")
        .order_by(Decision.number)
    ).all()
    works = [Work(offer.reference, offer.what, offer.price_minor or 0) for offer in offers]
    ordered = ticket.price_minor - sum(work.price for work in works)
    first = [Work(ORDER, shorten(ticket.service_name, LINE_LIMIT), ordered)] if ordered > 0 else []
    return [*first, *(work for work in works if work.price)]


def open_work(visit: Visit, ticket: Ticket) -> list[Work]:
    """What of it is on no invoice that stands."""
    counted = select(InvoiceLine.work).where(InvoiceLine.ticket_id == ticket.id, InvoiceLine.counts)
    invoiced = set(visit.session.scalars(counted))
    return [work for work in accepted(visit, ticket) if work.name not in invoiced]


def may_tell(visit: Visit, ticket: Ticket) -> bool:
    """Whether this person can write to the customer about an invoice now."""
    if not correspondence.can_be_reached(ticket) or ticket.erased_at is not None:
        return False
    if ticket.part == Part.PENDING:
        return correspondence.may_write(visit, ticket)
    return visit.by.is_manager


def serial_of(invoice: Invoice) -> str:
    """Its number as it is printed; nothing for a draft."""
    return serial(invoice.series or "", invoice.number)


def find(visit: Visit, code: str, reference: str) -> Shown:
    """One invoice of a ticket, as it is now. Raises NotFoundError."""
    ticket = visit.session.scalar(select(Ticket).where(Ticket.code == code))
    if ticket is None:
        raise NotFoundError
    return show(visit, ticket, rows.find(visit.session, ticket, reference))


def listed(
    visit: Visit, state: str = "", before: int | None = None, most: int | None = rows.PAGE
) -> tuple[list[Listed], int | None]:
    """Invoices in a `state`, or all, newest first, and where the next page begins.

    Raises ManagersOnlyError.
    """
    managers_only(visit, "see all invoices")
    return rows.page(visit.session, state, before, most)


def of_ticket(visit: Visit, ticket: Ticket) -> list[Shown]:
    """Every invoice of a ticket with its lines, newest first."""
    found = rows.of_ticket(visit.session, ticket)
    return [show(visit, ticket, invoice) for invoice in reversed(found)]


def show(visit: Visit, ticket: Ticket, invoice: Invoice) -> Shown:
    """One invoice as pages show it."""
    other = visit.session.scalar(
        select(Invoice).where(
            (Invoice.id == invoice.credits_id) if invoice.credits_id else (Invoice.credits_id == invoice.id)
        )
    )
    letter = visit.session.get(Letter, invoice.letter_id) if invoice.letter_id else None
    untold = letter is None or letter.state == LetterState.WITHDRAWN
    return Shown(
        ticket,
        invoice,
        rows.lines_of(visit.session, invoice),
        serial_of(invoice),
        serial_of(other) if other else "",
        letter,
        invoice.number is not None and untold and may_tell(visit, ticket),
    )


def paper(visit: Visit, ticket: Ticket, invoice: Invoice) -> Paper:
    """All that it says. Raises NotFoundError for what has no number, or whose buyer was taken out of it."""
    if invoice.number is None or invoice.issued_on is None or invoice.due_on is None or invoice.emptied_at:
        raise NotFoundError
    shown = show(visit, ticket, invoice)
    return Paper(
        InvoiceKind(invoice.kind),
        shown.serial,
        ticket.code,
        invoice.issued_on,
        invoice.due_on,
        invoice.currency,
        Seller(**invoice.seller),
        buyer_of(invoice),
        [
            Printed(
                line.description,
                line.quantity,
                line.rate,
                Amounts(line.net_minor, line.tax_minor, line.gross_minor),
            )
            for line in shown.lines
        ],
        Amounts(invoice.net_minor, invoice.tax_minor, invoice.total_minor),
        invoice.untaxed,
        invoice.untaxed_reason,
        shown.other if invoice.kind == InvoiceKind.CREDIT_NOTE else "",
    )


def paper_for_customer(visit: Visit, ticket: Ticket, reference: str) -> Paper:
    """What an invoice of this customer says, also of a ticket merged into theirs. Raises NotFoundError."""
    invoice = rows.one_for_customer(visit.session, ticket, reference)
    return paper(visit, tickets.by_id(visit.session, invoice.ticket_id), invoice)


def given(visit: Visit, ticket: Ticket) -> list[tuple[Invoice, str]]:
    """What the customer of a ticket was given, with its numbers, oldest first: one query."""
    return [(row, serial_of(row)) for row in rows.for_customer(visit.session, ticket)]


def buyer_of(invoice: Invoice) -> Buyer:
    """Who it is to."""
    return Buyer(
        invoice.buyer_name,
        invoice.buyer_street,
        invoice.buyer_postcode,
        invoice.buyer_city,
        invoice.buyer_country,
        invoice.buyer_email,
        invoice.buyer_vat_id,
        invoice.buyer_reference,
    )


def forget(visit: Visit) -> int:
    """Take the buyer out of invoices of erased customers once the law lets them go; returns how many.

    The years begin with the end of the year that an invoice is of. Numbers and sums stay.
    """
    erased = select(Ticket.id).where(Ticket.erased_at.is_not(None))
    first_kept = date(today(visit).year - visit.house.settings.invoices_kept_years, 1, 1)
    old = (Invoice.ticket_id.in_(erased), Invoice.issued_on < first_kept, Invoice.emptied_at.is_(None))
    lines = update(InvoiceLine).where(InvoiceLine.invoice_id.in_(select(Invoice.id).where(*old)))
    changed(visit.session, lines.values(_emptied(InvoiceLine)))
    empty = _emptied(Invoice) | {"emptied_at": visit.now}
    return changed(visit.session, update(Invoice).where(*old).values(**empty))


def _emptied(row: type[Base]) -> dict[str, object]:
    becomes = marks.erased_columns(Base.metadata.tables[row.__tablename__])
    return {column.name: "" for column, special in becomes.items() if special is Special.KEPT_BY_LAW}


def kept(visit: Visit, ticket_ids: Sequence[int]) -> list[str]:
    """The numbers of invoices of these tickets whose buyers must stay in them for now, in their order."""
    if not ticket_ids:
        return []
    wanted = select(Invoice.series, Invoice.number).where(
        Invoice.ticket_id.in_(ticket_ids), Invoice.number.is_not(None), Invoice.emptied_at.is_(None)
    )
    rows_ = visit.session.execute(wanted.order_by(Invoice.series, Invoice.number))
    return [serial(row.series, row.number) for row in rows_]


def drop_drafts(visit: Visit, ticket: Ticket) -> None:
    """The customer is erased: what never got a number is no invoice, and goes with its lines."""
    drafts = select(Invoice.id).where(Invoice.ticket_id == ticket.id, Invoice.number.is_(None))
    visit.session.execute(delete(InvoiceLine).where(InvoiceLine.invoice_id.in_(drafts)))
    visit.session.execute(delete(Invoice).where(Invoice.ticket_id == ticket.id, Invoice.number.is_(None)))


def content_hash(visit: Visit, code: str, invoice: Invoice, lines: Sequence[InvoiceLine]) -> str:
    """A hash over all that it says; whatever is changed makes it another one."""
    credited = visit.session.get(Invoice, invoice.credits_id) if invoice.credits_id else None
    said = rows.content(invoice, lines, code, serial_of(credited) if credited else "")
    return chain.digest(invoice.reference, said)


def columns(buyer: Buyer) -> dict[str, object]:
    """A buyer as the columns of an invoice."""
    return {
        name if name == "buyer_reference" else f"buyer_{name}": value for name, value in asdict(buyer).items()
    }


def today(visit: Visit) -> date:
    """The day it is by the clock of the desk."""
    return visit.today


def managers_only(visit: Visit, deed: str) -> None:
    """Raises ManagersOnlyError for people of the desk who are none, NotFoundError for everybody else."""
    if not visit.by.is_person:
        raise NotFoundError
    if not visit.by.is_manager:
        raise ManagersOnlyError(deed)
