"""Invariants of bank lines: each that is matched is one payment, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqlalchemy import or_, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant
from paidsupport.sales.payments.bank.kind import BANK
from paidsupport.sales.payments.bank.rules.matching import LineState
from paidsupport.sales.payments.bank.tables import BankLine
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import Payment


@invariant("every bank line that is matched is one payment")
def lines_are_payments(ctx: Context) -> Iterator[str]:
    """A matched line has a payment of the same amount, which counts; every payment by transfer has a line."""
    wanted = (
        select(BankLine, Payment)
        .outerjoin(Payment, Payment.id == BankLine.payment_id)
        .where(or_(BankLine.state == LineState.MATCHED, BankLine.payment_id.is_not(None)))
    )
    for row in ctx.session.execute(wanted.order_by(BankLine.id)):
        line, payment = row[0], cast("Payment | None", row[1])
        if payment is None:
            yield f"bank line {line.key[:12]}: it is matched and has no payment"
            continue
        same = (payment.provider, payment.received_minor, payment.currency) == (
            *(BANK, line.amount_minor if line.state == LineState.MATCHED else payment.received_minor),
            line.currency,
        )
        if not same:
            yield f"bank line {line.key[:12]}: its payment is another amount"
        counts = payment.undone_at is None and payment.step != PaymentStep.REVERSED
        if counts != (line.state == LineState.MATCHED):
            yield f"bank line {line.key[:12]}: its state and its payment disagree"
    lines = select(BankLine.id).where(BankLine.payment_id == Payment.id)
    alone = select(Payment.reference).where(
        Payment.provider == BANK, Payment.undone_at.is_(None), ~lines.exists()
    )
    for reference in ctx.session.scalars(alone.order_by(Payment.id)):
        yield f"payment {reference}: no bank line says that it came"
