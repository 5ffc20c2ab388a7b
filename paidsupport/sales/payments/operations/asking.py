"""What a worker is to ask a provider about a payment: queued in the transaction that wants it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.sales.payments import queries
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.rules import UNDER_WAY, PaymentStep
from paidsupport.sales.payments.tables import Payment, PaymentRefund, PaymentTask, queued_of

#: Kept of a payment that can't be asked about; here, because pages say it as well.
GONE = storable(_("This provider is not set up any more."))
BEGIN, LOOK, CAPTURE, REFUND = "begin", "look", "capture", "refund"
#: How long after a payment was begun, or a refund was asked for, it is looked at how often.
_PAUSES = (
    (timedelta(minutes=10), timedelta(seconds=15)),
    (timedelta(hours=1), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=15)),
)
#: After that, and for what a provider may still take back once it has come.
_SELDOM = timedelta(hours=6)
#: How long it is looked at, after it was begun.
LASTS = timedelta(days=180)
_DAILY = timedelta(days=1)
#: After a day, a refund that the provider has accepted and not carried out.
_HOURLY = timedelta(hours=1)
#: How long a provider is left alone after each answer in a row that did not come, or was a refusal.
_BREAKS = tuple(timedelta(seconds=s) for s in (5, 15, 60, 120, 300, 600, 1800, 3600))


def ask(
    ctx: Context, payment: Payment, what: str, due_at: datetime, refund: PaymentRefund | None = None
) -> None:
    """Queue one thing to ask about a payment whose ticket is locked.

    Only one waits at a time. A look that waits gives way to anything else, and is brought forward by a look
    that is due sooner; whatever else waits is followed by a look anyway.
    """
    ctx.session.flush()
    refund_id = refund.id if refund else None
    if (waits := queued_of(ctx.session, payment.id)) is not None:
        sooner: dict[str, object] = {"due_at": min(waits.due_at, due_at)}
        if waits.what == LOOK and what != LOOK:
            sooner = {"what": what, "refund_id": refund_id, "due_at": due_at, "attempts": 0}
        # a worker may be taking it: then it does not wait any more, and this is asked after it
        still = update(PaymentTask).where(PaymentTask.id == waits.id, PaymentTask.state == "queued")
        if changed(ctx.session, still.values(**sooner)):
            return
    row = PaymentTask(
        reference=new_reference(),
        payment_id=payment.id,
        ticket_id=payment.ticket_id,
        refund_id=refund_id,
        what=what,
        state="queued",
        created_at=ctx.now,
        due_at=due_at,
    )
    ctx.session.add(row)
    ctx.session.flush()


def look_later(ctx: Context, payment: Payment, what: str, refund_id: int | None = None) -> None:
    """Queue a look after something was asked in vain: later each time, while that goes on."""
    count = queries.in_vain(ctx.session, payment.id, what, refund_id)
    ask(ctx, payment, LOOK, ctx.now + _BREAKS[min(max(count, 1), len(_BREAKS)) - 1])


def look_again(ctx: Context, payment: Payment) -> None:
    """Queue the next look at a payment that may still change, if there is one."""
    if payment.step in {PaymentStep.ENDED, PaymentStep.REVERSED}:
        # what waits to be begun, captured or refunded has nothing left to do but to look
        waits = PaymentTask.payment_id == payment.id, PaymentTask.state == "queued", PaymentTask.what != LOOK
        changed(ctx.session, update(PaymentTask).where(*waits).values(what=LOOK, refund_id=None, attempts=0))
    age = ctx.now - payment.noted_at
    refunds = payments.refunds_of(ctx.session, payment)
    if asked := [row.asked_at for row in refunds if row.state == "pending"]:
        ask(ctx, payment, LOOK, ctx.now + _pause(ctx.now - max(asked), _HOURLY))
        return
    if age > LASTS or payment.step in {PaymentStep.ENDED, PaymentStep.REVERSED}:
        return
    # when it has come, a provider that takes it back says so, and this is for when that got lost
    pause = _pause(age, _SELDOM) if payment.step in UNDER_WAY else max(_DAILY, age)
    ask(ctx, payment, LOOK, ctx.now + pause)


def _pause(age: timedelta, after: timedelta) -> timedelta:
    """How long to wait with the next look at what may change any moment, or after a day only `after` that."""
    return next((pause for until, pause in _PAUSES if age < until), after)
