"""PayPal: its client against a stand-in that checks every field, over real sockets (P16)."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from paidsupport.connect.outgoing import Line
from paidsupport.connect.payments import paypal_hints as hints
from paidsupport.connect.payments import paypal_truth as truths
from paidsupport.connect.payments.paypal import KIND, PayPal
from paidsupport.connect.payments.paypal_client import RefusedError
from paidsupport.demo.pay import paypal as fake
from paidsupport.demo.pay.certificates import Signer
from paidsupport.demo.pay.server import AWAY, LATE, LOST, Fault, Server
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.money import Money
from paidsupport.sales.payments.providers import ForgedHintError, Hint, Known, Provider, Refund, Truth
from paidsupport.sales.payments.rules import PaymentStep as Step
from tests.postgres import free_port

pytestmark = pytest.mark.row("P16")

BACK = "http://127.0.0.1:9/pay/RF-1"
KNOWN = Known(
    reference="PAY1",
    code="PS-7KQM-2XNV",
    amount=Money(12000, "EUR"),
    summary="PS-7KQM-2XNV Installation" + " and more" * 20,
    language="de",
    back=BACK,
    until=datetime(2034, 3, 14, tzinfo=UTC),
)
ORDERS, TAKE, PAY_BACK = (
    "/v2/checkout/orders",
    "/v2/checkout/orders/*/capture",
    "/v2/payments/captures/*/refund",
)


@pytest.fixture
def there() -> Iterator[fake.PayPal]:
    """What stands for PayPal."""
    with fake.PayPal() as found:
        yield found


@pytest.fixture
def paypal(there: fake.PayPal) -> PayPal:
    """The provider, which asks it."""
    return client(there)


def client(there: fake.PayPal, secret: str = fake.SECRET, seconds: float = 20) -> PayPal:
    """A provider with no token yet, which waits so long for an answer."""
    line = Line(there.url, private=True, timeout=(20, seconds))
    return PayPal(line, fake.CLIENT, secret, fake.WEBHOOK, "Gallery support")


def begun(paypal: Provider, known: Known = KNOWN) -> Known:
    """A payment that the customer can approve."""
    truth = paypal.begin(known)
    assert (truth.step, truth.received) == (Step.OPEN, None)
    assert truth.address
    return replace(known, remote=truth.remote)


def answer(address: str, how: str) -> requests.Response:
    """The payer presses a button on PayPal's page."""
    assert "Test payment" in requests.get(address, timeout=20).text
    return requests.post(address, data={"answer": how}, timeout=20, allow_redirects=False)


def taken(there: fake.PayPal, paypal: Provider, known: Known = KNOWN) -> tuple[Known, Truth]:
    """A payment whose money was taken."""
    known = begun(paypal, known)
    there.approve(known.remote)
    truth = paypal.capture(known)
    return replace(known, capture=truth.capture), truth


def paths(there: fake.PayPal, method: str = "POST") -> list[str]:
    """What was asked for, without tokens."""
    return [hit.path for hit in there.server.hits if hit.method == method and "oauth2" not in hit.path]


def test_a_payment_is_made_approved_and_taken_once(there: fake.PayPal, paypal: PayPal) -> None:
    """With the payer's page between; everything that is asked twice gives the same."""
    first = paypal.begin(KNOWN)
    assert paypal.begin(KNOWN) == first == paypal.look(KNOWN)
    known = replace(KNOWN, remote=first.remote)
    assert paypal.look(known) == first
    assert paypal.capture(known).step is Step.OPEN  # not approved yet
    back = answer(first.address, "cancel")
    assert back.headers["Location"] == f"{BACK}?token={first.remote}"
    assert paypal.look(known).step is Step.OPEN
    back = answer(first.address, "approve")
    assert back.headers["Location"].startswith(f"{BACK}?token={first.remote}&PayerID=")
    assert paypal.look(known) == Truth(Step.APPROVED, remote=first.remote)
    truth = paypal.capture(known)
    [capture] = there.captures
    assert truth == Truth(Step.RECEIVED, KNOWN.amount, remote=first.remote, capture=capture["id"])
    assert paypal.capture(known) == truth == paypal.look(known)
    assert paypal.capture(replace(known, version="another")) == truth  # already captured
    assert (len(there.captures), len(there.orders)) == (1, 1)


def test_what_paypal_is_told(there: fake.PayPal, paypal: PayPal) -> None:
    """Our names, amounts as texts, and where the payer goes back to; the stand-in refuses all else."""
    begun(paypal)
    hit = next(hit for hit in there.server.hits if hit.path == ORDERS)
    assert hit.headers["paypal-request-id"] == "PAY1"
    assert hit.headers["prefer"] == "return=representation"
    [unit] = hit.json["purchase_units"]
    assert unit["amount"] == {"currency_code": "EUR", "value": "120.00"}
    assert (unit["invoice_id"], unit["custom_id"]) == ("PAY1", KNOWN.code)
    assert len(unit["description"]) == 127
    assert hit.json["payment_source"]["paypal"]["experience_context"] == {
        "return_url": BACK,
        "cancel_url": BACK,
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
        "brand_name": "Gallery support",
        "locale": "de-DE",
    }


@pytest.mark.parametrize(
    ("money", "value"),
    [
        (Money(12345, "EUR"), "123.45"),
        (Money(5, "USD"), "0.05"),
        (Money(1500, "JPY"), "1500"),
        (Money(150000, "HUF"), "1500"),
    ],
)
def test_amounts_have_the_digits_of_their_currency(
    there: fake.PayPal, paypal: PayPal, money: Money, value: str
) -> None:
    """There and back again, whatever PayPal counts in."""
    known, truth = taken(there, paypal, replace(KNOWN, amount=money))
    assert there.orders[known.remote]["purchase_units"][0]["amount"]["value"] == value
    assert truth.received == money


def test_what_paypal_cannot_take_is_not_asked_for(there: fake.PayPal, paypal: PayPal) -> None:
    """Another currency, or decimals where it has none; and what it refuses comes with its words."""
    for money in (Money(150050, "HUF"), Money(1000, "KWD")):
        with pytest.raises(NotSentError, match="cannot take") as caught:
            paypal.begin(replace(KNOWN, amount=money))
        assert caught.value.permanent
    assert there.server.hits == []
    with pytest.raises(NotSentError, match=r"CURRENCY_NOT_SUPPORTED.*debug_id") as caught:
        paypal.begin(replace(KNOWN, amount=Money(1000, "NOK")))
    assert caught.value.permanent
    assert fake.SECRET not in str(caught.value)


def test_the_stand_in_takes_nothing_but_what_is_published(there: fake.PayPal, paypal: PayPal) -> None:
    """Or else it would prove nothing."""
    begun(paypal)
    right = next(hit for hit in there.server.hits if hit.path == ORDERS).json
    headers = {"Authorization": f"Bearer {there.tokens[-1]}", "PayPal-Request-Id": "other"}

    def sent(without: str = "", **changed: object) -> tuple[int, str]:
        body = {**right, **changed}
        unit = changed.pop("unit", None)
        if unit:
            body = {**right, "purchase_units": [{**right["purchase_units"][0], **unit}]}  # type: ignore[dict-item]
        kept = {name: value for name, value in headers.items() if name != without}
        found = requests.post(f"{there.url}{ORDERS}", json=body, headers=kept, timeout=20)
        details = found.json().get("details") or [{"issue": found.json().get("error")}]
        return found.status_code, details[0]["issue"]

    assert sent("Authorization") == (401, "invalid_token")
    assert sent("PayPal-Request-Id") == (400, "PAYPAL_REQUEST_ID_REQUIRED")
    assert sent(colour="red") == (400, "MALFORMED_REQUEST_JSON")
    assert sent(intent="TAKE") == (400, "INVALID_PARAMETER_VALUE")
    assert sent(purchase_units={}) == (400, "INVALID_PARAMETER_SYNTAX")
    assert sent(unit={"amount": {"currency_code": "EUR", "value": 120.0}})[1] == "INVALID_PARAMETER_SYNTAX"
    assert sent(unit={"amount": {"value": "1.00"}})[1] == "MISSING_REQUIRED_PARAMETER"
    assert sent(unit={"amount": {"currency_code": "EUR", "value": "1.005"}}) == (422, "DECIMAL_PRECISION")
    assert sent(unit={"amount": {"currency_code": "JPY", "value": "1.00"}}) == (422, "DECIMALS_NOT_SUPPORTED")
    assert sent(unit={"amount": {"currency_code": "EUR", "value": "-1"}})[0] == 400
    assert len(there.orders) == 1


def test_a_token_is_kept_until_it_ends(there: fake.PayPal, paypal: PayPal) -> None:
    """By all threads; and made anew once when PayPal does not take it any more."""
    threads = [threading.Thread(target=paypal.look, args=(KNOWN,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(there.tokens), len(there.orders)) == (1, 1)
    there.tokens.clear()
    known = begun(paypal)
    assert len(there.tokens) == 1
    there.approve(known.remote)
    there.server.next("POST", TAKE, Fault(401, {"error": "invalid_token"}))
    assert paypal.capture(known).step is Step.RECEIVED
    there.server.next("GET", f"{ORDERS}/*", *[Fault(401, {"error": "invalid_token"})] * 2)
    with pytest.raises(NotSentError, match="invalid_token") as caught:
        paypal.look(known)
    assert not caught.value.permanent
    there.expires_in = 30
    short = client(there)
    before = len(there.tokens)
    short.look(known)
    assert len(there.tokens) > before + 1  # it ends before it could be used again


def test_a_manager_is_told_what_is_wrong(there: fake.PayPal, paypal: PayPal) -> None:
    """A wrong secret, and a server that is not there."""
    assert paypal.check() == ""
    assert client(there, "wrong").check() == "PayPal does not accept the client ID or the secret."
    gone = PayPal(Line(f"http://127.0.0.1:{free_port()}", private=True), "a", "b")
    assert gone.check() == "PayPal could not be reached: ConnectionError."
    there.server.next("POST", "/v1/oauth2/token", Fault(503, "<html>"), Fault(308, "", {"Location": BACK}))
    assert "503" in client(there).check()
    assert "redirect" in client(there).check()
    inside = PayPal(Line("https://127.0.0.1:1"), "a", "b")
    assert inside.check() == "PayPal could not be reached: PRIVATE."


UNKNOWN = [LATE, LOST, AWAY, Fault(500, {"name": "INTERNAL_SERVER_ERROR"}), Fault(500, handled=True)]
UNKNOWN += [Fault(409, {"name": "RESOURCE_CONFLICT"}), Fault(200, "no JSON", handled=True)]
NAMES = ["late", "lost", "away", "500", "500 after it", "409", "garbled"]


@pytest.mark.parametrize("fault", UNKNOWN, ids=NAMES)
def test_what_is_unknown_is_looked_up_and_done_once(there: fake.PayPal, fault: Fault) -> None:
    """Of an order, its capture and its refund."""
    paypal = client(there, seconds=0.7 if fault.held else 20)
    paypal.check()
    there.server.next("POST", ORDERS, fault)
    with pytest.raises(UnclearError):
        paypal.begin(KNOWN)
    known = begun(client(there))
    assert client(there).look(KNOWN).remote == known.remote
    there.approve(known.remote)
    there.server.next("POST", TAKE, fault)
    with pytest.raises(UnclearError):
        paypal.capture(known)
    truth = client(there).look(known)
    assert truth.step is (Step.RECEIVED if fault.handled else Step.APPROVED)
    truth = client(there).capture(known)
    assert (truth.step, truth.received) == (Step.RECEIVED, KNOWN.amount)
    refund = Refund("RF1", Money(5000, "EUR"), Money(5000, "EUR"), "Too late")
    known = replace(known, capture=truth.capture, refunds=[refund])
    there.server.next("POST", PAY_BACK, fault)
    with pytest.raises(UnclearError):
        paypal.refund(known, refund)
    assert bool(client(there).look(known).refunds) is fault.handled
    assert client(there).refund(known, refund).refunds == {"RF1": Money(5000, "EUR")}
    assert [len(there.orders), len(there.captures), len(there.refunds)] == [1, 1, 1]


@pytest.mark.parametrize("fault", UNKNOWN[1:], ids=NAMES[1:])
def test_what_was_only_read_is_read_again(there: fake.PayPal, paypal: PayPal, fault: Fault) -> None:
    """Nothing can have been done by it."""
    known = begun(paypal)
    there.server.next("GET", f"{ORDERS}/*", fault)
    with pytest.raises(NotSentError) as caught:
        paypal.look(known)
    assert not caught.value.permanent
    assert paypal.look(known).step is Step.OPEN


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_with_a_token(there: fake.PayPal, paypal: PayPal, status: int) -> None:
    """The other address hears nothing."""
    with Server(lambda _environ, _start: []) as elsewhere:
        there.server.next("POST", ORDERS, Fault(status, "", {"Location": elsewhere.url}))
        with pytest.raises(NotSentError, match="redirect") as caught:
            paypal.begin(KNOWN)
        assert caught.value.permanent
        assert elsewhere.hits == []


def test_a_card_that_is_declined_leads_back_to_paypal(there: fake.PayPal, paypal: PayPal) -> None:
    """It is not asked again at each look. The payer chooses another one, and that is captured once."""
    now = 1_000.0
    paypal._now = lambda: now
    known = begun(paypal)
    answer(paypal.look(known).address, "decline")
    declined = paypal.capture(known)
    assert (declined.step, declined.received) == (Step.OPEN, None)
    assert "INSTRUMENT_DECLINED" in declined.problem
    known = replace(known, version=declined.version)
    assert [paypal.look(known).same for _ in range(3)] == [True] * 3
    now += 3600
    assert paypal.look(known).step is Step.APPROVED
    now -= 3600
    answer(declined.address, "approve")
    assert paypal.look(known).step is Step.APPROVED
    assert paypal.capture(known).step is Step.RECEIVED
    assert len(there.captures) == 1


def test_a_capture_that_leaves_the_order_approved_is_not_repeated_at_once(
    there: fake.PayPal, paypal: PayPal
) -> None:
    """Whatever that means: the next look says."""
    known = begun(paypal)
    there.approve(known.remote)
    there.server.next("POST", TAKE, Fault(201, there.orders[known.remote]))
    assert paypal.capture(known).step is Step.PENDING
    refused = {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "ORDER_NOT_APPROVED"}]}
    there.server.next("POST", TAKE, Fault(422, refused))
    assert paypal.capture(known).step is Step.PENDING


@pytest.mark.parametrize(
    ("status", "reason", "step"),
    [
        ("PENDING", "PENDING_REVIEW", Step.PENDING),
        ("DECLINED", "", Step.ENDED),
        ("FAILED", "", Step.ENDED),
        ("PENDING", "BUYER_COMPLAINT", Step.DISPUTED),
        ("DECLINED", "CHARGEBACK", Step.REVERSED),
    ],
)
def test_states_of_captures(there: fake.PayPal, paypal: PayPal, status: str, reason: str, step: Step) -> None:
    """What has not come does not count, whatever it waits for, and PayPal's reason is kept."""
    there.capture_status, there.reason = status, reason
    known, truth = taken(there, paypal)
    assert (truth.step, paypal.look(known).step) == (step, step)
    assert truth.problem == f"{status} {reason}".strip()
    assert (truth.received is not None) is (step is Step.DISPUTED)
    there.clear(there.captures[0]["id"])
    assert paypal.look(known).received == KNOWN.amount


def test_disputes_and_what_the_bank_takes_back(there: fake.PayPal, paypal: PayPal) -> None:
    """They are asked for, as orders do not tell of them; an app that may not ask sees none."""
    known, _truth = taken(there, paypal)
    there.dispute(known.capture)
    assert (paypal.look(known).step, paypal.look(known).received) == (Step.DISPUTED, KNOWN.amount)
    there.may_read_disputes = False
    assert paypal.look(known).step is Step.RECEIVED
    there.may_read_disputes = True
    there.dispute(known.capture, "RESOLVED")
    assert paypal.look(known).step is Step.RECEIVED
    there.server.next("GET", "/v1/customer/disputes", Fault(500))
    with pytest.raises(NotSentError):  # not known: not taken for none
        paypal.look(known)
    there.clear(known.capture, "DECLINED", "CHARGEBACK")
    assert paypal.look(known).step is Step.REVERSED


def test_refunds(there: fake.PayPal, paypal: PayPal) -> None:
    """In parts, the same one once, and what PayPal pays back on its own, up to the whole."""
    known, _truth = taken(there, paypal)
    first = Refund("RF1", Money(2000, "EUR"), Money(2000, "EUR"), "Shorter than " + "planned " * 60)
    second = Refund("RF2", Money(3000, "EUR"), Money(5000, "EUR"))
    known = replace(known, refunds=[first, second])
    assert paypal.refund(known, first).refunds == {"RF1": Money(2000, "EUR")}
    assert paypal.refund(known, first).refunds == {"RF1": Money(2000, "EUR")}
    both = {"RF1": Money(2000, "EUR"), "RF2": Money(3000, "EUR")}
    assert paypal.refund(known, second).refunds == both
    assert paths(there).count(f"/v2/payments/captures/{known.capture}/refund") == 2
    there.take_back(known.capture, "70.00")
    truth = paypal.look(known)
    own = there.refunds[-1]["id"]
    assert (truth.step, truth.received) == (Step.RECEIVED, KNOWN.amount)
    assert truth.refunds == {**both, own: Money(7000, "EUR")}
    third = Refund("RF3", Money(1, "EUR"), Money(5001, "EUR"))
    with pytest.raises(NotSentError, match="CAPTURE_FULLY_REFUNDED") as caught:
        paypal.refund(replace(known, refunds=[first, second, third]), third)
    assert caught.value.permanent


def test_refunds_that_take_time_or_fail(there: fake.PayPal, paypal: PayPal) -> None:
    """One that is on its way is no refund yet; one that failed is told; one not shown yet is known."""
    known, _truth = taken(there, paypal)
    refund = Refund("RF1", Money(2000, "EUR"), Money(2000, "EUR"))
    known = replace(known, refunds=[refund])
    there.refund_status = "PENDING"
    truth = paypal.refund(known, refund)
    assert (truth.refunds, truth.pending) == ({}, frozenset({"RF1"}))
    there.refunds[0]["status"] = "COMPLETED"
    assert paypal.look(known).refunds == {"RF1": Money(2000, "EUR")}
    failing = Refund("RF2", Money(100, "EUR"), Money(2100, "EUR"))
    there.refund_status = "FAILED"
    with pytest.raises(NotSentError, match="FAILED") as caught:
        paypal.refund(known, failing)
    assert caught.value.permanent
    there.refund_status = "COMPLETED"
    seen = Refund("RF3", Money(300, "EUR"), Money(2300, "EUR"))
    order = there.orders[known.remote]
    there.server.next("GET", f"{ORDERS}/*", *[Fault(200, order)] * 2)  # as it was before
    assert paypal.refund(known, seen).refunds == {"RF1": Money(2000, "EUR"), "RF3": Money(300, "EUR")}


def test_a_capture_refunded_without_a_refund_to_show_for_it(there: fake.PayPal, paypal: PayPal) -> None:
    """The rest counts as paid back."""
    known, _truth = taken(there, paypal)
    there.clear(known.capture, "REFUNDED")
    assert paypal.look(known).refunds == {known.capture: KNOWN.amount}


def test_other_amounts_and_currencies_than_ours(there: fake.PayPal, paypal: PayPal) -> None:
    """A part is a part; another currency, or an order that is not ours, is for a manager to look at."""
    there.captured = {"currency_code": "EUR", "value": "119.99"}
    assert taken(there, paypal)[1].received == Money(11999, "EUR")
    there.captured = {"currency_code": "USD", "value": "120.00"}
    truth = taken(there, paypal, replace(KNOWN, reference="PAY2"))[1]
    assert (truth.step, truth.received) == (Step.STRANGE, Money(12000, "USD"))
    known = begun(paypal, replace(KNOWN, reference="PAY3"))
    unit: dict[str, Any] = there.orders[known.remote]["purchase_units"][0]
    there.approve(known.remote)
    for name, value in (("invoice_id", "PAY9"), ("amount", {"currency_code": "EUR", "value": "1.00"})):
        before, unit[name] = unit[name], value
        assert paypal.look(known).step is Step.STRANGE
        unit[name] = before
    assert paypal.look(known).step is Step.APPROVED


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        *(
            ("1.5", 150),
            ("7", 700),
            ("0.05", 5),
            ("1.500", 150),
            ("1.505", None),
            ("-1.00", None),
            ("", None),
        ),
        *(
            ("1e2", None),
            ("1,00", None),
            (".5", None),
            ("٣", None),
            ("9" * 30, None),
            (120, None),
            (None, None),
        ),
    ],
)
def test_amounts_are_read_strictly(value: object, minor: int | None) -> None:
    """What is no amount is none."""
    found = truths.money({"currency_code": "EUR", "value": value})
    assert found == (None if minor is None else Money(minor, "EUR"))


def test_answers_out_of_shape_do_no_harm(there: fake.PayPal, paypal: PayPal) -> None:
    """Whatever PayPal sends: it is kept as far as a database can hold it, or not at all."""
    known, _truth = taken(there, paypal)
    deep = "[" * 100_000
    there.server.next("GET", f"{ORDERS}/*", Fault(200, deep), Fault(200, "[]"), Fault(200, "x" * 2_000_000))
    for _ in range(3):
        with pytest.raises(NotSentError) as caught:
            paypal.look(known)
        assert not caught.value.permanent
    said = {"name": "A\0B", "debug_id": "a\r\nb", "details": ["x", {"issue": 7}, {"description": "\ud800"}]}
    there.server.next("POST", ORDERS, Fault(422, said))
    with pytest.raises(RefusedError) as refused:
        paypal.begin(KNOWN)
    assert str(refused.value).isprintable()
    assert refused.value.mark == "ab"
    links = [{"rel": "payer-action", "href": "javascript:alert(1)"}]
    there.server.next("POST", ORDERS, Fault(200, {"id": "O1", "status": "CREATED", "links": links}))
    assert paypal.begin(KNOWN).address == ""


def test_an_order_that_paypal_has_forgotten_has_ended(there: fake.PayPal, paypal: PayPal) -> None:
    """Unless money was taken for it: then nothing is known."""
    known, _truth = taken(there, paypal)
    there.orders.clear()
    with pytest.raises(NotSentError, match="INVALID_RESOURCE_ID"):
        paypal.look(known)
    truth = paypal.look(replace(known, capture=""))
    assert (truth.step, truth.remote) == (Step.ENDED, known.remote)
    assert "not approved in time" in truth.problem


def test_the_values_that_managers_enter(there: fake.PayPal) -> None:
    """Secrets go to PayPal, or to this machine; each kind of mistake is told at its field."""
    good = {"environment": "test", "address": there.url, "client": fake.CLIENT, "secret": fake.SECRET}
    assert KIND.wrong(good) == {}
    assert KIND.make
    assert KIND.make(good).check() == ""
    assert KIND.is_test(good)
    assert KIND.is_test({**good, "environment": "sandbox"})
    assert not KIND.is_test({**good, "environment": "live"})
    for changed in (
        {"environment": "production"},
        {"address": ""},
        {"address": "http://pay.example.org"},
        {"address": "http://10.0.0.1:80"},
        {"address": "https://me@pay.example.org"},
        {"address": "https://pay.example.org/?x"},
        {"address": "ftp://127.0.0.1"},
        {"address": "http://127.0.0.1:port"},
        {"client": "a client"},
        {"secret": "a:b"},
        {"webhook": "https://desk.example.org"},
    ):
        assert list(KIND.wrong({**good, **changed})) == list(changed)
    for address in ("https://pay.example.org/mock", "http://localhost:5055", "http://[::1]:80/"):
        assert KIND.wrong({**good, "address": address}) == {}
    assert KIND.currencies
    assert "EUR" in (KIND.currencies(good) or ())


def crafted(body: bytes, checksum: int) -> bytes:
    """The body with blanks at its end that give it this checksum: it is linear, so they are worked out."""
    blanks = bytearray(b" " * 48)
    base = zlib.crc32(body + blanks)
    basis: list[tuple[int, int]] = []
    for place in range(len(blanks)):
        other = blanks.copy()
        other[place] = 9  # a tab
        change, places = zlib.crc32(body + other) ^ base, 1 << place
        for known, theirs in basis:
            if change ^ known < change:
                change, places = change ^ known, places ^ theirs
        if change:
            basis.append((change, places))
            basis.sort(reverse=True)
    rest, chosen = checksum ^ base, 0
    for known, theirs in basis:
        if rest ^ known < rest:
            rest, chosen = rest ^ known, chosen ^ theirs
    for place in range(len(blanks)):
        if chosen >> place & 1:
            blanks[place] = 9
    return body + blanks


class Authority:
    """Where certificates come from, which counts how often it is asked."""

    def __init__(self, signer: Signer) -> None:
        self.pem, self.root, self.asked = signer.pem, signer.root, 0

    def fetch(self, _url: str) -> bytes:
        self.asked += 1
        return self.pem

    def certificates(self, **changed: Any) -> hints.Certificates:  # noqa: ANN401  # as hints.Certificates
        """The certificates that PayPal's own rules let pass, fetched at once instead of in the background."""
        trust = replace(hints.PAYPAL, roots=lambda: [self.root])
        given = {"trust": trust, "fetch": self.fetch, "start": lambda run: run(), **changed}
        return hints.Certificates(**given)


@pytest.fixture(scope="module")
def signer() -> Signer:
    """The keys of PayPal."""
    return Signer()


URL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"


@pytest.fixture
def hooked(there: fake.PayPal, paypal: PayPal, signer: Signer) -> Authority:
    """PayPal signs, and the provider trusts its authority."""
    there.__dict__["signer"] = signer
    authority = Authority(signer)
    paypal.certificates = authority.certificates()
    return authority


def test_webhooks_are_proven_offline(there: fake.PayPal, paypal: PayPal, hooked: Authority) -> None:
    """Each kind names the payment; a certificate is fetched once, and nothing else is asked for."""
    known, _truth = taken(there, paypal)
    refund = Refund("RF1", Money(100, "EUR"), Money(100, "EUR"))
    paypal.refund(replace(known, refunds=[refund]), refund)
    there.dispute(known.capture)
    requests_before = len(there.server.hits)
    found = {event["event_type"]: paypal.hint(*there.signed(event, URL)) for event in there.events}
    ids = {event["event_type"]: event["id"] for event in there.events}
    named = {kind: (hint.reference, hint.remote) for kind, hint in found.items() if hint}
    assert named == {
        "CHECKOUT.ORDER.APPROVED": ("PAY1", known.remote),
        "PAYMENT.CAPTURE.COMPLETED": ("PAY1", known.capture),
        "PAYMENT.CAPTURE.REFUNDED": ("", known.capture),
        "CUSTOMER.DISPUTE.CREATED": ("", known.capture),
    }
    assert {kind: hint.event for kind, hint in found.items() if hint} == ids
    expired = there.tell("CHECKOUT.PAYMENT-APPROVAL.REVERSED", "order", {"order_id": known.remote})
    assert paypal.hint(*there.signed(expired, URL)) == Hint(
        expired["id"], expired["event_type"], remote=known.remote
    )
    other = there.tell("VAULT.PAYMENT-TOKEN.CREATED", "token", {"id": "T"})
    assert paypal.hint(*there.signed(other, URL)) is None
    assert (hooked.asked, len(there.server.hits)) == (1, requests_before)
    begun_at = time.perf_counter()
    for _ in range(20):
        paypal.hint(*there.signed(other, URL))
    assert (time.perf_counter() - begun_at) / 20 < 0.05  # seconds, in which it is signed as well


def test_what_is_not_proven_is_no_hint(there: fake.PayPal, paypal: PayPal, hooked: Authority) -> None:
    """Another body, another webhook, another way, another place of the certificate: nothing is fetched."""
    event = there.tell("PAYMENT.CAPTURE.COMPLETED", "capture", {"id": "C1", "invoice_id": "PAY1"})
    headers, body = there.signed(event, URL)
    assert paypal.hint(headers, body)
    assert paypal.hint({name.upper(): value for name, value in headers.items()}, body)

    def refused(headers: Mapping[str, str], body: bytes = body) -> str:
        with pytest.raises(ForgedHintError) as caught:
            paypal.hint(headers, body)
        return str(caught.value)

    assert "signature" in refused(headers, body.replace(b"PAY1", b"PAY2"))
    assert "signature" in refused(headers, body + b" ")
    assert "signature" in refused({**headers, "Paypal-Transmission-Id": "other"})
    assert "signature" in refused({**headers, "Paypal-Transmission-Sig": "no Base64"})
    assert "another way" in refused({**headers, "Paypal-Auth-Algo": "SHA1withRSA"})
    assert "another way" in refused({})
    there.webhook = "WEBHOOK_ID"  # as of PayPal's simulator
    assert "signature" in refused(*there.signed(event, URL))
    for url in (
        "https://evil.example/v1/notifications/certs/CERT",
        "https://api.paypal.com.evil.example/v1/notifications/certs/CERT",
        "https://api.paypal.com@evil.example/v1/notifications/certs/CERT",
        "http://api.paypal.com/v1/notifications/certs/CERT",
        "https://api.paypal.com/v1/notifications/certs/../../x",
        "https://api.paypal.com/v1/notifications/certs/CERT?x=//evil.example",
        "https://api.paypal.com:8443/v1/notifications/certs/CERT",
        "https://api.paypal.com/v2/CERT",
        "",
    ):
        assert refused({**headers, "Paypal-Cert-Url": url}) == "The certificate is not at PayPal."
    assert hooked.asked == 1
    without = PayPal(Line(there.url, private=True), fake.CLIENT, fake.SECRET)
    with pytest.raises(ForgedHintError, match="No ID"):
        without.hint(headers, body)


def test_certificates_of_others_are_not_believed(
    there: fake.PayPal, paypal: PayPal, hooked: Authority
) -> None:
    """Of another authority, for another name, too old, or none at all; the next one can be right."""
    event = there.tell("PAYMENT.CAPTURE.COMPLETED", "capture", {"id": "C1", "invoice_id": "PAY1"})
    strangers, renamed = Signer(), Signer("api.paypal.com")
    for signer, authority in ((strangers, hooked), (renamed, Authority(renamed))):
        there.__dict__["signer"] = signer
        paypal.certificates = authority.certificates(fetch=lambda _url, signer=signer: signer.pem)
        with pytest.raises(ForgedHintError, match="not known yet"):
            paypal.hint(*there.signed(event, URL))
    later = datetime.now(UTC) + timedelta(days=5000)
    there.__dict__["signer"] = hooked_signer = Signer()
    authority = Authority(hooked_signer)
    paypal.certificates = authority.certificates(now=lambda: later)
    with pytest.raises(ForgedHintError, match="not known yet"):
        paypal.hint(*there.signed(event, URL))
    answers = iter([b"no certificate", authority.pem])
    paypal.certificates = authority.certificates(fetch=lambda _url: next(answers))
    with pytest.raises(ForgedHintError, match="not known yet"):
        paypal.hint(*there.signed(event, URL))
    assert paypal.hint(*there.signed(event, URL))
    # the authorities that browsers trust have not signed ours
    paypal.certificates = hints.Certificates(fetch=authority.fetch, start=lambda run: run())
    with pytest.raises(ForgedHintError, match="not known yet"):
        paypal.hint(*there.signed(event, URL))


def test_an_unknown_certificate_keeps_no_webhook_waiting(
    there: fake.PayPal, paypal: PayPal, hooked: Authority
) -> None:
    """It is fetched once beside the request, however many there are, and then it is known."""
    event = there.tell("PAYMENT.CAPTURE.COMPLETED", "capture", {"id": "C1", "invoice_id": "PAY1"})
    waiting: list[Any] = []
    paypal.certificates = hooked.certificates(start=waiting.append)
    for _ in range(5):
        with pytest.raises(ForgedHintError, match="being fetched"):
            paypal.hint(*there.signed(event, URL))
    assert (len(waiting), hooked.asked) == (1, 0)
    waiting[0]()
    assert paypal.hint(*there.signed(event, URL))


def test_a_test_server_vouches_for_itself(there: fake.PayPal) -> None:
    """The demo's certificate is fetched from where a manager said that the server is."""
    assert KIND.make
    values = {"environment": "test", "address": f"{there.url}/", "webhook": fake.WEBHOOK}
    paypal = KIND.make({**values, "client": fake.CLIENT, "secret": fake.SECRET})
    assert isinstance(paypal, PayPal)
    assert paypal.certificates
    paypal.certificates._start = lambda run: run()
    event = there.tell("PAYMENT.CAPTURE.COMPLETED", "capture", {"id": "C1", "invoice_id": "PAY1"})
    assert paypal.hint(*there.signed(event))
    with pytest.raises(ForgedHintError, match="not at PayPal"):
        paypal.hint(*there.signed(event, URL))


def test_a_forged_body_with_an_equal_checksum_is_a_hint_and_nothing_more(
    there: fake.PayPal, paypal: PayPal, hooked: Authority
) -> None:
    """The signature does not notice it, so nothing of it is believed: PayPal says how the payment stands."""
    known = begun(paypal)
    event = there.tell("CHECKOUT.ORDER.APPROVED", "checkout-order", there.orders[known.remote])
    headers, body = there.signed(event, URL)
    lie = {**event, "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": {"id": "C1", "invoice_id": "PAY1"}}
    forged = crafted(json.dumps(lie).encode(), zlib.crc32(body))
    assert (forged != body, zlib.crc32(forged)) == (True, zlib.crc32(body))
    found = paypal.hint(headers, forged)
    assert found == Hint(event["id"], "PAYMENT.CAPTURE.COMPLETED", "PAY1", "C1")
    assert paypal.look(known).step is Step.OPEN


def test_forged_webhooks_start_few_requests(there: fake.PayPal, paypal: PayPal, hooked: Authority) -> None:
    """Each may name another certificate at PayPal, which would take us for the one who floods it."""
    asked: list[str] = []
    clock = [datetime.now(UTC)]

    def fetch(url: str) -> bytes:
        asked.append(url)
        return hooked.pem if url == URL else b""

    paypal.certificates = hooked.certificates(fetch=fetch, now=lambda: clock[0])
    headers, body = there.signed(there.tell("PAYMENT.CAPTURE.COMPLETED", "capture", {"id": "C1"}), URL)
    for number in range(50):
        with pytest.raises(ForgedHintError):
            paypal.hint({**headers, "Paypal-Cert-Url": f"{URL}{number}"}, body)
    assert len(asked) == 30
    clock[0] += timedelta(hours=1, seconds=1)
    assert paypal.hint(headers, body)
