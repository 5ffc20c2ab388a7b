"""Queries for invoices: of a ticket, of its customer, all; their lines; and those that can be erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Date, Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from paidsupport.kernel.errors import existing
from paidsupport.sales.invoices.tables import Invoice, InvoiceCounter, InvoiceLine
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.queries.tickets import family_ids
from paidsupport.tickets.tables import Ticket

#: Invoices on one page of the list.
PAGE = 50
#: Tickets of one statement.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """An invoice with the code of its ticket."""

    invoice: Invoice
    code: str


def of_ticket(session: Session, ticket: Ticket) -> list[Invoice]:
    """Every invoice of a ticket, oldest first."""
    wanted = select(Invoice).where(Invoice.ticket_id == ticket.id).order_by(Invoice.id)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def said(session: Session, ticket: Ticket, texts: Iterable[str]) -> list[str]:
    """Those of these texts that a message to the customer of a ticket contained."""
    sent = select(Message).where(Message.ticket_id == ticket.id, Message.direction == "out")
    bodies = [message.body for message in session.scalars(sent)]
    return [text for text in texts if any(text in body for body in bodies)]


def lines_of(session: Session, invoice: Invoice) -> list[InvoiceLine]:
    """The lines of an invoice, in order."""
    wanted = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def find(session: Session, ticket: Ticket, reference: str) -> Invoice:
    """The invoice of this ticket with this reference, as it is now. Raises NotFoundError."""
    wanted = select(Invoice).where(Invoice.ticket_id == ticket.id, Invoice.reference == reference)
    return existing(session.scalar(wanted.execution_options(populate_existing=True)))


def for_customer(session: Session, ticket: Ticket) -> Sequence[Invoice]:
    """The invoices that the customer of a ticket, and of those merged into it, was sent, oldest first."""
    theirs = Invoice.ticket_id.in_(family_ids(ticket))
    wanted = select(Invoice).where(theirs, Invoice.number.is_not(None))
    return session.scalars(wanted.order_by(Invoice.id)).all()


def one_for_customer(session: Session, ticket: Ticket, reference: str) -> Invoice:
    """One of the customer's invoices. Raises NotFoundError for all others, including drafts."""
    return existing(next((row for row in for_customer(session, ticket) if row.reference == reference), None))


def page(
    session: Session, state: str = "", before: int | None = None, most: int | None = PAGE
) -> tuple[list[Listed], int | None]:
    """Invoices in a `state`, or all, newest first, and the id where the next page begins."""
    wanted = select(Invoice, Ticket.code).join(Ticket, Ticket.id == Invoice.ticket_id)
    if state:
        wanted = wanted.where(Invoice.state == state)
    if before is not None:
        wanted = wanted.where(Invoice.id < before)
    wanted = wanted.order_by(Invoice.id.desc())
    rows = session.execute(wanted.limit(most + 1) if most else wanted).all()
    shown = [Listed(row[0], row[1]) for row in (rows[:most] if most else rows)]
    return shown, shown[-1].invoice.id if most and len(rows) > most else None


def last_number(session: Session, series: str) -> int:
    """The last number of a series that was used; 0 if there is none."""
    return session.scalar(select(InvoiceCounter.last).where(InvoiceCounter.series == series)) or 0


def lines_of_ticket(session: Session, ticket: Ticket) -> Sequence[InvoiceLine]:
    """The lines of all invoices of a ticket."""
    return session.scalars(select(InvoiceLine).where(InvoiceLine.ticket_id == ticket.id)).all()


def ids_of(*which: ColumnElement[bool]) -> Select[int]:
    """A select of the ids of matching invoices, for use in statements."""
    return select(Invoice.id).where(*which)


def is_outlived(first_kept: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition that an erased customer's invoice is from before that day and still names its buyer."""
    erased = Invoice.ticket_id.in_(select(Ticket.id).where(Ticket.erased_at.is_not(None)))
    return and_(erased, Invoice.issued_on < first_kept, Invoice.emptied_at.is_(None))


def has_outlived(session: Session, first_kept: date) -> bool:
    """Whether there is any such invoice."""
    return session.scalar(_outlived(), {"first_kept": first_kept}) is not None


@cache
def _outlived() -> Select[int]:
    """The statement; built once, because workers run it all the time."""
    return ids_of(is_outlived(bindparam("first_kept", type_=Date))).limit(1)


def numbers_kept(session: Session, ticket_ids: Collection[int]) -> Sequence[Row[str | None, int | None]]:
    """Series and number of these tickets' invoices that still name their buyers, in order."""
    wanted = select(Invoice.series, Invoice.number).where(Invoice.ticket_id.in_(ticket_ids))
    wanted = wanted.where(Invoice.number.is_not(None), Invoice.emptied_at.is_(None))
    return session.execute(wanted.order_by(Invoice.series, Invoice.number)).all()


def invoiced(session: Session, ticket_ids: Sequence[int]) -> set[int]:
    """Those of these tickets that have an invoice."""
    found: set[int] = set()
    for start in range(0, len(ticket_ids), _BATCH):
        theirs = select(Invoice.ticket_id).where(Invoice.ticket_id.in_(ticket_ids[start : start + _BATCH]))
        found |= set(session.scalars(theirs.distinct()))
    return found
