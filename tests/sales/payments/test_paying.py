"""A customer pays in a browser, comes back, leaves it, pays twice; webhooks are proven before they count."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
import requests
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.connect.payments.paypal import PayPal as Provider
from paidsupport.demo.pay.paypal import PayPal
from paidsupport.sales.payments import hint_views
from paidsupport.sales.payments.operations import configured
from paidsupport.tickets import tables as tickets
from tests.paying import set_up, set_up_paypal, to_be_paid
from tests.people import Desk
from tests.tickets.decisions.test_pages import words

pytestmark = pytest.mark.row("P16")

HINTS = "/support/pay/hints/paypal"


@pytest.fixture
def there(desk: Desk) -> Iterator[PayPal]:
    """PayPal, as the desk knows it."""
    with PayPal() as paypal:
        set_up_paypal(desk, paypal)
        yield paypal


class Customer:
    """Somebody at their private page, with a browser without scripts."""

    def __init__(self, app: Flask, desk: Desk, code: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.desk, self.code = desk, code
        self.page = f"/support/t/{desk.token(code)}"

    def reads(self, address: str = "") -> str:
        """A page in words."""
        answer = self.client.get(address or self.page)
        assert answer.status_code == 200
        return words(answer.text)

    def press(self, address: str, action: str) -> str:
        """Press the button of a form of a page; where that leads."""
        page = BeautifulSoup(self.client.get(address).text, "html.parser")
        form = next(each for each in page.select("form") if str(each["action"]).endswith(action))
        sent = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[name]")}
        answer = self.client.post(str(form["action"]), data=sent)
        assert answer.status_code == 303, words(answer.text)
        return answer.location

    def begin(self, provider: str = "paypal") -> str:
        """Begin to pay, and let a worker ask; the address of the page of the payment."""
        there = self.press(self.page, f"/pay-by/{provider}")
        assert "One moment…" in self.reads(there)
        self.desk.work()
        return there

    def link(self, address: str, text: str) -> str:
        """Where a link of a page leads."""
        page = BeautifulSoup(self.client.get(address).text, "html.parser")
        return next(str(each["href"]) for each in page.select("main a, #ps-pay a") if text in each.text)


def answer(address: str, what: str) -> None:
    """What the payer presses on the page of the stand-in."""
    requests.post(address, data={"answer": what}, timeout=20, allow_redirects=False)


def receipts(desk: Desk) -> list[str]:
    """The subjects of the receipts that have left."""
    return [str(mail["Subject"]) for mail in desk.transport.sent if mail["X-Paidsupport-Kind"] == "receipt"]


def test_a_customer_pays_and_comes_back(app: Flask, desk: Desk, there: PayPal) -> None:
    """Led there by a link, and back to the own page; one receipt, however often anything is looked at."""
    jane = Customer(app, desk, to_be_paid(desk))
    assert "USD 45.00 due" in jane.reads()
    assert "Test payments: no real money moves." in jane.reads()
    page = jane.begin()
    reference = page.rpartition("/")[2]
    address = jane.link(page, "Pay USD 45.00 with PayPal")
    assert address.startswith(there.url)
    assert "You began to pay USD 45.00 with PayPal. Continue" in jane.reads()
    # left open, it is gone on with
    assert jane.press(jane.page, "/pay-by/paypal") == page

    back = f"/support/pay/{reference}"
    stranger = app.test_client().get(back)
    assert stranger.status_code == 200
    assert "Your payment is being checked" in stranger.text
    assert jane.code not in stranger.text
    assert jane.page not in stranger.text
    assert app.test_client().get("/support/pay/nothing").text == stranger.text
    returned = jane.client.get(back)
    assert returned.location == f"{page}?back=1"

    answer(address, "approve")
    jane.press(page, "/look")
    desk.work()
    assert "Thank you: we've received USD 45.00" in jane.reads(page)
    desk.work()
    assert len(receipts(desk)) == 1
    [mail] = [each for each in desk.transport.sent if each["X-Paidsupport-Kind"] == "receipt"]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "We've received your payment of USD 45.00 with PayPal" in text
    assert "It's all paid, so the work can begin." in text
    assert "This was a test payment" in text
    for _ in range(3):
        desk.clock.forward(days=2)
        desk.work()
    assert len(receipts(desk)) == 1
    assert "/pay-by/" not in jane.client.get(jane.page).text
    assert desk.broken() == {}


def test_a_customer_leaves_it_and_pays_twice(app: Flask, desk: Desk, there: PayPal) -> None:
    """Given up, begun with another provider, and then paid with both: the page says what comes back."""
    set_up(desk, "console")
    jane = Customer(app, desk, to_be_paid(desk))
    first = jane.begin()
    address = jane.link(first, "Pay USD 45.00 with PayPal")
    second = jane.begin("console")
    jane.press(second, "/look")
    desk.work()
    assert "Thank you: we've received USD 45.00" in jane.reads(second)
    assert "You began to pay" not in jane.reads()
    assert "Nothing to pay It's all paid." in jane.reads(first)
    answer(address, "approve")
    jane.press(first, "/look")
    desk.work()
    assert "That is USD 45.00 more than was due. We'll refund it." in jane.reads(first)
    assert "You've paid USD 45.00 more than was due" in jane.reads()
    desk.work()
    assert len(receipts(desk)) == 2
    assert desk.broken() == {}


def test_nobody_sees_or_moves_a_payment_of_another_ticket(app: Flask, desk: Desk, there: PayPal) -> None:
    """Not by another private page; and only so many are begun, and looked at, within an hour."""
    jane, eve = (Customer(app, desk, to_be_paid(desk)) for _ in range(2))
    page = jane.begin()
    reference = page.rpartition("/")[2]
    for rest in (reference, f"{reference}/poll"):
        assert eve.client.get(f"{eve.page}/pay/{rest}").status_code == 404
    assert eve.client.get(f"{eve.page}/pay/nothing").status_code == 404
    assert eve.client.get(f"{eve.page}/pay-by/paypal").location.endswith(eve.page)
    html = jane.client.get(page).text
    poll = re.search(r'hx-get="([^"]+)"', html)
    assert poll
    assert jane.client.get(poll[1].replace("&amp;", "&")).status_code == 204
    for _ in range(60):
        jane.press(page, "/look")
    form = BeautifulSoup(html, "html.parser").select_one('form[action$="/look"]')
    assert form
    sent = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[name]")}
    assert jane.client.post(str(form["action"]), data=sent).status_code == 429


def test_a_webhook_is_proven_and_then_only_a_hint(app: Flask, desk: Desk, there: PayPal) -> None:
    """Genuine, forged, repeated, too large, from nobody: and answered at once."""
    jane, program = Customer(app, desk, to_be_paid(desk)), app.test_client()
    page = jane.begin()
    answer(jane.link(page, "Pay USD 45.00"), "approve")
    headers, body = there.signed(there.events[-1])

    def post(body: bytes = body, where: str = headers["Paypal-Cert-Url"]) -> int:
        sent = {**headers, "Paypal-Cert-Url": where}
        return program.post(HINTS, data=body, headers=sent).status_code

    with desk.ctx() as ctx:
        provider = configured.provider_of(ctx, "paypal")
        assert isinstance(provider, Provider)
        assert provider.certificates
        provider.certificates._start = lambda run: run()  # nothing is waited for
    assert [post(), post()] == [200, 200]
    assert post(body.replace(b"APPROVED", b"COMPLETE")) == 400
    assert post(where="https://elsewhere.example/v1/notifications/certs/x") == 400
    assert program.post(HINTS, data=body).text == ""
    assert post(b"x" * (hint_views.LARGEST + 1)) == 413
    assert program.get(HINTS).status_code == 405
    for unknown in ("nobody", "console", "bank"):
        assert program.post(f"/support/pay/hints/{unknown}", data=body, headers=headers).status_code == 404
    desk.work()
    assert "Thank you" in jane.reads(page)
    events = []
    for number in range(40):
        headers, body = there.signed({**there.events[-1], "id": f"WH-{number}"})
        began = time.perf_counter()
        assert post(body) == 200
        events.append(time.perf_counter() - began)
    print(f"webhook: median {sorted(events)[20] * 1000:.1f} ms, worst {max(events) * 1000:.1f} ms")  # noqa: T201
    desk.work()
    assert len(receipts(desk)) == 1
    assert desk.broken() == {}


def test_a_transfer_has_a_page_of_its_own(lite_app: Flask, lite_desk: Desk) -> None:
    """With amount, account and reference; nothing is begun, and once it is paid it leads back."""
    set_up(lite_desk, "bank", holder="Example Support", iban="DE89370400440532013000", currencies="USD")
    jane = Customer(lite_app, lite_desk, to_be_paid(lite_desk))
    assert "The work can begin once you've paid." in jane.reads()
    page = jane.link(jane.page, "Pay USD 45.00 by bank transfer")
    said = jane.reads(page)
    assert "Pay USD 45.00 by bank transfer" in said
    assert "DE89 3704 0044 0532 0130 00" in said
    assert page == f"{jane.page}/transfer"
    with lite_desk.ctx() as ctx:
        tickets.lock(ctx.session, jane.code).paid_minor = 4500
    assert jane.client.get(page).location == jane.page
