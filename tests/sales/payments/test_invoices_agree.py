"""Invoices, credit notes and payments agree, whoever notes what first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.money import Money
from paidsupport.sales.invoices.operations import invoices, paying
from paidsupport.sales.invoices.queries import of_ticket
from paidsupport.sales.invoices.tables import Invoice
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import refunds
from paidsupport.sales.payments.providers import Truth
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import PaymentRefund
from paidsupport.tickets import tables as tickets
from tests.people import Desk
from tests.sales.invoices.test_invoices import deed, issued
from tests.sales.payments.test_settling import Scripted, begin, hint, offered, provider, sums

pytestmark = pytest.mark.row("P16")
__all__ = ["provider"]


def state(desk: Desk, invoice: Invoice) -> str:
    """The state of an invoice as it is now."""
    with desk.ctx() as ctx:
        return ctx.session.get_one(Invoice, invoice.id).state


def test_what_is_marked_as_paid_is_a_payment_and_what_is_marked_as_refunded_a_refund(desk: Desk) -> None:
    """Each counts once; what is invoiced anew is open again."""
    code = desk.order()
    first = issued(desk, code)
    key = new_key()
    for _time in range(2):
        deed(desk, "paid", first, key=key)
    assert sums(desk, code) == (4500, 0, "")
    note = deed(desk, "cancel", first)
    assert sums(desk, code) == (4500, 0, "")
    deed(desk, "paid", note)
    assert sums(desk, code) == (0, 4500, "")
    second = issued(desk, code)
    assert state(desk, second) == "issued"
    deed(desk, "paid", second)
    assert sums(desk, code) == (4500, 4500, "")
    with desk.ctx() as ctx:
        (refund,) = ctx.session.scalars(select(PaymentRefund))
        assert (refund.reference, refund.state, refund.amount_minor) == (note.reference, "done", 4500)
    assert desk.broken() == {}


def test_money_that_is_kept_pays_what_is_invoiced_anew(desk: Desk) -> None:
    """It was paid, so nobody is asked for it again, and nothing has to be sent back and forth."""
    code = desk.order()
    first = issued(desk, code)
    deed(desk, "paid", first)
    note = deed(desk, "cancel", first)
    assert state(desk, issued(desk, code)) == "paid"
    deed(desk, "paid", note)
    assert sums(desk, code) == (4500, 0, "")
    assert desk.broken() == {}


def test_an_invoice_is_paid_by_what_came_through_a_provider(desk: Desk, provider: Scripted) -> None:
    """By itself, once all has come; what is taken back is shown as missing."""
    code = offered(desk)
    reference = begin(desk, code)
    desk.work()
    bill = issued(desk, code)
    for came, expected in ((4000, "issued"), (4500, "paid")):
        provider.truth = Truth(PaymentStep.RECEIVED, Money(came, "USD"), remote="R-1")
        hint(desk, f"E-{came}", reference)
        desk.work()
        assert (state(desk, bill), sums(desk, code)[0]) == (expected, came)
    provider.truth = Truth(PaymentStep.REVERSED, remote="R-1")
    hint(desk, "E-R", reference)
    desk.work()
    assert (state(desk, bill), sums(desk, code)) == ("paid", (0, 0, ""))
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        assert paying.missing(ticket, of_ticket(ctx.session, ticket)) == {bill.id: Money(4500, "USD")}
    assert desk.broken() == {}


def test_a_credit_note_waits_for_the_refund_through_the_provider(desk: Desk, provider: Scripted) -> None:
    """It cannot be marked before, and is marked by itself after it; a prepaid invoice is paid when issued."""
    code = offered(desk)
    reference = begin(desk, code)
    desk.work()
    provider.truth = Truth(PaymentStep.RECEIVED, Money(4500, "USD"), remote="R-1")
    hint(desk, "E-1", reference)
    desk.work()
    bill = issued(desk, code)
    assert state(desk, bill) == "paid"
    note = deed(desk, "cancel", bill)
    with pytest.raises(TransitionRefusedError, match="through a provider"):
        deed(desk, "paid", note)
    with desk.ctx(desk.mia) as ctx:
        row = refunds.ask(ctx, code, reference, "45", "Cancelled.", key=new_key())
    desk.work()
    assert provider.known.refunds[0].total == Money(4500, "USD")
    provider.truth = Truth(
        PaymentStep.RECEIVED, Money(4500, "USD"), {row.reference: Money(4500, "USD")}, remote="R-1"
    )
    hint(desk, "E-2", reference)
    desk.work()
    assert (state(desk, note), sums(desk, code)) == ("paid", (0, 4500, ""))
    with desk.ctx() as ctx:
        payment = payments.find(ctx.session, tickets.lock(ctx.session, code), reference)
        assert refunds.left(ctx, payment) == Money(0, "USD")
    assert desk.broken() == {}


def test_what_has_come_in_part_is_marked_for_the_rest(desk: Desk, provider: Scripted) -> None:
    """A manager who marks the invoice notes what is missing, not all of it."""
    code = offered(desk)
    reference = begin(desk, code)
    desk.work()
    bill = issued(desk, code)
    provider.truth = Truth(PaymentStep.RECEIVED, Money(4000, "USD"), remote="R-1")
    hint(desk, "E-1", reference)
    desk.work()
    with desk.ctx(desk.mia) as ctx:
        invoices.mark_paid(ctx, code, bill.reference, key=new_key())
    assert sums(desk, code) == (4500, 0, "")
    with desk.ctx() as ctx:
        rows = payments.of(ctx.session, tickets.lock(ctx.session, code))
        assert [(row.provider, row.received_minor) for row in rows] == [("console", 4000), ("invoice", 500)]
    assert desk.broken() == {}
