"""A ticket that is paid with PayPal, from its begin to its refund: desk, worker and stand-in (P16)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from paidsupport.connect.payments.paypal import KIND, PayPal
from paidsupport.demo.pay import paypal as fake
from paidsupport.demo.pay.server import AWAY, LOST, Fault
from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import sealing
from paidsupport.kernel.db.configured import set_aside
from paidsupport.sales.payments import tables as payments
from paidsupport.sales.payments.operations import asking, beginning, configured
from paidsupport.sales.payments.operations.tasks import Tasks
from paidsupport.sales.payments.tables import Payment, PaymentProvider, PaymentRefund
from paidsupport.tickets import tables as tickets
from tests.connect.payments.test_paypal import crafted
from tests.people import Desk

pytestmark = pytest.mark.row("P16")


@dataclass(slots=True)
class Paid:
    """An order of USD 45.00 that is paid before the work."""

    desk: Desk
    there: fake.PayPal
    code: str
    reference: str = ""
    heard: list[bool] = field(default_factory=list)

    def begin(self) -> str:
        """Begin to pay as the customer does, and let a worker make it known; the page of the payer."""
        with self.desk.ctx(CUSTOMER) as ctx:
            row = beginning.begin(ctx, tickets.lock(ctx.session, self.code), "paypal", key=new_key())
            self.reference = row.reference
        self.work()
        return self.payment.address

    def work(self, **later: int) -> None:
        """What a worker does, after some time."""
        if later:
            self.desk.clock.forward(**later)
        self.desk.work()

    def hear(self, event: dict[str, Any], body: bytes = b"") -> None:
        """Take a webhook, as its route does."""
        headers, signed = self.there.signed(event)
        with self.desk.ctx() as ctx:
            provider = configured.provider_of(ctx, "paypal")
            assert isinstance(provider, PayPal)
            assert provider.certificates
            provider.certificates._start = lambda run: run()
            hint = provider.hint(headers, body or signed)
            assert hint
            self.heard.append(beginning.hinted(ctx, "paypal", hint))

    def refund(self, minor: int) -> None:
        """Ask for a refund as a manager does."""
        with self.desk.ctx(self.desk.mia) as ctx:
            ticket = tickets.lock(ctx.session, self.code)
            payment = payments.find(ctx.session, ticket, self.reference)
            row = PaymentRefund(
                payment_id=payment.id,
                ticket_id=ticket.id,
                reference=f"R{minor}",
                amount_minor=minor,
                reason="Too slow",
                asked_by=ctx.by.name,
                asked_at=ctx.now,
            )
            ctx.session.add(row)
            ctx.session.flush()
            asking.ask(ctx, payment, asking.REFUND, ctx.now, row)

    @property
    def sums(self) -> tuple[int, int, str]:
        """What the ticket shows: what was paid, what was refunded, and its mark."""
        with self.desk.ctx() as ctx:
            ticket = tickets.lock(ctx.session, self.code)
            return ticket.paid_minor, ticket.refunded_minor, ticket.payment_mark

    @property
    def payment(self) -> Payment:
        """Its row."""
        with self.desk.ctx() as ctx:
            return payments.find(ctx.session, tickets.lock(ctx.session, self.code), self.reference)


@pytest.fixture
def paid(desk: Desk) -> Iterator[Paid]:
    """Such an order, with PayPal set up as a manager does."""
    with fake.PayPal() as there:
        code = desk.order()
        values = {"environment": "test", "address": there.url, "client": fake.CLIENT, "webhook": fake.WEBHOOK}
        with desk.ctx() as ctx, set_aside(ctx.session):
            bound = configured.bound_to(KIND, values, "secret")
            row = PaymentProvider(
                kind="paypal",
                position=0,
                active=True,
                values=values,
                sealed={"secret": sealing.sealed(ctx.services.links, bound, fake.SECRET)},
                changed_at=ctx.now,
            )
            ctx.session.add(row)
            tickets.lock(ctx.session, code).payee = "before"
        yield Paid(desk, there, code)


def test_a_ticket_is_paid_and_paid_back(paid: Paid) -> None:
    """In the payer's browser; the webhooks come twice and in any order, and are hints."""
    address = paid.begin()
    assert paid.sums == (0, 0, "begun")
    requests.post(address, data={"answer": "approve"}, timeout=20, allow_redirects=False)
    [approved] = paid.there.events
    paid.hear(approved)
    paid.work()
    assert (paid.sums, paid.payment.address) == ((4500, 0, ""), "")
    for event in (paid.there.events[-1], approved, paid.there.events[-1]):
        paid.hear(event)
        paid.work()
    assert paid.heard == [True, True, False, False]
    paid.refund(500)
    paid.work()
    assert paid.sums == (4000, 500, "")
    paid.there.take_back(paid.payment.capture, "10.00")
    paid.hear(paid.there.events[-1])
    paid.work()
    assert paid.sums == (3000, 1500, "")
    paid.there.dispute(paid.payment.capture)
    paid.hear(paid.there.events[-1])
    paid.work()
    assert paid.sums == (3000, 1500, "disputed")
    paid.there.clear(paid.payment.capture, "DECLINED", "CHARGEBACK")
    paid.work(days=2)  # the webhook got lost
    assert paid.sums == (0, 0, "")
    assert (len(paid.there.orders), len(paid.there.captures), len(paid.there.refunds)) == (1, 1, 2)
    assert paid.desk.broken() == {}


@pytest.mark.parametrize("fault", [LOST, AWAY, Fault(500, handled=True), Fault(401), Fault(409)])
def test_what_breaks_off_is_done_once(paid: Paid, fault: Fault) -> None:
    """At each step, whatever of it was done: PayPal has one order, one capture and one refund."""
    paid.there.server.next("POST", "/v2/checkout/orders", fault)
    paid.begin()
    paid.work(minutes=1)
    paid.there.approve(paid.payment.remote or "")
    paid.there.server.next("POST", "/v2/checkout/orders/*/capture", fault)
    for _ in range(3):
        paid.work(minutes=1)
    assert paid.sums == (4500, 0, "")
    paid.there.server.next("POST", "/v2/payments/captures/*/refund", fault)
    paid.refund(4500)
    for _ in range(3):
        paid.work(minutes=1)
    assert paid.sums == (0, 4500, "")
    assert (len(paid.there.orders), len(paid.there.captures), len(paid.there.refunds)) == (1, 1, 1)
    assert paid.desk.broken() == {}


def test_a_worker_that_dies_after_the_capture(paid: Paid, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it could note that: the next one looks, and takes nothing again."""
    paid.begin()
    paid.there.approve(paid.payment.remote or "")
    paid.hear(paid.there.events[-1])

    class KilledError(BaseException):
        """As by kill -9."""

    noted = Tasks.note

    def killed(self: Tasks, *given: Any) -> None:  # noqa: ANN401  # as of Tasks.note
        if paid.there.captures:
            raise KilledError
        noted(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Tasks, "note", killed)
        with pytest.raises(KilledError):
            paid.work()
    assert (paid.sums, len(paid.there.captures)) == ((0, 0, "begun"), 1)
    for _ in range(3):
        paid.work(minutes=2)
    assert (paid.sums, len(paid.there.captures)) == ((4500, 0, ""), 1)
    assert paid.desk.broken() == {}


def test_a_forged_webhook_changes_nothing(paid: Paid) -> None:
    """One whose checksum is that of a signed one tells of money: the desk asks PayPal, and none has come."""
    paid.begin()
    event = paid.there.tell(
        "CHECKOUT.ORDER.APPROVED", "checkout-order", paid.there.orders[paid.payment.remote or ""]
    )
    lie = {**event, "id": "WH-LIE", "event_type": "PAYMENT.CAPTURE.COMPLETED"}
    lie["resource"] = {"id": "C1", "status": "COMPLETED", "invoice_id": paid.reference}
    body = paid.there.signed(event)[1]
    asked = len(paid.there.server.hits)
    paid.hear(event, crafted(json.dumps(lie).encode(), zlib.crc32(body)))
    paid.work()
    assert paid.heard == [True]
    assert paid.sums == (0, 0, "begun")
    hits = [(hit.method, hit.path) for hit in paid.there.server.hits[asked:] if "/certs/" not in hit.path]
    assert hits == [("GET", f"/v2/checkout/orders/{paid.payment.remote}")]


def test_a_declined_card_and_an_order_that_was_left(paid: Paid) -> None:
    """The customer is led back to PayPal; an order that PayPal forgets ends, and another one is begun."""
    requests.post(paid.begin(), data={"answer": "decline"}, timeout=20, allow_redirects=False)
    paid.hear(paid.there.events[-1])
    paid.work()
    assert paid.payment.address.startswith(f"{paid.there.url}/checkoutnow?token=")
    assert "INSTRUMENT_DECLINED" in paid.payment.problem
    requests.post(paid.payment.address, data={"answer": "approve"}, timeout=20, allow_redirects=False)
    paid.work(minutes=1)
    assert paid.sums == (4500, 0, "")
    paid.code = paid.desk.order()
    with paid.desk.ctx() as ctx:
        tickets.lock(ctx.session, paid.code).payee = "before"
    paid.begin()
    paid.there.orders.pop(paid.payment.remote or "")
    paid.work(hours=4)
    assert (paid.payment.step, paid.sums) == ("ended", (0, 0, ""))
    assert paid.begin()
    assert paid.desk.broken() == {}
