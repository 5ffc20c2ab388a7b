"""Invariants of payments: what is shown is what came, nothing counts twice, no payment is forgotten (P16)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import and_, case, exists, func, or_, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.sales.invoices.rules import InvoiceState
from paidsupport.sales.invoices.tables import Invoice
from paidsupport.sales.payments.operations import configured
from paidsupport.sales.payments.operations.asking import LASTS
from paidsupport.sales.payments.rules import COUNTS, UNDER_WAY, PaymentStep
from paidsupport.sales.payments.tables import (
    BY_INVOICE,
    Payment,
    PaymentEvent,
    PaymentRefund,
    PaymentTask,
)
from paidsupport.tickets.tables import Ticket

#: A worker that takes so long to ask a provider has died without notice.
_STUCK = timedelta(hours=1)
_COUNTS = Payment.step.in_(COUNTS)


@invariant("tickets show the sums of their payments")
def tickets_show_sums(ctx: Context) -> Iterator[str]:
    """What was paid and refunded, and the mark, are those of the payments that count."""
    theirs = (
        select(
            Payment.ticket_id,
            func.sum(case((_COUNTS, Payment.received_minor), else_=0)).label("received"),
            func.sum(case((_COUNTS, Payment.refunded_minor), else_=0)).label("refunded"),
            func.max(case((Payment.step == PaymentStep.DISPUTED, 1), else_=0)).label("disputed"),
            func.max(case((Payment.step.in_(UNDER_WAY), 1), else_=0)).label("begun"),
        )
        .where(Payment.undone_at.is_(None))
        .group_by(Payment.ticket_id)
        .subquery()
    )
    mark = case((theirs.c.disputed == 1, "disputed"), (theirs.c.begun == 1, "begun"), else_="")
    wrong = or_(
        Ticket.paid_minor != func.coalesce(theirs.c.received - theirs.c.refunded, 0),
        Ticket.refunded_minor != func.coalesce(theirs.c.refunded, 0),
        Ticket.payment_mark != mark,
    )
    query = select(Ticket.code).outerjoin(theirs, theirs.c.ticket_id == Ticket.id).where(wrong)
    yield from faults(ctx, query.order_by(Ticket.id), "it shows other sums than those of its payments")


@invariant("refunds are within what came")
def refunds_fit(ctx: Context) -> Iterator[str]:
    """What was paid back of a payment is the sum of its refunds, and no more than came."""
    back = (
        select(
            PaymentRefund.payment_id,
            func.sum(PaymentRefund.amount_minor).label("done"),
        )
        .where(PaymentRefund.state == "done")
        .group_by(PaymentRefund.payment_id)
        .subquery()
    )
    rows = (
        select(Ticket.code)
        .join(Payment, Payment.ticket_id == Ticket.id)
        .outerjoin(back, back.c.payment_id == Payment.id)
    )
    # of what is strange nothing counts
    counted = rows.where(Payment.step != PaymentStep.STRANGE)
    differ = counted.where(Payment.refunded_minor != func.coalesce(back.c.done, 0))
    yield from faults(
        ctx, differ.order_by(Payment.id), "a payment was refunded otherwise than its refunds say"
    )
    # what a provider did besides is known only when it is done
    above = counted.where(_COUNTS, back.c.done > Payment.received_minor)
    yield from faults(ctx, above.order_by(Payment.id), "more of a payment was refunded than came")
    elsewhere = select(Ticket.code).join(PaymentRefund, PaymentRefund.ticket_id == Ticket.id)
    elsewhere = elsewhere.join(Payment, Payment.id == PaymentRefund.payment_id)
    elsewhere = elsewhere.where(Payment.ticket_id != PaymentRefund.ticket_id)
    yield from faults(ctx, elsewhere.order_by(PaymentRefund.id), "a refund is of another ticket's payment")


@invariant("payments are in the currency of their ticket")
def currencies_agree(ctx: Context) -> Iterator[str]:
    """Sums of a ticket are of one currency."""
    other = select(Ticket.code).join(Payment, Payment.ticket_id == Ticket.id)
    other = other.where(Payment.currency != Ticket.currency).order_by(Payment.id)
    yield from faults(ctx, other, "a payment is in another currency")


@invariant("payments that came have a day")
def days_are_known(ctx: Context) -> Iterator[str]:
    """Bookkeeping goes by it."""
    dayless = select(Ticket.code).join(Payment, Payment.ticket_id == Ticket.id)
    dayless = dayless.where(_COUNTS, Payment.received_on.is_(None)).order_by(Payment.id)
    yield from faults(ctx, dayless, "a payment came without a day")


@invariant("events of providers count once")
def events_count_once(ctx: Context) -> Iterator[str]:
    """No event was kept twice."""
    twice = select(PaymentEvent.provider, PaymentEvent.event).group_by(
        PaymentEvent.provider, PaymentEvent.event
    )
    for provider, event in ctx.session.execute(twice.having(func.count() > 1)):
        yield f"provider {provider}: event {event} was counted twice"


@invariant("providers are asked about what goes on")
def nobody_is_forgotten(ctx: Context) -> Iterator[str]:
    """Whatever may still change is to be asked about; what ended is not to be begun, captured or refunded."""
    about = select(Ticket.code).join(Payment, Payment.ticket_id == Ticket.id)
    waits = PaymentTask.state.in_(("queued", "sending"))
    tasks = about.join(PaymentTask, PaymentTask.payment_id == Payment.id).where(waits)
    over = Payment.step.in_((PaymentStep.ENDED, PaymentStep.REVERSED)) & (PaymentTask.what != "look")
    late = and_(PaymentTask.state == "sending", PaymentTask.taken_at < ctx.now - _STUCK)
    yield from faults(ctx, tasks.where(over).order_by(Payment.id), "a payment ended, and goes on")
    yield from faults(ctx, tasks.where(late).order_by(Payment.id), "a provider has been asked for too long")
    asked = [name for name, kind in configured.kinds(ctx.services).items() if kind.make is not None]
    to_do = or_(
        Payment.step.in_(UNDER_WAY),
        _COUNTS & exists().where(PaymentRefund.payment_id == Payment.id, PaymentRefund.state == "asked"),
    )
    silent = ~exists().where(PaymentTask.payment_id == Payment.id, waits)
    lost = about.where(Payment.provider.in_(asked), Payment.undone_at.is_(None), to_do, silent)
    lost = lost.where(Payment.noted_at > ctx.now - LASTS).order_by(Payment.id)
    yield from faults(ctx, lost, "no provider is asked about a payment any more")


@invariant("payments of invoices have their invoice")
def invoices_are_there(ctx: Context) -> Iterator[str]:
    """What was noted at an invoice belongs to one of the same ticket that was marked as paid."""
    bill = exists().where(
        Invoice.reference == Payment.reference,
        Invoice.ticket_id == Payment.ticket_id,
        Invoice.state.in_((InvoiceState.PAID, InvoiceState.CANCELLED)),
    )
    without = select(Ticket.code).join(Payment, Payment.ticket_id == Ticket.id)
    without = without.where(Payment.provider == BY_INVOICE, Payment.undone_at.is_(None), ~bill)
    yield from faults(ctx, without.order_by(Payment.id), "a payment by invoice has no invoice that is paid")
