"""Managers refund payments: never more than came, once for each form, and the customer is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.actors import CUSTOMER, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    ManagersOnlyError,
    NotFoundError,
    TransitionRefusedError,
)
from paidsupport.kernel.mail.transports import NotSentError
from paidsupport.kernel.money import Money
from paidsupport.ops.erasure import erasure
from paidsupport.sales.bookkeeping.operations import books
from paidsupport.sales.bookkeeping.rules import period_of
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.bank import queries as bank
from paidsupport.sales.payments.bank.transfer import transfer_for
from paidsupport.sales.payments.operations import direct, refunds
from paidsupport.sales.payments.providers import Known, Refund, Truth
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import PaymentRefund
from paidsupport.tickets import tables as tickets
from tests.ops.erasure.test_erasure import traces
from tests.paying import set_up
from tests.people import Desk, press, sign_in
from tests.sales.invoices.test_invoices import deed, issued
from tests.sales.payments.test_settling import Scripted, begin, hint, offered, provider, sums

pytestmark = pytest.mark.row("P16")
__all__ = ["provider"]


class Paying(Scripted):
    """Pays back as it is asked, once for each reference, unless it is to refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses = ""
        self.asked: list[tuple[str, int, int]] = []

    def refund(self, known: Known, refund: Refund) -> Truth:  # noqa: ARG002  # as providers do
        if self.refuses:
            raise NotSentError(self.refuses, permanent=True)
        self.asked.append((refund.reference, refund.amount.minor, refund.total.minor))
        back = {**self.truth.refunds, refund.reference: refund.amount}
        self.truth = replace(self.truth, refunds=back)
        return self._answer("refund")


@pytest.fixture
def paying(provider: Scripted) -> Paying:
    """The provider of the tests about settling, which pays back."""
    provider.__class__ = Paying
    Paying.__init__(provider)  # type: ignore[arg-type]
    return provider  # type: ignore[return-value]


def paid(desk: Desk, paying: Paying) -> tuple[str, str]:
    """A ticket that was paid through the provider, and the reference of its payment."""
    code = offered(desk)
    reference = begin(desk, code)
    desk.work()
    paying.truth = Truth(PaymentStep.RECEIVED, Money(4500, "USD"), remote="R-1", capture="C-1")
    hint(desk, "E-1", reference)
    desk.work()
    assert sums(desk, code) == (4500, 0, "")
    return code, reference


def ask(
    desk: Desk, code: str, reference: str, amount: str, by: Actor | None = None, key: str = "", day: str = ""
) -> PaymentRefund:
    """Ask for a refund."""
    with desk.ctx(by or desk.mia) as ctx:
        return refunds.ask(ctx, code, reference, amount, "Half of it.", day=day, key=key or new_key())


def test_a_refund_is_made_once_and_never_above_what_came(desk: Desk, paying: Paying) -> None:
    """In parts, up to what came; the same form twice is one refund; a time-out after it is looked up."""
    code, reference = paid(desk, paying)
    key = new_key()
    first, again = (ask(desk, code, reference, "20", key=key) for _time in range(2))
    assert first.reference == again.reference
    with pytest.raises(KeyReusedError):
        ask(desk, code, reference, "25", key=key)
    with pytest.raises(InvalidInputError, match=r"up to USD 25\.00"):
        ask(desk, code, reference, "25.01")
    for amount in ("0", "-1", "much"):
        with pytest.raises(InvalidInputError):
            ask(desk, code, reference, amount)
    paying.breaks = {"refund"}
    assert not [mail for mail in desk.work() if mail["X-Paidsupport-Kind"] == "refund"]
    desk.clock.forward(minutes=1)
    left = [*desk.work(), *desk.work()]
    (mail,) = (mail for mail in left if mail["X-Paidsupport-Kind"] == "refund")
    assert "USD 20.00" in mail.get_body().get_content()  # type: ignore[union-attr]
    assert "Half of it." in mail.get_body().get_content()  # type: ignore[union-attr]
    assert sums(desk, code) == (2500, 2000, "")
    ask(desk, code, reference, "25")
    desk.work()
    assert [(amount, total) for _name, amount, total in paying.asked] == [(2000, 2000), (2500, 4500)]
    assert sums(desk, code) == (0, 4500, "")
    with pytest.raises(TransitionRefusedError, match="left to refund"):
        ask(desk, code, reference, "1")
    assert desk.broken() == {}


def test_a_refund_that_failed_says_why_and_can_be_asked_for_again(desk: Desk, paying: Paying) -> None:
    """Under a new reference; what failed does not count as paid back."""
    code, reference = paid(desk, paying)
    paying.refuses = "The account has no money."
    ask(desk, code, reference, "45")
    desk.work()
    with desk.ctx(desk.mia) as ctx:
        (row,) = refunds.shown(ctx, code, reference).refunds
        assert (row.state, row.problem) == ("failed", "The account has no money.")
    assert sums(desk, code) == (4500, 0, "")
    paying.refuses = ""
    second = ask(desk, code, reference, "45")
    assert second.reference != row.reference
    desk.work()
    assert sums(desk, code) == (0, 4500, "")
    assert "refund-failed" in desk.happened(code)
    # the bank of the customer sends it back
    paying.truth = Truth(PaymentStep.RECEIVED, Money(4500, "USD"), remote="R-1", capture="C-1")
    hint(desk, "E-9", reference)
    desk.work()
    assert sums(desk, code) == (4500, 0, "")
    assert desk.broken() == {}


def test_a_refund_in_vain_does_not_storm_the_provider(desk: Desk, paying: Paying) -> None:
    """A provider that answers and does not pay back is asked again, each time later."""
    code, reference = paid(desk, paying)
    asked: list[str] = []

    def refund(known: Known, refund: Refund) -> Truth:  # as providers do
        asked.append(refund.reference)
        return paying.truth

    paying.refund = refund  # type: ignore[method-assign]
    for amount in ("10", "20"):
        ask(desk, code, reference, amount)
    for _minute in range(30):
        desk.work()
        desk.clock.forward(minutes=1)
    assert 4 < len(asked) < 30
    assert len(set(asked)) == 2


def test_what_came_by_invoice_is_paid_back_by_hand(desk: Desk) -> None:
    """On a day that is not to come; the credit note counts what is left only."""
    code = desk.order()
    bill = issued(desk, code)
    deed(desk, "paid", bill)
    for day in ("", "2099-01-01", "soon"):
        with pytest.raises(InvalidInputError, match="Enter "):
            ask(desk, code, bill.reference, "10", day=day)
    row = ask(desk, code, bill.reference, "10", day=desk.clock().date().isoformat())
    assert (row.state, sums(desk, code)) == ("done", (3500, 1000, ""))
    assert [mail for mail in desk.work() if mail["X-Paidsupport-Kind"] == "refund"]
    deed(desk, "paid", deed(desk, "cancel", bill))
    assert sums(desk, code) == (0, 4500, "")
    assert desk.broken() == {}


def test_only_managers_refund_and_never_what_a_developer_received(desk: Desk, paying: Paying) -> None:
    """Others are refused; visitors and customers find nothing."""
    code, reference = paid(desk, paying)
    for person in (desk.ada, desk.ben):
        with pytest.raises(ManagersOnlyError):
            ask(desk, code, reference, "1", by=person)
    with pytest.raises(NotFoundError):
        ask(desk, code, reference, "1", by=CUSTOMER)
    other = desk.order()
    with pytest.raises(NotFoundError):
        ask(desk, other, reference, "1")
    desk.claim(other, desk.ada)
    with desk.ctx(desk.ada) as ctx:
        row = direct.note(ctx, other, ctx.today.isoformat(), key=new_key())
    with pytest.raises(TransitionRefusedError, match="developer received"):
        ask(desk, other, row.reference, "1")


def test_what_is_personal_goes_with_the_customer_and_amounts_stay(desk: Desk, paying: Paying) -> None:
    """Nothing of it comes back with what the provider says later; a refund is still made."""
    code, reference = paid(desk, paying)
    mark = "half of it"
    ask(desk, code, reference, "20")
    desk.work()
    paying.truth = replace(paying.truth, problem=mark, address=f"https://pay.example.org/{mark}")
    hint(desk, "E-3", reference)
    desk.work()
    assert traces(desk, mark)
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    desk.transition(code, "abandon", desk.ada, reason="backed-out", note="They did.")
    desk.work()
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, desk.ticket(code).customer_email)
    assert not {each for each in traces(desk, mark) if "payment" in each}
    hint(desk, "E-4", reference)
    desk.work()
    row = ask(desk, code, reference, "25")
    desk.work()
    assert (row.reason, sums(desk, code)) == ("", (0, 4500, ""))
    assert not {each for each in traces(desk, mark) if "payment" in each}
    assert desk.broken() == {}


def test_a_manager_refunds_on_the_page(app: Flask, desk: Desk, paying: Paying) -> None:
    """The form is weighed, asks again with all that was typed, and then does it once."""
    code, reference = paid(desk, paying)
    ticket, url = f"/support/desk/tickets/{code}", f"/support/desk/tickets/{code}/payments/{reference}/refund"
    mia, ada = sign_in(app, "mia"), sign_in(app, "ada")
    assert url in mia.get(ticket).text
    assert url not in ada.get(ticket).text
    assert ada.get(url).status_code == 403
    assert 'value="45.00"' in mia.get(url).text
    typed = {"amount": "15", "reason": "Less work than <planned>"}
    refused = press(mia, url, url, **{**typed, "amount": "46"}, action="check")
    assert (refused.status_code, "up to USD 45.00" in refused.text) == (422, True)
    asked = press(mia, url, url, **typed, action="check")
    assert "Less work than &lt;planned&gt;" in asked.text
    assert "USD 15.00" in asked.text
    with desk.ctx() as ctx:
        assert not payments.refunds_of(
            ctx.session, payments.find(ctx.session, tickets.lock(ctx.session, code), reference)
        )
    assert press(mia, url, url, **typed, action="refund").status_code == 303
    desk.work()
    assert sums(desk, code) == (3000, 1500, "")
    shown = mia.get(url).text
    assert "Paid back" in shown
    assert "Less work than &lt;planned&gt;" in shown
    assert 'value="30.00"' in shown


def test_what_was_paid_back_is_asked_for_nowhere(desk: Desk, paying: Paying) -> None:
    """Not by bank transfer, not among open amounts, and no transfer is suggested for it."""
    code, reference = paid(desk, paying)
    set_up(desk, "bank", holder="Gallery", iban="DE89370400440532013000", currencies="USD")
    with desk.ctx(desk.mia) as ctx:
        before = {
            each.currency: each.total for each in books.shown(ctx, period_of(None, None, ctx.today)).open
        }
    ask(desk, code, reference, "20")
    desk.work()
    assert sums(desk, code) == (2500, 2000, "")
    with desk.ctx(desk.mia) as ctx:
        ticket = tickets.lock(ctx.session, code)
        assert transfer_for(ctx, ticket) is None
        after = {
            each.currency: each.total for each in books.shown(ctx, period_of(None, None, ctx.today)).open
        }
        assert bank.with_open(ctx.session, {("USD", 2000)}, list(Payee), 5) == {}
    assert after == before == {}
