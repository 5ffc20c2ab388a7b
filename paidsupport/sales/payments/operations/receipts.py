"""The receipt that a customer gets when a payment has arrived."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.money import Money
from paidsupport.sales.payments.operations import configured
from paidsupport.sales.payments.tables import Payment
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.standing import sums_of
from paidsupport.tickets.tables import Ticket


def send(ctx: Context, ticket: Ticket, payment: Payment) -> None:
    """Queue the receipt for a payment that has just arrived; nothing for those whom no email reaches."""
    if ticket.erased_at is not None or not ticket.customer_email:
        return
    kind = configured.kinds(ctx.services).get(payment.provider)
    sums = sums_of(ticket)
    left, over = sums.left(ticket.price_minor), sums.above(ticket.price_minor)
    subject, body = emails.written(
        ctx,
        EmailKind.RECEIPT,
        ticket,
        amount=Money(payment.received_minor, payment.currency),
        provider=kind.label if kind else payment.provider,
        payment=payment,
        left=Money(left, ticket.currency) if left else None,
        over=Money(over, ticket.currency) if over else None,
        working=ctx.services.workflows[ticket.workflow].state(ticket.state).working,
    )
    emails.to_customer(ctx, ticket, EmailKind.RECEIPT, subject, body)
