"""Payments: what customers pay, what providers said of it, what is to be asked of them, and who they are."""

from __future__ import annotations

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
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from paidsupport.kernel.db.base import Base, Id, Maybe, Moment, StaffName, Structure, Word
from paidsupport.kernel.db.configured import configuration
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import CATALOGUE, COMPANY, OURS, PROGRAM, STAFF, personal, plain
from paidsupport.kernel.db.parts import hanging
from paidsupport.kernel.errors import existing
from paidsupport.sales.payments.rules import UNDER_WAY, PaymentStep
from paidsupport.tickets.tables import Ticket

#: The provider of payments that go to a developer directly.
DIRECT = "direct"
#: The provider of payments that a manager noted at an invoice.
BY_INVOICE = "invoice"

_SEALED = "the secrets of a provider of payments, sealed under the site's SECRET_KEY"
_STEPS = ", ".join(f"'{step}'" for step in PaymentStep)
_UNDER_WAY = ", ".join(f"'{step}'" for step in sorted(UNDER_WAY))


class Payment(Base):
    """One payment for a ticket; `reference` is our name of it, at its provider and in addresses."""

    __tablename__ = "paidsupport_payment"
    __table_args__ = (
        UniqueConstraint("provider", "reference"),
        UniqueConstraint("provider", "remote"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(f"step IN ({_STEPS})", name="step"),
        CheckConstraint(
            "received_minor >= 0 AND refunded_minor >= 0 AND refunded_minor <= received_minor",
            name="received",
        ),
        Index(None, "ticket_id", "id"),
        Index(None, "received_on", "id"),
        partial_index("ix_paidsupport_payment_under_way", "id", where=f"step IN ({_UNDER_WAY})"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    provider: Mapped[Word] = mapped_column(default=DIRECT)
    reference: Mapped[Word]
    #: What is to be paid.
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), info=plain(CATALOGUE))
    #: How far it is: a `PaymentStep`.
    step: Mapped[Word] = mapped_column(default=PaymentStep.RECEIVED)
    #: What came, and what of that was paid back.
    received_minor: Mapped[int] = mapped_column(default=0)
    refunded_minor: Mapped[int] = mapped_column(default=0)
    #: The day on which it came; null before that.
    received_on: Mapped[date | None] = mapped_column(Date)
    #: The developer who receives it; empty: the desk.
    payee: Mapped[StaffName]
    #: Who recorded it; empty: the customer began it, or the desk found it by itself.
    noted_by: Mapped[StaffName]
    noted_at: Mapped[Moment]
    #: When staff marked it as recorded by mistake.
    undone_at: Mapped[Maybe]
    #: The provider's names of it, and of the money that was taken.
    remote: Mapped[str | None] = mapped_column(String(100), info=plain(OURS, PROGRAM))
    capture: Mapped[str] = mapped_column(String(100), default="", info=plain(OURS, PROGRAM))
    #: What the provider marked its last answer with.
    version: Mapped[str] = mapped_column(String(200), default="", info=plain(OURS, PROGRAM))
    #: Where the customer pays, and what wallets read; empty once there is nothing to pay.
    address: Mapped[str] = mapped_column(Text, default="", info=personal(PROGRAM))
    uri: Mapped[str] = mapped_column(Text, default="", info=personal(PROGRAM))
    #: When the offer to pay ends.
    until: Mapped[Maybe]
    #: Whether no real money moves.
    test: Mapped[bool] = mapped_column(default=False)
    #: Why it ended or is held, in words.
    problem: Mapped[str] = mapped_column(Text, default="", info=personal(PROGRAM))


class PaymentEvent(Base):
    """A hint of a provider, kept so that the same one counts once."""

    __tablename__ = "paidsupport_payment_event"
    __table_args__ = (UniqueConstraint("provider", "event"), Index(None, "payment_id"), Index(None, "at"))

    id: Mapped[Id]
    provider: Mapped[Word]
    event: Mapped[str] = mapped_column(String(100), info=plain(OURS, PROGRAM))
    #: What it says has happened, in the provider's words.
    kind: Mapped[str] = mapped_column(String(100), info=plain(OURS, PROGRAM))
    #: Null: it is about no payment of ours.
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_payment.id"))
    at: Mapped[Moment]


class PaymentRefund(Base):
    """A refund of a payment: asked for by a manager, or done by the provider on its own."""

    __tablename__ = "paidsupport_payment_refund"
    __table_args__ = (
        UniqueConstraint("payment_id", "reference"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("state IN ('asked', 'pending', 'done', 'failed')", name="state"),
        Index(None, "ticket_id", "id"),
    )

    id: Mapped[Id]
    payment_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_payment.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    #: Our name of it at the provider; the provider's own for what it did by itself.
    reference: Mapped[str] = mapped_column(String(100), info=plain(OURS, PROGRAM))
    amount_minor: Mapped[int]
    #: Asked for, accepted by the provider, paid back, or refused.
    state: Mapped[Word] = mapped_column(default="asked")
    reason: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    #: Empty: the provider did it by itself.
    asked_by: Mapped[StaffName]
    asked_at: Mapped[Moment]
    done_at: Mapped[Maybe]
    problem: Mapped[str] = mapped_column(Text, default="", info=personal(PROGRAM))


class PaymentTask(Base):
    """One thing that a worker asks of a provider about a payment; see `operations.tasks`."""

    __tablename__ = "paidsupport_payment_task"
    __table_args__ = (
        CheckConstraint("what IN ('begin', 'look', 'capture', 'refund')", name="what"),
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'withdrawn')", name="state"
        ),
        CheckConstraint("(what = 'refund') = (refund_id IS NOT NULL)", name="refund"),
        # one thing at a time is to be asked about a payment
        partial_index(
            "uq_paidsupport_payment_task_queued", "payment_id", unique=True, where="state = 'queued'"
        ),
        partial_index(
            "ix_paidsupport_payment_task_waiting",
            "state",
            "due_at",
            where="state IN ('queued', 'sending')",
        ),
        Index(None, "payment_id", "id"),
        Index(None, "ticket_id"),
    )

    id: Mapped[Id]
    reference: Mapped[Word] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_payment.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_payment_refund.id"))
    what: Mapped[Word]
    state: Mapped[Word]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    due_at: Mapped[Moment]
    taken_at: Mapped[Maybe]
    #: What went wrong last, in words.
    problem: Mapped[str] = mapped_column(Text, default="", info=personal(PROGRAM))


class PaymentProvider(Base):
    """A provider as managers set it up; `kind` names a `providers.Kind`."""

    __tablename__ = "paidsupport_payment_provider"
    __table_args__ = ({"info": configuration("provider")},)

    id: Mapped[Id]
    kind: Mapped[Word] = mapped_column(unique=True)
    position: Mapped[int]
    #: Whether customers can choose it; what was begun goes on either way.
    active: Mapped[bool]
    #: What managers entered, by the names of the kind's values, without secrets.
    values: Mapped[dict[str, Any]] = mapped_column(Structure, info=plain(COMPANY, STAFF))
    #: Its secrets by name, each sealed and bound to the values that it belongs to.
    sealed: Mapped[dict[str, Any]] = mapped_column(Structure, info=plain(_SEALED, PROGRAM))
    changed_at: Mapped[Moment]


#: The payments of a ticket that were not undone.
PAYMENTS = hanging("payments", Payment.ticket_id, Payment.undone_at.is_(None))


def of(session: Session, ticket: Ticket) -> list[Payment]:
    """The payments for a ticket, oldest first, without undone ones."""
    theirs = select(Payment).where(Payment.ticket_id == ticket.id, Payment.undone_at.is_(None))
    return list(session.scalars(theirs.order_by(Payment.id).execution_options(populate_existing=True)))


def find(session: Session, ticket: Ticket, reference: str) -> Payment:
    """One payment, undone or not. Raises NotFoundError."""
    wanted = select(Payment).where(Payment.ticket_id == ticket.id, Payment.reference == reference)
    return existing(session.scalar(wanted.execution_options(populate_existing=True)))


def refunds_of(session: Session, payment: Payment) -> list[PaymentRefund]:
    """The refunds of a payment, oldest first."""
    theirs = select(PaymentRefund).where(PaymentRefund.payment_id == payment.id)
    return list(session.scalars(theirs.order_by(PaymentRefund.id).execution_options(populate_existing=True)))


def refund(session: Session, payment: Payment, reference: str) -> PaymentRefund:
    """One refund of a payment. Raises NotFoundError."""
    wanted = select(PaymentRefund).where(
        PaymentRefund.payment_id == payment.id, PaymentRefund.reference == reference
    )
    return existing(session.scalar(wanted.execution_options(populate_existing=True)))


def queued_of(session: Session, payment_id: int) -> PaymentTask | None:
    """What waits to be asked about a payment."""
    waits = select(PaymentTask).where(PaymentTask.payment_id == payment_id, PaymentTask.state == "queued")
    return session.scalar(waits.execution_options(populate_existing=True))
