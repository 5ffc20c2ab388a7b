"""Invoices: numbers without gaps, lines that are invoiced once, and content that never changes (T19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, Name, StaffName, Structure, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import CUSTOMER, OURS, PROGRAM, STAFF, Special, personal, plain
from paidsupport.kernel.db.parts import hanging
from paidsupport.kernel.db.statements import new_rows, write
from paidsupport.sales.invoices.rules import InvoiceKind, InvoiceState

_OF_BUYER = personal(STAFF, CUSTOMER, becomes=Special.KEPT_BY_LAW)
_HASH_OF_BUYER = personal(PROGRAM, becomes=Special.KEPT_BY_LAW)


class InvoiceCounter(Base):
    """The last number of a series. Its row is locked from counting to the commit, so no number is lost."""

    __tablename__ = "paidsupport_invoice_counter"
    __table_args__ = (CheckConstraint("last >= 0", name="last"),)

    id: Mapped[Id]
    series: Mapped[Word] = mapped_column(unique=True)
    last: Mapped[int] = mapped_column(default=0)


class Invoice(Base):
    """An invoice or a credit note. Once it has a number, only its state changes."""

    __tablename__ = "paidsupport_invoice"
    __table_args__ = (
        UniqueConstraint("series", "number"),
        CheckConstraint("kind IN ('invoice', 'credit-note')", name="kind"),
        CheckConstraint("state IN ('draft', 'issued', 'paid', 'cancelled')", name="state"),
        CheckConstraint("number IS NULL OR number > 0", name="number"),
        CheckConstraint("(number IS NULL) = (series IS NULL)", name="series"),
        # a draft has no number, and one that was discarded never had one
        CheckConstraint(
            "(state <> 'draft' OR number IS NULL)"
            " AND (number IS NOT NULL OR state IN ('draft', 'cancelled'))",
            name="numbered",
        ),
        CheckConstraint(
            "(number IS NULL) = (issued_at IS NULL) AND (number IS NULL) = (issued_on IS NULL)"
            " AND (number IS NULL) = (due_on IS NULL)",
            name="issued",
        ),
        CheckConstraint("(kind = 'credit-note') = (credits_id IS NOT NULL)", name="credits"),
        CheckConstraint("state <> 'paid' OR paid_at IS NOT NULL", name="paid"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        CheckConstraint("total_minor = net_minor + tax_minor AND net_minor >= 0", name="total"),
        # one draft of a ticket at a time, however often it is requested
        partial_index("uq_paidsupport_invoice_draft", "ticket_id", unique=True, where="state = 'draft'"),
        Index(None, "ticket_id", "id"),
        Index(None, "state", "id"),
    )

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    kind: Mapped[Word]
    #: The invoice that this credit note cancels.
    credits_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_invoice.id"), unique=True)
    state: Mapped[Word]
    version: Mapped[int] = mapped_column(default=1)
    series: Mapped[str | None] = mapped_column(String(40), info=plain(OURS))
    number: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), info=plain(OURS))
    #: A copy, so that later changes of the settings do not affect the invoice.
    seller: Mapped[dict[str, str]] = mapped_column(Structure, info=plain("ourselves", STAFF))
    buyer_name: Mapped[Name] = mapped_column(info=_OF_BUYER)
    buyer_street: Mapped[Name] = mapped_column(info=_OF_BUYER)
    buyer_postcode: Mapped[Word] = mapped_column(info=_OF_BUYER)
    buyer_city: Mapped[Name] = mapped_column(info=_OF_BUYER)
    buyer_country: Mapped[str] = mapped_column(String(2), info=_OF_BUYER)
    buyer_email: Mapped[Name] = mapped_column(info=_OF_BUYER)
    buyer_vat_id: Mapped[Word] = mapped_column(info=_OF_BUYER)
    buyer_reference: Mapped[Name] = mapped_column(info=_OF_BUYER)
    #: Why untaxed lines are untaxed, which the invoice must say.
    untaxed: Mapped[Word] = mapped_column(default="")
    untaxed_reason: Mapped[str] = mapped_column(Text, default="", info=_OF_BUYER)
    pay_days: Mapped[int]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    total_minor: Mapped[int]
    drafted_by: Mapped[StaffName]
    drafted_at: Mapped[Moment]
    issued_by: Mapped[StaffName] = mapped_column(default="")
    issued_at: Mapped[Maybe]
    #: The date of the invoice, in the desk's time zone.
    issued_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    paid_at: Mapped[Maybe]
    cancelled_at: Mapped[Maybe]
    #: A hash over everything it says, set together with the number.
    content_hash: Mapped[str] = mapped_column(String(64), default="", info=_HASH_OF_BUYER)
    #: The email that told the customer.
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_letter.id"))
    #: When the buyer was erased from it, after the years for which the law requires it to be kept.
    emptied_at: Mapped[Maybe]


class InvoiceLine(Base):
    """One thing to pay for; `work` is an offer's reference, or `order`. Counted once, while it `counts`."""

    __tablename__ = "paidsupport_invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("rate >= 0 AND rate <= 10000", name="rate"),
        CheckConstraint("gross_minor = quantity * unit_minor", name="unit"),
        CheckConstraint("gross_minor = net_minor + tax_minor AND net_minor >= 0", name="gross"),
        # what has been invoiced cannot be invoiced again, as long as that invoice is valid
        partial_index("uq_paidsupport_invoice_line_work", "ticket_id", "work", unique=True, where="counts"),
    )

    id: Mapped[Id]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_invoice.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    position: Mapped[int]
    work: Mapped[Word]
    counts: Mapped[bool] = mapped_column(default=True)
    description: Mapped[Name] = mapped_column(info=_OF_BUYER)
    quantity: Mapped[int] = mapped_column(default=1)
    unit_minor: Mapped[int]
    rate: Mapped[int]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    gross_minor: Mapped[int]


#: The invoices of a ticket that are to be paid, or have been.
BILLS = hanging(
    "bills",
    Invoice.ticket_id,
    Invoice.number.is_not(None),
    Invoice.kind == InvoiceKind.INVOICE,
    Invoice.state != InvoiceState.CANCELLED,
)

_COUNTER = Base.metadata.tables[InvoiceCounter.__tablename__]
_MINE = _COUNTER.c.series == bindparam("mine")
_FRESH = new_rows(_COUNTER)
_COUNT = update(_COUNTER).where(_MINE).values(last=_COUNTER.c.last + 1)


def next_number(session: Session, in_series: str) -> int:
    """Take the next number and lock the counter until the transaction ends: a rollback gives it back.

    On SQLite, the transaction is the only writer anyway.
    """
    connection, mine = session.connection(), {"mine": in_series}
    write(session, _FRESH[connection.dialect.name], {"series": in_series, "last": 0})
    write(session, _COUNT, mine)
    return int(connection.scalar(select(_COUNTER.c.last).where(_MINE), mine) or 0)


def content(invoice: Invoice, lines: Sequence[InvoiceLine], code: str, credited: str) -> dict[str, Any]:
    """Everything that an invoice says, in the form that its hash is made from."""
    named = [column.name for column in Invoice.__table__.columns if column.name.startswith("buyer_")]
    said = (*named, "series", "number", "kind", "currency", "seller", "untaxed", "untaxed_reason")
    sums = ("net_minor", "tax_minor", "total_minor")
    shown = ("position", "work", "description", "quantity", "unit_minor", "rate", "net_minor", "tax_minor")
    return {
        **{name: getattr(invoice, name) for name in (*said, *sums)},
        "issued_on": str(invoice.issued_on),
        "due_on": str(invoice.due_on),
        "ticket": code,
        "credits": credited,
        "lines": [{name: getattr(line, name) for name in shown} for line in lines],
    }
