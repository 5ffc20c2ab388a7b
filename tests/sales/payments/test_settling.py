"""A payment through a provider, from its begin to the sums of its ticket, whatever happens on the way."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.money import Money
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import beginning, configured, settling
from paidsupport.sales.payments.providers import ConsoleProvider, Hint, Known, Truth
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.sales.payments.tables import PaymentEvent, PaymentProvider, PaymentTask
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import endings
from tests.people import Desk

pytestmark = pytest.mark.row("P16")


class Scripted(ConsoleProvider):
    """Answers as it is told; what it has captured is counted."""

    def __init__(self) -> None:
        self.truth = Truth(PaymentStep.OPEN, remote="R-1", address="https://pay.example.org/R-1")
        self.captured = 0
        self.breaks: set[str] = set()

    def _answer(self, what: str) -> Truth:
        if what in self.breaks:
            self.breaks.discard(what)
            raise UnclearError(what)
        return self.truth

    def begin(self, known: Known) -> Truth:
        self.known = known
        return self._answer("begin")

    def look(self, known: Known) -> Truth:
        self.known = known
        return self._answer("look")

    def capture(self, known: Known) -> Truth:
        self.captured += 1
        self.truth = Truth(PaymentStep.RECEIVED, known.amount, remote="R-1", capture="C-1")
        return self._answer("capture")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """What stands for the provider of the log."""
    scripted = Scripted()
    monkeypatch.setattr(configured, "made", lambda _make, _values: scripted)
    return scripted


def offered(desk: Desk) -> str:
    """The code of an order that is paid before the work, by a provider that is set up."""
    code = desk.order()
    with desk.ctx() as ctx, set_aside(ctx.session):
        row = PaymentProvider(
            kind="console", position=0, active=True, values={}, sealed={}, changed_at=ctx.now
        )
        ctx.session.add(row)
        tickets.lock(ctx.session, code).payee = "before"
    return code


def sums(desk: Desk, code: str) -> tuple[int, int, str]:
    """What the ticket shows: what was paid, what was refunded, and its mark."""
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        return ticket.paid_minor, ticket.refunded_minor, ticket.payment_mark


def begin(desk: Desk, code: str) -> str:
    """Begin to pay as the customer; the reference of the payment."""
    with desk.ctx(CUSTOMER) as ctx:
        return beginning.begin(ctx, tickets.lock(ctx.session, code), "console", key=new_key()).reference


def hint(desk: Desk, event: str, reference: str) -> bool:
    """Let the provider hint at a payment."""
    with desk.ctx() as ctx:
        return beginning.hinted(ctx, "console", Hint(event, "paid", reference))


def test_a_payment_arrives_once_whatever_hints_and_time_outs_do(desk: Desk, provider: Scripted) -> None:
    """Begun, approved, captured with a time-out after it: one capture, and the ticket is paid."""
    code = offered(desk)
    provider.breaks = {"begin", "capture"}
    reference = begin(desk, code)
    assert sums(desk, code) == (0, 0, "begun")
    desk.work()
    desk.clock.forward(minutes=1)
    desk.work()
    assert begin(desk, code) == reference
    provider.truth = Truth(PaymentStep.APPROVED, remote="R-1")
    assert [hint(desk, "E-1", reference), hint(desk, "E-1", reference)] == [True, False]
    desk.work()
    desk.clock.forward(minutes=1)
    desk.work()
    assert (provider.captured, sums(desk, code)) == (1, (4500, 0, ""))
    assert provider.known.back.endswith(f"/pay/{reference}")
    for event in ("E-2", "E-3"):
        hint(desk, event, reference)
        desk.work()
    assert (provider.captured, sums(desk, code)) == (1, (4500, 0, ""))
    assert desk.broken() == {}


def test_money_in_another_currency_does_not_count(desk: Desk, provider: Scripted) -> None:
    """It is marked as strange, and what the provider takes back is gone."""
    code = offered(desk)
    reference = begin(desk, code)
    desk.work()
    for truth, shown in (
        (Truth(PaymentStep.RECEIVED, Money(4500, "JPY")), (0, 0, "")),
        (Truth(PaymentStep.RECEIVED, Money(4000, "USD")), (4000, 0, "")),
        (Truth(PaymentStep.RECEIVED, Money(4500, "USD"), {"X": Money(500, "USD")}), (4000, 500, "")),
        (Truth(PaymentStep.DISPUTED, Money(4500, "USD"), {"X": Money(500, "USD")}), (4000, 500, "disputed")),
        (Truth(PaymentStep.REVERSED), (0, 0, "")),
    ):
        provider.truth = truth
        hint(desk, str(shown) + str(truth.step), reference)
        desk.work()
        assert sums(desk, code) == shown
    assert desk.broken() == {}
    with desk.ctx() as ctx:
        row = payments.find(ctx.session, tickets.lock(ctx.session, code), reference)
        assert row.step == PaymentStep.REVERSED


@pytest.mark.parametrize(
    "truth",
    [
        Truth(PaymentStep.RECEIVED, Money(2**31, "USD")),
        Truth(PaymentStep.RECEIVED, Money(-1, "USD")),
        Truth(PaymentStep.RECEIVED, Money(4500, "USD"), {"X": Money(10**18, "USD")}),
        Truth(PaymentStep.RECEIVED, Money(4500, "USD"), {"X": Money(-500, "USD")}),
        Truth(PaymentStep.RECEIVED, Money(4500, "USD"), {"X" * 101: Money(500, "USD")}),
        Truth(PaymentStep.RECEIVED, Money(4500, "USD"), remote="R" * 101),
        Truth(PaymentStep.RECEIVED, Money(4500, "USD"), remote="R-1", capture="C\x00"),
        Truth(PaymentStep.RECEIVED, Money(4500, "USD"), remote="R-2"),
    ],
)
def test_what_cannot_be_kept_counts_nothing(desk: Desk, provider: Scripted, truth: Truth) -> None:
    """Amounts and names that no column holds, or those of another payment: a manager looks into it."""
    provider.truth = Truth(PaymentStep.OPEN, remote="R-2")
    begin(desk, offered(desk))
    desk.work()
    code = desk.order()
    with desk.ctx() as ctx:
        tickets.lock(ctx.session, code).payee = "before"
    provider.truth = Truth(PaymentStep.OPEN, remote="R-1")
    reference = begin(desk, code)
    desk.work()
    provider.truth = truth
    hint(desk, "E-1", reference)
    desk.work()
    assert sums(desk, code) == (0, 0, "")
    with desk.ctx() as ctx:
        row = payments.find(ctx.session, tickets.lock(ctx.session, code), reference)
        assert (row.step, row.remote) == (PaymentStep.STRANGE, "R-1")
    assert desk.broken() == {}


def test_a_provider_leads_nobody_astray(desk: Desk, provider: Scripted) -> None:
    """Links that browsers would run, that look like other ones or that fill a page are left out."""
    code = offered(desk)
    reference = begin(desk, code)
    desk.work()
    for number, (address, uri) in enumerate(
        (
            ("javascript:alert(1)", "data:text/html,x"),
            ("https://paypal.com@elsewhere.example/", "taler:pay"),
            ("https://[x/", "taler://pay/x\x00"),
            (f"https://pay.example.org/{'x' * 2000}", f"taler://pay/{'x' * 2000}"),
        )
    ):
        long = "\x00<b>" + "y" * 5000
        provider.truth = Truth(PaymentStep.OPEN, remote="R-1", address=address, uri=uri, problem=long)
        hint(desk, f"E-{number}", reference)
        desk.work()
        with desk.ctx() as ctx:
            row = payments.find(ctx.session, tickets.lock(ctx.session, code), reference)
            assert (row.step, row.address, row.uri) == (PaymentStep.OPEN, "", "")
            assert (len(row.problem), row.problem[:4]) == (1000, " <b>")
    assert desk.broken() == {}


@pytest.mark.parametrize("when", ["before it is approved", "before it is taken"])
def test_nothing_is_taken_for_an_order_that_was_withdrawn(
    app: Flask, desk: Desk, provider: Scripted, when: str
) -> None:
    """Nor is it begun, and its page leads nowhere; what comes by itself counts all the same."""
    code = offered(desk)
    reference = begin(desk, code)
    desk.work()
    provider.truth = Truth(PaymentStep.APPROVED, remote="R-1")
    if when == "before it is taken":
        with desk.ctx() as ctx:
            row = payments.find(ctx.session, tickets.lock(ctx.session, code), reference)
            settling.settle(ctx, row.id, provider.truth)
    with desk.ctx(CUSTOMER) as ctx:
        ticket = tickets.lock(ctx.session, code)
        endings.withdraw(ctx, ticket, version=ticket.version, key=new_key())
    page = f"/support/t/{desk.token(code)}/pay/{reference}"
    for _ in range(3):
        hint(desk, str(desk.clock()), reference)
        desk.work()
        desk.clock.forward(minutes=1)
        text = app.test_client().get(page).text
        assert ("Nothing to pay" in text, "pay.example.org" in text) == (True, False)
    assert (provider.captured, sums(desk, code)) == (0, (0, 0, "begun"))
    with pytest.raises(TransitionRefusedError):
        begin(desk, code)
    assert desk.broken() == {}
    provider.truth = Truth(PaymentStep.RECEIVED, Money(4500, "USD"), remote="R-1")
    hint(desk, "came", reference)
    desk.work()
    assert sums(desk, code) == (4500, 0, "")


def test_hints_are_few_and_are_forgotten(desk: Desk, provider: Scripted) -> None:
    """Whoever floods the desk with them fills no table, and has no provider asked without end."""
    code = offered(desk)
    reference = begin(desk, code)
    desk.work()
    assert hint(desk, "E\x00" * 200, reference)
    assert [hint(desk, f"E-{number}", reference) for number in range(130)].count(True) == beginning.HINTS - 1
    assert [hint(desk, f"N-{number}", f"no\x00{number}") for number in range(130)].count(
        True
    ) == beginning.HINTS
    desk.work()
    provider.truth = Truth(PaymentStep.RECEIVED, Money(4500, "USD"), remote="R-1")
    desk.clock.forward(days=31)
    desk.work()
    assert sums(desk, code) == (4500, 0, "")
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count(PaymentEvent.id))) == 0
    assert desk.broken() == {}


@pytest.mark.parametrize("permanent", [True, False])
def test_a_refusal_in_any_words_is_kept(
    desk: Desk, provider: Scripted, monkeypatch: pytest.MonkeyPatch, *, permanent: bool
) -> None:
    """Characters that no database takes would let it be asked again and again."""
    code = offered(desk)

    def begin_(_known: Known) -> Truth:
        raise NotSentError("No\x00\ud800 " + "x" * 5000, permanent=permanent)

    monkeypatch.setattr(provider, "begin", begin_)
    reference = begin(desk, code)
    desk.work()
    with desk.ctx() as ctx:
        row = payments.find(ctx.session, tickets.lock(ctx.session, code), reference)
        assert (row.step == PaymentStep.ENDED) is permanent
        said = ctx.session.scalars(
            select(PaymentTask.problem).where(PaymentTask.payment_id == row.id)
        ).first()
        assert said
        assert (said[:5], len(said)) == ("No   ", 1000)
