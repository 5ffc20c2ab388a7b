"""Telling customers what was paid back."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.money import Money
from paidsupport.sales.payments.tables import Payment, PaymentRefund
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket


def tell_refund(ctx: Context, ticket: Ticket, payment: Payment, refund: PaymentRefund) -> None:
    """Email the customer that a refund was carried out, if they can be emailed."""
    if ticket.erased_at is not None or not ticket.customer_email:
        return
    amount = Money(refund.amount_minor, payment.currency)
    kind = EmailKind.REFUND
    subject, body = emails.written(ctx, kind, ticket, amount=amount, reason=refund.reason)
    email = emails.to_customer(ctx, ticket, kind, subject, body)
    with history.edit(ctx, ticket) as change:
        change.tell("refund-told", {"letter": email.reference, "payment": payment.reference})
