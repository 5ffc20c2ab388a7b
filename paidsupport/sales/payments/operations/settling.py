"""Bringing the desk in line with what a provider says of a payment: the one place where money counts (P16).

A truth is whole, so it does not matter which came before it, and the same one twice changes nothing. All of
it happens under the lock of the ticket.
"""

from __future__ import annotations

from dataclasses import dataclass

from paidsupport.kernel.context import Context
from paidsupport.kernel.money import Money
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import asking
from paidsupport.sales.payments.providers import Known, Refund, Truth
from paidsupport.sales.payments.rules import COUNTS, PaymentStep, Sums, summed
from paidsupport.sales.payments.tables import Payment, PaymentRefund
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket

#: What is told when a payment comes to a step.
_TOLD = {
    PaymentStep.RECEIVED: "payment-received",
    PaymentStep.ENDED: "payment-ended",
    PaymentStep.REVERSED: "payment-reversed",
    PaymentStep.DISPUTED: "payment-disputed",
    PaymentStep.STRANGE: "payment-strange",
}


@dataclass(frozen=True, slots=True)
class _Before:
    step: str
    received: int
    refunded: int


def settle(ctx: Context, payment_id: int, truth: Truth) -> Payment:
    """Take over how a payment stands at its provider, and queue what is to be done next.

    Args:
        ctx: The clock, or the person who brought the truth.
        payment_id: The payment.
        truth: The whole of what the provider knows of it.
    """
    ticket, payment = locked(ctx, payment_id)
    if truth.step is None:
        if payment.step == PaymentStep.BEGINNING:
            asking.ask(ctx, payment, asking.BEGIN, ctx.now)
        return payment
    before = _Before(payment.step, payment.received_minor, payment.refunded_minor)
    if not truth.same:
        _take_over(ctx, payment, truth)
        _tell(ctx, ticket, payment, before)
    _go_on(ctx, payment)
    return payment


def locked(ctx: Context, payment_id: int) -> tuple[Ticket, Payment]:
    """A payment, read again under the lock of its ticket."""
    payment = ctx.session.get_one(Payment, payment_id)
    ticket = tickets.lock_by_id(ctx.session, payment.ticket_id)
    ctx.session.refresh(payment)
    return ticket, payment


def resum(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """The columns of a ticket that hold the sums over its payments, as these are now: for `change.tell`."""
    ctx.session.flush()
    sums = sums_of(ctx, ticket)
    return {"paid_minor": sums.kept, "refunded_minor": sums.refunded, "payment_mark": sums.mark}


def sums_of(ctx: Context, ticket: Ticket) -> Sums:
    """The sums over the payments of a ticket."""
    return summed(
        (row.step, row.received_minor, row.refunded_minor) for row in payments.of(ctx.session, ticket)
    )


def known(ctx: Context, payment: Payment, *, summary: str, code: str, language: str, back: str) -> Known:
    """What a provider may be told of a payment."""
    total = 0
    refunds = []
    for row in payments.refunds_of(ctx.session, payment):
        if row.state == "failed":
            continue
        total += row.amount_minor
        refunds.append(_refund(payment, row, total))
    return Known(
        reference=payment.reference,
        code=code,
        amount=Money(payment.amount_minor, payment.currency),
        summary=summary,
        language=language,
        back=back,
        until=payment.until or ctx.now,
        remote=payment.remote or "",
        capture=payment.capture,
        version=payment.version,
        refunds=tuple(refunds),
    )


def _refund(payment: Payment, row: PaymentRefund, total: int) -> Refund:
    return Refund(
        row.reference,
        Money(row.amount_minor, payment.currency),
        Money(total, payment.currency),
        row.reason,
        done=row.state in {"pending", "done"},
    )


def _take_over(ctx: Context, payment: Payment, truth: Truth) -> None:
    for name in ("remote", "capture", "version"):
        if given := getattr(truth, name):
            setattr(payment, name, given)
    payment.address, payment.uri = truth.address, truth.uri
    payment.step, payment.problem = str(truth.step), truth.problem
    came = truth.received
    if came is not None and came.currency != payment.currency:
        payment.step, came = PaymentStep.STRANGE, None
    if payment.step in COUNTS and payment.received_on is None:
        payment.received_on = ctx.today
    back = _take_over_refunds(ctx, payment, truth)
    received = came.minor if came else 0
    payment.received_minor, payment.refunded_minor = received, min(back, received)
    ctx.session.flush()


def _take_over_refunds(ctx: Context, payment: Payment, truth: Truth) -> int:
    """Take over what was paid back; returns the sum of it."""
    rows = {row.reference: row for row in payments.refunds_of(ctx.session, payment)}
    for reference, amount in truth.refunds.items():
        row = rows.get(reference)
        if row is None:
            row = PaymentRefund(
                payment_id=payment.id,
                ticket_id=payment.ticket_id,
                reference=reference,
                amount_minor=amount.minor,
                asked_by="",
                asked_at=ctx.now,
            )
            ctx.session.add(row)
        if row.state != "done":
            row.state, row.done_at, row.problem = "done", ctx.now, ""
        row.amount_minor = amount.minor
    for reference, row in rows.items():
        if reference in truth.refunds:
            continue
        if reference in truth.pending:
            row.state = "pending"
        elif row.state == "done":
            # the provider undid it, which it does when the money cannot be paid out
            row.state, row.done_at = "failed", None
    return sum(amount.minor for amount in truth.refunds.values())


def _tell(ctx: Context, ticket: Ticket, payment: Payment, before: _Before) -> None:
    columns = resum(ctx, ticket)
    kinds = []
    if payment.step != before.step or (payment.step in COUNTS and payment.received_minor != before.received):
        kinds += [_TOLD[PaymentStep(payment.step)]] if payment.step in _TOLD else []
    if payment.refunded_minor != before.refunded:
        kinds.append("payment-refunded")
    if not kinds:
        if any(getattr(ticket, name) != value for name, value in columns.items()):
            with history.edit(ctx, ticket) as change:
                change.tell("payment-seen", told(payment), None, **columns)
        return
    with history.edit(ctx, ticket) as change:
        for kind in kinds:
            change.tell(kind, told(payment), None, **columns)


def told(payment: Payment) -> dict[str, object]:
    """What histories keep of a payment."""
    return {
        "payment": payment.reference,
        "provider": payment.provider,
        "price": payment.received_minor or payment.amount_minor,
        "refunded": payment.refunded_minor,
        "currency": payment.currency,
    }


def _go_on(ctx: Context, payment: Payment) -> None:
    """Queue what is to be asked next: to take the money, to pay back, or to look again."""
    if payment.step == PaymentStep.APPROVED:
        asking.ask(ctx, payment, asking.CAPTURE, ctx.now)
        return
    if payment.step in COUNTS:
        asked = [row for row in payments.refunds_of(ctx.session, payment) if row.state == "asked"]
        if asked:
            asking.ask(ctx, payment, asking.REFUND, ctx.now, asked[0])
            return
    asking.look_again(ctx, payment)


def fail_refund(ctx: Context, payment: Payment, refund_id: int | None, problem: str) -> None:
    """A provider has refused a refund for good: a manager sees why."""
    row = ctx.session.get_one(PaymentRefund, refund_id)
    row.state, row.problem = "failed", problem
    ctx.session.flush()
    ticket = tickets.lock_by_id(ctx.session, payment.ticket_id)
    with history.edit(ctx, ticket) as change:
        change.tell("refund-failed", {**told(payment), "price": row.amount_minor})
    _go_on(ctx, payment)
