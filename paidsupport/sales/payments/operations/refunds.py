"""Managers pay back what came, in whole or in part; a worker asks the provider to do it (P16).

Never more is asked for than came and is not on its way back: that is weighed under the lock of the ticket.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import (
    InvalidInputError,
    ManagersOnlyError,
    NotFoundError,
    TransitionRefusedError,
    for_managers,
)
from paidsupport.kernel.i18n.languages import spoken
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money, parse
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import asking, configured, settling, telling
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import BY_INVOICE, DIRECT, Payment, PaymentRefund
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history
from paidsupport.tickets.queries.tickets import by_code
from paidsupport.tickets.vault.operations.quotes import refuse_quotes

_FOR_MANAGERS = for_managers(_("Only a manager can refund payments."))
_THEIRS = _("The developer received this money, and pays it back.")
_DISPUTED = _("The customer disputes this payment at the provider. Settle it there.")
_INVOICE = _("Invoice")
_NOTHING = _("Nothing of this payment is left to refund.")


def is_by_hand(ctx: Context, payment: Payment) -> bool:
    """Whether people pay it back, because it came without a provider that could."""
    return configured.is_by_hand(ctx.services, payment.provider)


def left(ctx: Context, payment: Payment) -> Money:
    """What can still be refunded of a payment: what came, without what was or is to be paid back."""
    asked = sum(
        row.amount_minor for row in payments.refunds_of(ctx.session, payment) if row.state != "failed"
    )
    return Money(max(0, payment.received_minor - asked), payment.currency)


def against(ctx: Context, payment: Payment) -> str:
    """Why a payment cannot be refunded now, in a sentence; empty if it can."""
    if payment.provider == DIRECT:
        return _THEIRS
    if payment.step == PaymentStep.DISPUTED:
        return _DISPUTED
    if payment.step != PaymentStep.RECEIVED or not left(ctx, payment).minor:
        return _NOTHING
    return ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A payment and its refunds, as managers see them.

    Attributes:
        payment: The payment.
        refunds: What was asked for or done, oldest first.
        left: What can still be refunded.
        against: Why nothing can be refunded now, in a sentence; empty if it can.
        by_hand: Whether people pay it back.
        provider: What its provider is called.
    """

    payment: Payment
    refunds: list[PaymentRefund]
    left: Money
    against: str
    by_hand: bool
    provider: Message | str


def shown(ctx: Context, code: str, reference: str) -> Shown:
    """A payment and its refunds. Raises NotFoundError and ManagersOnlyError."""
    managers_only(ctx)
    payment = payments.find(ctx.session, by_code(ctx.session, code), reference)
    kind = configured.kinds(ctx.services).get(payment.provider)
    named = _INVOICE if payment.provider == BY_INVOICE else payment.provider
    return Shown(
        payment,
        payments.refunds_of(ctx.session, payment),
        left(ctx, payment),
        against(ctx, payment),
        is_by_hand(ctx, payment),
        kind.label if kind else named,
    )


def weigh(ctx: Context, code: str, reference: str, amount: str, reason: str, day: str) -> Money:
    """What would be refunded. Raises as `ask`, and changes nothing."""
    managers_only(ctx)
    ticket = by_code(ctx.session, code)
    payment = payments.find(ctx.session, ticket, reference)
    if sentence := against(ctx, payment):
        raise TransitionRefusedError(code, [sentence])
    refuse_quotes(ctx, ticket, reason)
    return checked(ctx, payment, amount, reason, day)


def ask(
    ctx: Context, code: str, reference: str, amount: str, reason: str, *, day: str = "", key: str
) -> PaymentRefund:
    """Pay back a payment in whole or in part.

    Args:
        ctx: A manager.
        code: The ticket.
        reference: The payment.
        amount: How much, as it was typed.
        reason: Why; the customer may read it.
        day: The day on which it was paid back, for what people pay back.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such ticket or payment.
        ManagersOnlyError: This person is not a manager.
        TransitionRefusedError: The developer received it, the customer disputes it, or nothing is left.
        InvalidInputError: At `amount`, `reason` or `day`.
        KeyReusedError: The form was sent with other content.
    """
    managers_only(ctx)
    ticket = tickets.lock(ctx.session, code)
    payment = payments.find(ctx.session, ticket, reference)
    with history.edit(ctx, ticket, key=key, content=("refund", reference, amount, reason, day)) as change:
        if change.repeated:
            return payments.refund(ctx.session, payment, change.earlier["refund"])
        if sentence := against(ctx, payment):
            raise TransitionRefusedError(code, [sentence])
        wanted = checked(ctx, payment, amount, reason, day)
        refuse_quotes(ctx, ticket, reason)
        said = "" if ticket.erased_at else reason.strip()
        row = _row(ctx, payment, new_reference(), wanted.minor, said)
        if is_by_hand(ctx, payment):
            _carry_out(payment, row, min(_moment(day), ctx.now))
        ctx.session.add(row)
        told = {**settling.told(payment), "price": wanted.minor, "refund": row.reference}
        kind = "payment-paid-back" if row.state == "done" else "refund-asked"
        change.tell(kind, told, None, **settling.resum(ctx, ticket))
        if row.state == "asked":
            asking.ask(ctx, payment, asking.REFUND, ctx.now, row)
        else:
            settling.agree(ctx, ticket)
            telling.tell_refund(ctx, ticket, payment, row)
    return row


def checked(ctx: Context, payment: Payment, amount: str, reason: str, day: str) -> Money:
    """The amount that was typed. Raises InvalidInputError as `ask`."""
    wrong: dict[str, list[str]] = {}
    most, wanted = left(ctx, payment), Money(0, payment.currency)
    try:
        wanted = parse(amount, payment.currency, spoken().formats.mark)
        if not 0 < wanted.minor <= most.minor:
            wrong["amount"] = [_("Enter an amount up to %(most)s: that much is left.", most=most)]
    except ValueError as error:
        wrong["amount"] = [error.args[0]]
    if not reason.strip():
        wrong["reason"] = [_("Say why it is paid back. The customer may read it.")]
    if is_by_hand(ctx, payment):
        try:
            paid_on = date.fromisoformat(day.strip())
            if paid_on > ctx.today:
                wrong["day"] = [_("Enter a day that is not in the future.")]
        except ValueError:
            wrong["day"] = [_("Enter the day on which you paid it back.")]
    if wrong:
        raise InvalidInputError(wrong)
    return wanted


def note(ctx: Context, payment: Payment, name: str, most: int) -> int:
    """Write down that people have paid back up to `most` of a payment; returns how much that is."""
    amount = min(most, left(ctx, payment).minor)
    if amount:
        row = _row(ctx, payment, name, amount, "")
        _carry_out(payment, row, ctx.now)
        ctx.session.add(row)
        ctx.session.flush()
    return amount


def managers_only(ctx: Context) -> None:
    """Raise ManagersOnlyError for staff who are not managers, and NotFoundError for all others."""
    if not ctx.by.is_person:
        raise NotFoundError
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_FOR_MANAGERS)


def _row(ctx: Context, payment: Payment, name: str, amount: int, reason: str) -> PaymentRefund:
    return PaymentRefund(
        payment_id=payment.id,
        ticket_id=payment.ticket_id,
        reference=name,
        amount_minor=amount,
        state="asked",
        reason=reason,
        asked_by=ctx.by.name,
        asked_at=ctx.now,
    )


def _carry_out(payment: Payment, row: PaymentRefund, at: datetime) -> None:
    row.state, row.done_at = "done", at
    payment.refunded_minor += row.amount_minor


def _moment(day: str) -> datetime:
    """Noon of a day: it is that day in nearly every time zone."""
    return datetime.combine(date.fromisoformat(day.strip()), time(12), UTC)
