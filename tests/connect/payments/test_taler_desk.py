"""A ticket that is paid with GNU Taler, from its begin to its refund: the desk, its worker and a backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask import Flask

from paidsupport.connect.payments import taler
from paidsupport.connect.payments.taler import TalerProvider
from paidsupport.demo.pay.server import LOST, Fault, Server
from paidsupport.demo.pay.taler import TOKEN, Merchant
from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration.values import Values
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import asking, beginning, configured, refunds
from paidsupport.sales.payments.setup import operations as setup
from paidsupport.sales.payments.tables import PaymentRefund
from paidsupport.tickets import tables as tickets
from tests.paying import set_up, to_be_paid
from tests.people import Desk
from tests.sales.payments.test_paying import Customer

pytestmark = pytest.mark.row("P16")


@dataclass(slots=True)
class Paid:
    """An order that is paid before the work, with a backend in its currency."""

    desk: Desk
    merchant: Merchant
    server: Server
    code: str
    reference: str = ""

    def begin(self) -> None:
        """Begin to pay as the customer does."""
        with self.desk.ctx(CUSTOMER) as ctx:
            row = beginning.begin(ctx, tickets.lock(ctx.session, self.code), "taler", key=new_key())
            self.reference = row.reference

    def hint(self) -> None:
        """Let the backend hint at it, as its webhook does."""
        with self.desk.ctx() as ctx:
            provider = configured.provider_of(ctx, "taler")
            assert isinstance(provider, TalerProvider)
            body = f'{{"order": "{self.reference}"}}'.encode()
            hint = provider.hint({taler.SECRET_HEADER: provider.secret}, body)
            assert hint is not None
            assert beginning.hinted(ctx, "taler", hint)

    def work(self, **later: int) -> None:
        """What a worker does, after some time."""
        if later:
            self.desk.clock.forward(**later)
        self.desk.work()

    def refund(self, minor: int) -> str:
        """Ask for a refund as a manager does."""
        with self.desk.ctx(self.desk.mia) as ctx:
            ticket = tickets.lock(ctx.session, self.code)
            payment = payments.find(ctx.session, ticket, self.reference)
            row = PaymentRefund(
                payment_id=payment.id,
                ticket_id=ticket.id,
                reference=f"R{minor}-{new_key()}",
                amount_minor=minor,
                reason="Too slow",
                asked_by=ctx.by.name,
                asked_at=ctx.now,
            )
            ctx.session.add(row)
            ctx.session.flush()
            asking.ask(ctx, payment, asking.REFUND, ctx.now, row)
            return row.reference

    @property
    def sums(self) -> tuple[int, int, str]:
        """What the ticket shows: what was paid, what was refunded, and its mark."""
        with self.desk.ctx() as ctx:
            ticket = tickets.lock(ctx.session, self.code)
            return ticket.paid_minor, ticket.refunded_minor, ticket.payment_mark

    @property
    def payment(self) -> tuple[str, str, str, str]:
        """Where the payment is: its step, the page to pay, the link for wallets, and what is wrong."""
        with self.desk.ctx() as ctx:
            ticket = tickets.lock(ctx.session, self.code)
            row = payments.find(ctx.session, ticket, self.reference)
            return row.step, row.address, row.uri, row.problem

    @property
    def refunds(self) -> list[tuple[int, str]]:
        """The refunds of the payment, each with its state."""
        with self.desk.ctx() as ctx:
            ticket = tickets.lock(ctx.session, self.code)
            row = payments.find(ctx.session, ticket, self.reference)
            return [(each.amount_minor, each.state) for each in payments.refunds_of(ctx.session, row)]


@pytest.fixture
def paid(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Paid]:
    """Such an order. The provider is told the time by the clock of the desk."""
    merchant = Merchant("USD")
    merchant.now = lambda: desk.clock().timestamp()

    def made(values: Values) -> TalerProvider:
        provider = taler.provider(values)
        return replace(provider, now=desk.clock, poll=timedelta(0), patience=1.0)

    monkeypatch.setattr(configured, "made", lambda _make, values: made(values))
    with Server(merchant) as server:
        code = to_be_paid(desk)
        address = f"{server.url}/instances/desk"
        set_up(desk, "taler", address=address, token=TOKEN, currency="USD", refund_days="30")
        yield Paid(desk, merchant, server, code)


def test_an_order_is_paid_and_partly_paid_back(paid: Paid) -> None:
    """Through a time-out after the order was made and another after the refund: each is done once."""
    paid.server.next("POST", "*/private/orders", LOST)
    paid.begin()
    paid.work()
    paid.work(seconds=10)
    step, address, uri, problem = paid.payment
    assert (step, problem) == ("open", "")
    assert address.startswith(f"{paid.server.url}/instances/desk/orders/{paid.reference}?token=")
    assert uri.startswith("taler+http://pay/")
    assert list(paid.merchant.orders) == [("desk", paid.reference)]
    assert paid.merchant.order(paid.reference).amount == "USD:45.00"
    paid.merchant.claim(paid.reference)
    paid.work(seconds=20)
    assert paid.payment == ("open", address, "", "")
    paid.merchant.pay(paid.reference)
    for _ in range(2):
        paid.hint()
        paid.work()
    assert paid.sums == (4500, 0, "")
    paid.server.next("POST", "*/refund", LOST)
    paid.refund(1000)
    paid.work()
    paid.work(seconds=10)
    assert paid.refunds == [(1000, "pending")]
    assert paid.sums == (4500, 0, "")
    assert paid.payment[1] == address
    paid.merchant.fetch(paid.reference)
    paid.work(seconds=20)  # it is looked at soon
    assert paid.refunds == [(1000, "done")]
    paid.refund(500)
    paid.work()
    paid.merchant.fetch(paid.reference)
    paid.hint()
    paid.work()
    assert paid.refunds == [(1000, "done"), (500, "done")]
    assert paid.merchant.order(paid.reference).refunded == 15
    assert paid.sums == (3000, 1500, "")
    paid.work(days=40)
    paid.refund(500)
    paid.work()
    assert paid.refunds[-1] == (500, "failed")
    assert paid.sums == (3000, 1500, "")
    assert paid.desk.broken() == {}


def test_an_order_that_is_left_ends_and_another_one_begins(paid: Paid) -> None:
    """After a day without a payment; what the wallet then still pays is refused by the backend itself."""
    paid.begin()
    paid.work()
    paid.work(hours=25)
    assert paid.payment == ("ended", "", "", "It was not paid in time.")
    assert paid.sums == (0, 0, "")
    first = paid.reference
    paid.begin()
    paid.work()
    assert paid.reference != first
    assert paid.payment[0] == "open"
    assert paid.desk.broken() == {}


def test_what_the_backend_refuses_is_told(paid: Paid) -> None:
    """A wrong token ends the payment, with what is to be done; play money does not count."""
    paid.server.next("POST", "*/private/orders", Fault(401))
    paid.begin()
    paid.work()
    step, *_, problem = paid.payment
    assert step == "ended"
    assert problem.startswith("The merchant backend refuses the access token.")
    paid.begin()
    paid.work()
    paid.merchant.order(paid.reference).wrong["amount"] = "KUDOS:45.00"
    paid.merchant.pay(paid.reference)
    paid.work(seconds=20)
    assert paid.payment[0] == "strange"
    assert paid.sums == (0, 0, "")
    assert paid.desk.broken() == {}


def test_a_check_registers_webhooks_at_a_backend(paid: Paid) -> None:
    """Where the page of the set-up says that they arrive, with a secret that follows from the token."""
    with paid.desk.ctx(paid.desk.mia) as ctx:
        assert setup.check(ctx, setup.kind_of(ctx, "taler")) == ""
    hooks = paid.merchant.webhooks.values()
    assert [each["event_type"] for each in hooks] == ["pay", "refund"]
    assert all(each["url"].endswith("/support/pay/hints/taler") for each in hooks)
    paid.merchant.scopes.discard("orders-read")
    with paid.desk.ctx(paid.desk.mia) as ctx:
        assert "does not reach so far" in setup.check(ctx, setup.kind_of(ctx, "taler"))


def test_a_customer_pays_by_wallet_and_accepts_a_refund(paid: Paid, app: Flask) -> None:
    """The page has the code and the link of the wallet; webhooks with our secret lead to a look."""
    with paid.desk.ctx(paid.desk.mia) as ctx:
        assert setup.check(ctx, setup.kind_of(ctx, "taler")) == ""
    paid.merchant.late = True
    jane = Customer(app, paid.desk, paid.code)
    page = jane.begin("taler")
    paid.reference = page.rpartition("/")[2]
    step, address, uri, _problem = paid.payment
    assert step == "open"
    assert jane.link(page, "Open the wallet on this device") == uri
    assert jane.link(page, "Pay on 127.0.0.1") == address
    assert '<svg class="ps-qr" role="img"' in jane.client.get(page).text
    paid.merchant.pay(paid.reference)
    [hook] = [each for each in paid.merchant.webhooks.values() if each["event_type"] == "pay"]
    body = hook["body_template"].replace("{{ order_id }}", paid.reference)
    name, _colon, secret = hook["header_template"].partition(": ")
    there, stranger = "/support/pay/hints/taler", app.test_client()
    assert stranger.post(there, data=body, headers={name: "guessed"}).status_code == 400
    assert [stranger.post(there, data=body, headers={name: secret}).status_code for _ in range(2)] == [
        200
    ] * 2
    paid.work()
    assert "Thank you: we've received USD 45.00" in jane.reads(page)
    assert "Accept the refund" not in jane.reads(jane.page) + jane.reads(page)
    with paid.desk.ctx(paid.desk.mia) as ctx:
        refunds.ask(ctx, paid.code, paid.reference, "20.00", "It took too long.", key=new_key())
    paid.work()
    assert paid.refunds == [(2000, "pending")]
    assert jane.link(jane.page, "Accept the refund") == page
    assert jane.link(page, "Accept the refund") == address
    paid.merchant.fetch(paid.reference)
    stranger.post(there, data=body, headers={name: secret})
    paid.work()
    assert paid.sums == (2500, 2000, "")
    assert "Accept the refund" not in jane.reads(jane.page) + jane.reads(page)
    assert paid.desk.broken() == {}
