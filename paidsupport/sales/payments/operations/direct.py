"""Recording what a customer has paid to their developer: by the owner or a manager, who can undo it.

The amount is never typed: all that is open then is recorded. An order with an invoice is paid by that
invoice.
"""

from __future__ import annotations

from datetime import date

from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import settling
from paidsupport.sales.payments.tables import DIRECT, Payment
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.hooks import Received
from paidsupport.tickets.operations import history
from paidsupport.tickets.operations.payment import PaymentState, payment_of
from paidsupport.tickets.queries.tickets import holder_name
from paidsupport.tickets.tables import Ticket

_NOT_YOURS = _("Only the owner or a manager can note payments.")
_BILLED = _("An invoice asks for this. Mark the invoice as paid.")
_TO_BE_BILLED = _("This is paid by invoice. Write the invoice first.")
_NOTHING = _("Nothing is open: all of it has been paid.")
_NOT_NOTED = _("This payment wasn't noted by hand. Refund it instead.")
_NO_DEVELOPER = _("This ticket has no owner whom the customer could have paid. Claim it first.")


def may_note(ctx: Context, ticket: Ticket) -> bool:
    """Whether this person can record payments."""
    return ctx.by.is_manager or (ctx.by.id is not None and ctx.by.id == ticket.owner_id)


def note(ctx: Context, code: str, day: str, *, key: str) -> Payment:
    """Record that everything open was paid on a day.

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
        name = holder_name(ctx.session, ticket)
        found = payment_of(ctx, ticket, name, HowToPay())
        if found is None or found.state == PaymentState.PAID:
            raise TransitionRefusedError(code, [_NOTHING])
        if not found.direct:
            raise TransitionRefusedError(code, [_BILLED if found.bill else _TO_BE_BILLED])
        if not name:
            raise TransitionRefusedError(code, [_NO_DEVELOPER])
        row = Payment(
            ticket_id=ticket.id,
            provider=DIRECT,
            reference=new_reference(),
            amount_minor=found.open.minor,
            received_minor=found.open.minor,
            currency=ticket.currency,
            received_on=_day(ctx, day),
            payee=name,
            noted_by=ctx.by.name,
            noted_at=ctx.now,
        )
        ctx.session.add(row)
        change.tell("payment-noted", _told(row), None, **settling.resum(ctx, ticket))
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
    """What was received for a ticket: one query."""
    return summed(payments.of(ctx.session, ticket))


def summed(rows: list[Payment]) -> Received | None:
    """The sum of those of these payments that went to a developer."""
    came = [(row, row.received_on) for row in rows if row.provider == DIRECT and row.received_on]
    if not came:
        return None
    return Received(
        sum(row.received_minor for row, _day in came), max(day for _row, day in came), came[-1][0].payee
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
