"""Bringing the desk in line with what a provider says of a payment: the one place where money counts (P16).

A truth is whole, so it does not matter which came before it, and the same one twice changes nothing. All of
it happens under the lock of the ticket.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.edit import Change
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.kernel.money import MOST_MINOR, Money
from paidsupport.sales.payments import queries
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.fitting import fitted, is_fit
from paidsupport.sales.payments.hooks import SUMMED
from paidsupport.sales.payments.operations import asking, configured, receipts, telling
from paidsupport.sales.payments.providers import Known, Refund, Truth
from paidsupport.sales.payments.rules import COUNTS, PaymentStep, Sums, summed
from paidsupport.sales.payments.tables import Payment, PaymentRefund
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history
from paidsupport.tickets.operations.payment import is_off
from paidsupport.tickets.tables import Ticket

_INSERT = insert(Base.metadata.tables[Payment.__tablename__])
#: Payments of one statement.
_BATCH = 500
_UNDONE = storable(_("The provider hasn't paid this refund out."))
_TAKEN = storable(_("The provider has taken the whole payment back."))
_MORE_BACK = storable(_("The provider says that more was paid back than came."))
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


def settle(
    ctx: Context, payment_id: int, truth: Truth, *, asked: tuple[str, int | None] = ("", None)
) -> Payment:
    """Take over how a payment stands at its provider, and queue what is to be done next.

    Args:
        ctx: The clock, or the person who brought the truth.
        payment_id: The payment.
        truth: The whole of what the provider knows of it.
        asked: What it answers, and the id of the refund, if that was asked for.
    """
    ticket, payment = locked(ctx, payment_id)
    if truth.step is None:
        late = payment.until is not None and payment.until < ctx.now
        if payment.step == PaymentStep.BEGINNING and not late:
            if asked[0] == asking.BEGIN:
                asking.look_later(ctx, payment, *asked)
            else:
                asking.ask(ctx, payment, asking.BEGIN, ctx.now)
            return payment
        if payment.step not in {PaymentStep.BEGINNING, PaymentStep.OPEN} or not late:
            # it knew this once: whatever has come stays as it is
            asking.look_again(ctx, payment)
            return payment
        truth = Truth(PaymentStep.ENDED)
    before = _Before(payment.step, payment.received_minor, payment.refunded_minor)
    is_new = payment.received_on is None
    if not truth.same:
        done, failed = _take_over(ctx, ticket, payment, truth)
        _tell(ctx, ticket, payment, before, failed)
        if is_new and payment.step == PaymentStep.RECEIVED:
            receipts.send(ctx, ticket, payment)
        for row in done:
            telling.tell_refund(ctx, ticket, payment, row)
    _go_on(ctx, ticket, payment, asked)
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
    return _columns(sums_of(ctx, ticket))


def sums_of(ctx: Context, ticket: Ticket) -> Sums:
    """The sums over the payments of a ticket."""
    return summed(
        (row.step, row.received_minor, row.refunded_minor) for row in payments.of(ctx.session, ticket)
    )


@dataclass(frozen=True, slots=True)
class Arrival:
    """Money that came by itself, without a payment that was begun.

    Attributes:
        ticket: The id of the ticket that it is for.
        provider: Where it came.
        reference: The name of it there, under which it counts once.
        amount: What came, in the currency of the ticket.
        on: When.
    """

    ticket: int
    provider: str
    reference: str
    amount: Money
    on: date


def arrived(
    ctx: Context,
    locked: Mapping[int, Ticket],
    arrivals: Sequence[Arrival],
    *,
    by: str = "",
    change: Change[Context, Ticket] | None = None,
) -> list[int]:
    """Take in many payments at once, for tickets that are locked: few statements, however many there are.

    Args:
        ctx: The clock, or the person who brought them.
        locked: The tickets, by id.
        arrivals: What came.
        by: The name of the person who assigned them; empty: the desk did.
        change: The change of the only ticket, if a form wants it.

    Returns:
        The ids of the payments, in the same order.
    """
    rows = [_arrival(ctx, each, by) for each in arrivals]
    for start in range(0, len(rows), _BATCH):
        write(ctx.session, _INSERT, rows[start : start + _BATCH])
    kind = "payment-assigned" if by else "payment-received"
    lines = [(locked[each.ticket], _told_of(each)) for each in arrivals]
    if change is not None:
        change.tell_each(kind, lines)
    else:
        history.TICKETS.write_lines(ctx, kind, [(ticket, data, {}) for ticket, data in lines])
    _resum_all(ctx, {each.ticket: locked[each.ticket] for each in arrivals})
    names = {(each.provider, each.reference) for each in arrivals}
    ids = queries.ids_of(ctx.session, names)
    return [ids[each.provider, each.reference] for each in arrivals]


def _arrival(ctx: Context, arrival: Arrival, by: str) -> dict[str, object]:
    """The columns of a payment that came by itself; all others have their defaults."""
    return {
        "ticket_id": arrival.ticket,
        "provider": arrival.provider,
        "reference": arrival.reference,
        "amount_minor": arrival.amount.minor,
        "currency": arrival.amount.currency,
        "step": PaymentStep.RECEIVED,
        "received_minor": arrival.amount.minor,
        "received_on": arrival.on,
        "payee": "",
        "noted_by": by,
        "noted_at": ctx.now,
    }


def _told_of(arrival: Arrival) -> dict[str, object]:
    """As `told`, of a payment that came by itself."""
    return {
        "payment": arrival.reference,
        "provider": arrival.provider,
        "price": arrival.amount.minor,
        "refunded": 0,
        "currency": arrival.amount.currency,
    }


def _resum_all(ctx: Context, changed: Mapping[int, Ticket]) -> None:
    """Write the sums of many locked tickets, with the ends of their histories."""
    came: dict[int, list[tuple[str, int, int]]] = {}
    for id_, step, received, refunded in queries.sums(ctx.session, list(changed)):
        came.setdefault(id_, []).append((step, received, refunded))
    rows = [
        {
            "read_id": id_,
            "read_version": ticket.version,
            **history.TICKETS.head(ticket),
            **_columns(summed(came.get(id_, ()))),
        }
        for id_, ticket in sorted(changed.items())
    ]
    tickets.change_all(ctx.session, rows)
    for id_, each in changed.items():
        for name, value in _columns(summed(came.get(id_, ()))).items():
            set_committed_value(each, name, value)
    ctx.services.hooks.call(SUMMED, ctx, list(changed.values()))


def _columns(sums: Sums) -> dict[str, object]:
    return {"paid_minor": sums.kept, "refunded_minor": sums.refunded, "payment_mark": sums.mark}


def known(ctx: Context, payment: Payment, *, summary: str, code: str, language: str, back: str) -> Known:
    """What a provider may be told of a payment."""
    total = 0
    refunds = []
    # what is only asked for comes on top of all that was paid back, whenever that was
    rows = payments.refunds_of(ctx.session, payment)
    for row in sorted(rows, key=lambda row: (row.state == "asked", row.id)):
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


def _take_over(
    ctx: Context, ticket: Ticket, payment: Payment, truth: Truth
) -> tuple[list[PaymentRefund], list[PaymentRefund]]:
    """Take over a truth; returns the refunds that were carried out, and those that were not after all."""
    fit = is_fit(truth, payment.currency) and _is_its_own(ctx, payment, truth)
    if fit:
        others = sum(row.received_minor for row in payments.of(ctx.session, ticket) if row.id != payment.id)
        fit = others + (truth.received.minor if truth.received else 0) <= MOST_MINOR
    truth = fitted(truth)
    for name in ("remote", "capture", "version"):
        if (given := getattr(truth, name)) and fit:
            setattr(payment, name, given)
    payment.address, payment.uri = truth.address, truth.uri
    payment.step, payment.problem = str(truth.step), truth.problem
    if not fit:
        payment.step, payment.received_minor, payment.refunded_minor = PaymentStep.STRANGE, 0, 0
        _forget_for(ticket, payment)
        ctx.session.flush()
        return [], []
    if payment.step in COUNTS and payment.received_on is None:
        payment.received_on = ctx.today
    done, failed = _take_over_refunds(ctx, payment, truth)
    rows = payments.refunds_of(ctx.session, payment)
    back = sum(row.amount_minor for row in rows if row.state == "done")
    received = truth.received.minor if truth.received else 0
    if payment.step == PaymentStep.REVERSED and not truth.received:
        received = payment.received_minor  # it counts no more, and what had come stays to be read
    if back > received:
        payment.step, payment.problem = PaymentStep.STRANGE, _MORE_BACK
        received = back = 0
    payment.received_minor, payment.refunded_minor = received, back
    _forget_for(ticket, payment)
    ctx.session.flush()
    return done, failed


def _is_its_own(ctx: Context, payment: Payment, truth: Truth) -> bool:
    """Whether the provider's name of this payment is not that of another one."""
    if truth.remote in {"", payment.remote}:
        return True
    other = queries.by_names(ctx.session, payment.provider, "", truth.remote)
    return other is None or other.id == payment.id


def _forget_for(ticket: Ticket, payment: Payment) -> None:
    """Keep nothing personal of a customer who was erased."""
    if ticket.erased_at is not None:
        payment.address = payment.uri = payment.problem = ""


def _take_over_refunds(
    ctx: Context, payment: Payment, truth: Truth
) -> tuple[list[PaymentRefund], list[PaymentRefund]]:
    """Take over what was paid back; returns that, and what was not although it was said or asked for."""
    done = []
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
            done.append(row)
        row.amount_minor = amount.minor
    failed = []
    by_hand = configured.is_by_hand(ctx.services, payment.provider)
    for reference, row in rows.items():
        if reference in truth.refunds:
            continue
        if reference in truth.pending:
            row.state, row.done_at = "pending", None
        elif row.state in {"pending", "done"} and payment.step != PaymentStep.REVERSED and not by_hand:
            # the provider undid it, which it does when the money cannot be paid out
            row.state, row.done_at, row.problem = "failed", None, _UNDONE
            failed.append(row)
        elif row.state == "asked" and payment.step == PaymentStep.REVERSED:
            row.state, row.problem = "failed", _TAKEN
            failed.append(row)
    ctx.session.flush()
    return done, failed


def _tell(
    ctx: Context, ticket: Ticket, payment: Payment, before: _Before, failed: list[PaymentRefund]
) -> None:
    columns = resum(ctx, ticket)
    changed = any(getattr(ticket, name) != value for name, value in columns.items())
    for row in failed:
        with history.edit(ctx, ticket) as change:
            change.tell("refund-failed", {**told(payment), "price": row.amount_minor})
    kinds = []
    if payment.step != before.step or (payment.step in COUNTS and payment.received_minor != before.received):
        kinds += [_TOLD[PaymentStep(payment.step)]] if payment.step in _TOLD else []
    if payment.refunded_minor != before.refunded:
        kinds.append("payment-refunded")
    if changed and not kinds:
        kinds.append("payment-seen")
    if kinds:
        with history.edit(ctx, ticket) as change:
            for kind in kinds:
                change.tell(kind, told(payment), None, **columns)
    if changed:
        agree(ctx, ticket)


def agree(ctx: Context, ticket: Ticket) -> None:
    """Let all that shows money hear that the sums of a ticket have changed and are written."""
    ctx.services.hooks.call(SUMMED, ctx, [ticket])


def told(payment: Payment) -> dict[str, object]:
    """What histories keep of a payment."""
    return {
        "payment": payment.reference,
        "provider": payment.provider,
        "price": payment.received_minor or payment.amount_minor,
        "refunded": payment.refunded_minor,
        "currency": payment.currency,
    }


def _go_on(
    ctx: Context, ticket: Ticket, payment: Payment, asked: tuple[str, int | None] = ("", None)
) -> None:
    """Queue what is to be asked next: to take the money, to pay back, or to look again.

    What was asked just now and is still to be done is not asked again before a later look. For an order that
    was withdrawn meanwhile, no money is taken: it would only have to be paid back.
    """
    if configured.is_by_hand(ctx.services, payment.provider):
        return
    if payment.step == PaymentStep.APPROVED and not is_off(ctx, ticket):
        if asked[0] == asking.CAPTURE:
            asking.look_later(ctx, payment, *asked)
        else:
            asking.ask(ctx, payment, asking.CAPTURE, ctx.now)
        return
    if payment.step in COUNTS:
        waiting = [row for row in payments.refunds_of(ctx.session, payment) if row.state == "asked"]
        if any((asking.REFUND, row.id) == asked for row in waiting):
            asking.look_later(ctx, payment, *asked)
            return
        if waiting:
            # one that is asked for in vain does not keep the others
            vain = {
                row.id: queries.in_vain(ctx.session, payment.id, asking.REFUND, row.id) for row in waiting
            }
            first = min(waiting, key=lambda row: (vain[row.id], row.id))
            asking.ask(ctx, payment, asking.REFUND, ctx.now, first)
            return
    asking.look_again(ctx, payment)


def fail_refund(ctx: Context, payment: Payment, refund_id: int | None, problem: str) -> None:
    """A provider has refused a refund for good: a manager sees why."""
    ticket = tickets.lock_by_id(ctx.session, payment.ticket_id)
    row = ctx.session.get_one(PaymentRefund, refund_id, populate_existing=True)
    if row.state != "asked":
        return  # it has been carried out meanwhile
    row.state, row.problem = "failed", "" if ticket.erased_at else problem
    ctx.session.flush()
    with history.edit(ctx, ticket) as change:
        change.tell("refund-failed", {**told(payment), "price": row.amount_minor})
    _go_on(ctx, ticket, payment)
    # before a manager asks for it again under another name, it is seen whether it was done after all
    asking.ask(ctx, payment, asking.LOOK, ctx.now)
