"""Payments of tickets, and refunds."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from paidsupport.connect.api.declaring import get, post
from paidsupport.connect.api.models import Answer, Moment, Sent
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import beginning, direct, refunds
from paidsupport.sales.payments.tables import Payment, PaymentRefund
from paidsupport.tickets.queries.tickets import by_code

TAG = "Payments"


class PaymentTold(Answer):
    """A payment; amounts are in the smallest unit of its currency."""

    reference: Annotated[str, Field(description="Our name of it, also at its provider.")]
    provider: Annotated[str, Field(description="`direct`: the developer is paid; `invoice`: noted there.")]
    step: Annotated[str, Field(description="How far it is, like `open`, `said`, `received` or `ended`.")]
    currency: str
    amount: Annotated[int, Field(description="What is to be paid.")]
    received: Annotated[int, Field(description="What came.")]
    refunded: Annotated[int, Field(description="What of that was paid back.")]
    received_on: date | None
    payee: Annotated[str | None, Field(description="The developer who receives it; null: the desk.")]
    noted_by: Annotated[str | None, Field(description="Null: the customer began it, or the desk found it.")]
    noted_at: Moment
    test: Annotated[bool, Field(description="Whether no real money moves.")]


class RefundTold(Answer):
    """A refund."""

    reference: str
    amount: int
    state: Annotated[str, Field(description="`asked`, `pending`, `done` or `failed`.")]
    reason: str
    asked_by: Annotated[str | None, Field(description="Null: the provider did it by itself.")]
    asked_at: Moment
    done_at: Moment | None


class RefundsTold(Answer):
    """The refunds of a payment."""

    payment: PaymentTold
    refunds: list[RefundTold]
    left: Annotated[int, Field(description="What can still be refunded.")]
    against: Annotated[str, Field(description="Why it cannot be refunded now, if that is so.")]
    by_hand: Annotated[bool, Field(description="Whether people pay it back: then `day` says when.")]


class Received(Sent):
    """When the money came."""

    day: Annotated[str, Field(description="A day like `2034-03-14`.")]


class RefundSent(Sent):
    """What to pay back."""

    amount: Annotated[str, Field(description="In the currency of the payment, like `20` or `19.50`.")]
    reason: Annotated[str, Field(description="The customer may read it.")]
    day: Annotated[str, Field(description="When it was paid back, if people do that.")] = ""


@get("/tickets/<code>/payments")
def list_payments(ctx: Context, code: str) -> list[PaymentTold]:
    """List the payments of a ticket, the oldest first.

    How the ticket stands is in the `payment` of the ticket itself.
    """
    rows = payments.of(ctx.session, by_code(ctx.session, code))
    return [_told(row) for row in rows]


@post("/tickets/<code>/payments", status=201)
def note_payment(ctx: Context, code: str, body: Received, key: str) -> PaymentTold:
    """Note that everything open was paid to the developer, or confirm what the customer says."""
    return _told(direct.note(ctx, code, body.day, key=key))


@post("/tickets/<code>/payments/<reference>/undo")
def undo_payment(ctx: Context, code: str, reference: str, key: str) -> PaymentTold:
    """Take back a payment that was noted by mistake."""
    return _told(direct.undo(ctx, code, reference, key=key))


@post("/tickets/<code>/payments/<reference>/missing")
def deny_payment(ctx: Context, code: str, reference: str, key: str) -> PaymentTold:
    """Answer that what the customer says they have paid has not arrived."""
    return _told(direct.deny(ctx, code, reference, key=key))


@post("/tickets/<code>/payments/<reference>/look")
def look_at_payment(ctx: Context, code: str, reference: str, key: str) -> PaymentTold:
    """Have the provider of a payment asked now how far it is; not more often than a person may."""
    del key
    return _told(beginning.look_now(ctx, by_code(ctx.session, code), reference))


@get("/tickets/<code>/payments/<reference>/refunds")
def list_refunds(ctx: Context, code: str, reference: str) -> RefundsTold:
    """List what was refunded of a payment. For managers."""
    return _refunds(ctx, code, reference)


@post("/tickets/<code>/payments/<reference>/refunds", scope=Scope.MANAGE, status=201)
def refund_payment(ctx: Context, code: str, reference: str, body: RefundSent, key: str) -> RefundsTold:
    """Pay back a payment in whole or in part."""
    refunds.ask(ctx, code, reference, body.amount, body.reason, day=body.day, key=key)
    return _refunds(ctx, code, reference)


def _told(row: Payment) -> PaymentTold:
    names = ("reference", "provider", "step", "currency", "received_on", "noted_at", "test")
    told: dict[str, Any] = {name: getattr(row, name) for name in names}
    told |= {name: getattr(row, f"{name}_minor") for name in ("amount", "received", "refunded")}
    told |= {"payee": row.payee or None, "noted_by": row.noted_by or None}
    return PaymentTold.model_validate(told)


def _refunds(ctx: Context, code: str, reference: str) -> RefundsTold:
    ctx.session.flush()
    found = refunds.shown(ctx, code, reference)
    return RefundsTold(
        payment=_told(found.payment),
        refunds=[_refund(row) for row in found.refunds],
        left=found.left.minor,
        against=str(found.against),
        by_hand=found.by_hand,
    )


def _refund(row: PaymentRefund) -> RefundTold:
    names = ("reference", "state", "reason", "asked_at", "done_at")
    told: dict[str, Any] = {name: getattr(row, name) for name in names}
    told |= {"amount": row.amount_minor, "asked_by": row.asked_by or None}
    return RefundTold.model_validate(told)
