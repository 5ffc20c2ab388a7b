"""What a customer pays to their developer: they can say that they have; the owner or a manager records it.

The amount is never typed: it is all that is open when the first of them says so. The customer's word counts
nothing until it is confirmed. An order with an invoice is paid by that invoice.
"""

from __future__ import annotations

from datetime import date

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import settling
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import DIRECT, Payment
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.hooks import Received
from paidsupport.tickets.operations import history
from paidsupport.tickets.operations.payment import payment_of
from paidsupport.tickets.queries.tickets import holder_name
from paidsupport.tickets.tables import Ticket

_NOT_YOURS = _("Only the owner or a manager can note payments.")
_BILLED = _("An invoice asks for this. Mark the invoice as paid.")
_TO_BE_BILLED = _("This is paid by invoice. Write the invoice first.")
_BEFOREHAND = _("This is paid to the desk before the work begins, not to its developer.")
_NOTHING = _("Nothing is open: all of it has been paid.")
_NOT_NOTED = _("This payment wasn't noted by hand. Refund it instead.")
_NOT_DIRECT = _("This isn't paid to a developer directly.")
_DECIDED = _("This payment has been confirmed meanwhile.")
_NO_DEVELOPER = _("This ticket has no owner whom the customer could have paid. Claim it first.")


def may_note(ctx: Context, ticket: Ticket) -> bool:
    """Whether this person can record payments."""
    return ctx.by.is_manager or (ctx.by.id is not None and ctx.by.id == ticket.owner_id)


def say(ctx: Context, ticket: Ticket, *, key: str) -> Payment:
    """The customer says that they have paid everything open; said twice, it is one payment.

    Raises:
        TransitionRefusedError: Nothing is to be paid now, or not to a developer.
        KeyReusedError: The form was sent with other content.
    """
    ticket = tickets.lock_by_id(ctx.session, ticket.id)
    with history.edit(ctx, ticket, key=key, content=("said paid", ticket.code)) as change:
        if change.repeated:
            return payments.find(ctx.session, ticket, change.earlier["payment"])
        if (earlier := _said(ctx, ticket)) is not None:
            change.nothing_new()
            return earlier
        name = holder_name(ctx.session, ticket)
        found = payment_of(ctx, ticket, name, HowToPay())
        if found is None or not found.owed or ticket.erased_at is not None:
            raise TransitionRefusedError(ticket.code, [_NOTHING])
        if not found.name:
            raise TransitionRefusedError(ticket.code, [_NOT_DIRECT])
        row = _new(ctx, ticket, found.open.minor, name)
        row.step = PaymentStep.SAID
        ctx.session.add(row)
        change.tell("payment-said", _told(row), None, **settling.resum(ctx, ticket))
    return row


def note(ctx: Context, code: str, day: str, *, key: str) -> Payment:
    """Record that everything open was paid on a day, or confirm what the customer says that they have paid.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: At `day`.
        TransitionRefusedError: It is for the owner or a manager; or nothing is open, there is an invoice, or
            no developer could have been paid.
        KeyReusedError: The form was sent with another day.
    """
    ticket = tickets.lock(ctx.session, code)
    with history.edit(ctx, ticket, key=key, content=("payment", code, day)) as change:
        if change.repeated:
            return payments.find(ctx.session, ticket, change.earlier["payment"])
        _refuse_others(ctx, ticket)
        said, name = _said(ctx, ticket), holder_name(ctx.session, ticket)
        found = payment_of(ctx, ticket, name, HowToPay())
        if found is None or not found.open.minor:
            raise TransitionRefusedError(code, [_NOTHING])
        if not found.direct:
            desk = _BEFOREHAND if found.payee == Payee.BEFORE else _TO_BE_BILLED
            raise TransitionRefusedError(code, [_BILLED if found.bill else desk])
        if said is None and not name:
            raise TransitionRefusedError(code, [_NO_DEVELOPER])
        row = said or _new(ctx, ticket, found.open.minor, name)
        row.step, row.received_minor, row.received_on = (
            PaymentStep.RECEIVED,
            row.amount_minor,
            _day(ctx, day),
        )
        row.noted_by, row.noted_at = ctx.by.name, ctx.now
        ctx.session.add(row)
        change.tell("payment-noted", _told(row), None, **settling.resum(ctx, ticket))
    return row


def deny(ctx: Context, code: str, reference: str, *, key: str) -> Payment:
    """Answer that what the customer says they have paid has not arrived: it is due again, and they see why.

    Raises:
        NotFoundError: There is no such ticket or payment.
        TransitionRefusedError: It is for the owner or a manager; or it was confirmed meanwhile.
        KeyReusedError: The form was sent with other content.
    """
    ticket = tickets.lock(ctx.session, code)
    row = payments.find(ctx.session, ticket, reference)
    with history.edit(ctx, ticket, key=key, content=("payment missing", reference)) as change:
        if change.repeated:
            return row
        _refuse_others(ctx, ticket)
        if row.provider != DIRECT or row.step not in {PaymentStep.SAID, PaymentStep.ENDED}:
            raise TransitionRefusedError(code, [_DECIDED])
        if row.step == PaymentStep.ENDED:
            change.nothing_new()
            return row
        row.step, row.noted_by, row.noted_at = PaymentStep.ENDED, ctx.by.name, ctx.now
        change.tell("payment-missing", _told(row), None, **settling.resum(ctx, ticket))
    return row


def undo(ctx: Context, code: str, reference: str, *, key: str) -> Payment:
    """Undo a payment that was recorded by mistake.

    Raises:
        NotFoundError: There is no such ticket or payment.
        TransitionRefusedError: It is for the owner or a manager.
        KeyReusedError: The form was sent with other content.
    """
    ticket = tickets.lock(ctx.session, code)
    row = payments.find(ctx.session, ticket, reference)
    with history.edit(ctx, ticket, key=key, content=("undo payment", reference)) as change:
        if change.repeated:
            return row
        _refuse_others(ctx, ticket)
        if row.provider != DIRECT:
            raise TransitionRefusedError(code, [_NOT_NOTED])
        if row.undone_at is not None:
            change.nothing_new()
            return row
        row.undone_at = ctx.now
        change.tell("payment-undone", _told(row), None, **settling.resum(ctx, ticket))
    return row


def received(ctx: Context, ticket: Ticket) -> Received | None:
    """What was received for a ticket, or is said to be: one query."""
    return summed(payments.of(ctx.session, ticket))


def summed(rows: list[Payment]) -> Received | None:
    """The sum of those of these payments that went to a developer, and what the customer says of them."""
    theirs = [row for row in rows if row.provider == DIRECT]
    if not theirs:
        return None
    came = [(row, row.received_on) for row in theirs if row.received_on]
    said = next((row for row in theirs if row.step == PaymentStep.SAID), None)
    return Received(
        sum(row.received_minor for row, _day in came),
        max((day for _row, day in came), default=None),
        (said or (came[-1][0] if came else theirs[-1])).payee,
        said=said.amount_minor if said else 0,
        said_at=said.noted_at if said else None,
        missed=theirs[-1].step == PaymentStep.ENDED,
    )


def _said(ctx: Context, ticket: Ticket) -> Payment | None:
    """What the customer says that they have paid, while it is not decided."""
    rows = payments.of(ctx.session, ticket)
    return next((row for row in rows if row.provider == DIRECT and row.step == PaymentStep.SAID), None)


def _new(ctx: Context, ticket: Ticket, minor: int, payee: str) -> Payment:
    return Payment(
        ticket_id=ticket.id,
        provider=DIRECT,
        reference=new_reference(),
        amount_minor=minor,
        currency=ticket.currency,
        payee=payee,
        noted_by="",
        noted_at=ctx.now,
    )


def _refuse_others(ctx: Context, ticket: Ticket) -> None:
    if not may_note(ctx, ticket):
        raise TransitionRefusedError(ticket.code, [_NOT_YOURS])


def _day(ctx: Context, typed: str) -> date:
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise InvalidInputError({"day": [_("Enter the day on which it arrived.")]}) from None
    if day > ctx.today:
        raise InvalidInputError({"day": [_("Enter a day that is not in the future.")]})
    return day


def _told(row: Payment) -> dict[str, object]:
    return {
        "payment": row.reference,
        "price": row.amount_minor,
        "currency": row.currency,
        "on": row.received_on.isoformat() if row.received_on else "",
    }
