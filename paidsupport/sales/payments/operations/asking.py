"""What a worker is to ask a provider about a payment: queued in the transaction that wants it."""

from __future__ import annotations

from datetime import datetime, timedelta

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.sales.payments.rules import UNDER_WAY, PaymentStep
from paidsupport.sales.payments.tables import Payment, PaymentRefund, PaymentTask, queued_of

BEGIN, LOOK, CAPTURE, REFUND = "begin", "look", "capture", "refund"
#: How long after a payment was begun it is looked at how often, while the customer can pay.
_PAUSES = (
    (timedelta(minutes=10), timedelta(seconds=15)),
    (timedelta(hours=1), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=15)),
)
#: After that, and for what a provider may still take back once it has come.
_SELDOM = timedelta(hours=6)
#: How long it is looked at, after it was begun.
_LAST = timedelta(days=180)
_DAILY = timedelta(days=1)


def ask(
    ctx: Context, payment: Payment, what: str, due_at: datetime, refund: PaymentRefund | None = None
) -> None:
    """Queue one thing to ask about a payment whose ticket is locked.

    Only one waits at a time. A look that waits gives way to anything else, and is brought forward by a look
    that is due sooner; whatever else waits is followed by a look anyway.
    """
    waits = queued_of(ctx.session, payment.id)
    if waits is None:
        row = PaymentTask(
            reference=new_reference(),
            payment_id=payment.id,
            ticket_id=payment.ticket_id,
            refund_id=refund.id if refund else None,
            what=what,
            state="queued",
            created_at=ctx.now,
            due_at=due_at,
        )
        ctx.session.add(row)
    elif waits.what == LOOK and what != LOOK:
        waits.what, waits.refund_id = what, refund.id if refund else None
        waits.due_at, waits.attempts = due_at, 0
    else:
        waits.due_at = min(waits.due_at, due_at)
    ctx.session.flush()


def look_again(ctx: Context, payment: Payment) -> None:
    """Queue the next look at a payment that may still change, if there is one."""
    age = ctx.now - payment.noted_at
    if age > _LAST or payment.step in {PaymentStep.ENDED, PaymentStep.REVERSED}:
        return
    if payment.step in UNDER_WAY:
        pause = next((pause for until, pause in _PAUSES if age < until), _SELDOM)
    else:
        # it has come: a provider that takes it back says so, and this is for when that got lost
        pause = max(_DAILY, age)
    ask(ctx, payment, LOOK, ctx.now + pause)
