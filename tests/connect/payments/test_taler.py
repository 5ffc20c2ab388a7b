"""GNU Taler through real sockets, against a stand-in that checks each request and breaks on order."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.connect.payments.taler import SECRET_HEADER, TalerProvider, provider
from paidsupport.connect.payments.taler_answers import amount_of, incompatible, written
from paidsupport.connect.payments.taler_kind import TALER
from paidsupport.demo.pay.server import AWAY, LATE, LOST, Fault, Server
from paidsupport.demo.pay.taler import TOKEN, Merchant
from paidsupport.kernel.i18n.stored import stored
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.money import CURRENCIES, Money
from paidsupport.sales.payments.providers import ForgedHintError, Known, Refund, Truth
from paidsupport.sales.payments.rules import PaymentStep

pytestmark = pytest.mark.row("P16")

NOW = datetime.now(UTC).replace(microsecond=0)
PRICE = Money(12000, "EUR")
KNOWN = Known(
    reference="a_B-c1",
    code="PS-7K3M-9QXT",
    amount=PRICE,
    summary="Größere Festplatte (PS-7K3M-9QXT)",
    language="de",
    back="https://desk.example/support/t/x",
    until=NOW + timedelta(hours=1),
)
ORDERS = "*/private/orders"
REFUNDS = "*/private/orders/*/refund"


@dataclass(slots=True)
class Backend:
    """A stand-in that is called, and what calls it."""

    server: Server
    merchant: Merchant
    taler: TalerProvider

    def hits(self, method: str) -> list[str]:
        """The paths that were asked for with a method."""
        return [hit.path for hit in self.server.hits if hit.method == method]


def values(address: str, **more: str) -> dict[str, str]:
    """What a manager enters."""
    return {"address": address, "token": TOKEN, "currency": "EUR", "refund_days": "14", **more}


@pytest.fixture
def backend() -> Iterator[Backend]:
    """A merchant backend with one instance."""
    merchant = Merchant()
    with Server(merchant) as server:
        yield Backend(server, merchant, provider(values(f"{server.url}/instances/desk")))


def quickly(backend: Backend) -> TalerProvider:
    """The same provider, which gives up after an instant."""
    return replace(backend.taler, poll=timedelta(0), patience=0.3)


def refund(name: str, minor: int, total: int, reason: str = "Too slow") -> Refund:
    """A refund as the desk asks for it."""
    return Refund(name, Money(minor, "EUR"), Money(total, "EUR"), reason)


def test_a_payment_from_its_beginning_to_two_refunds(backend: Backend) -> None:
    """Begun, claimed, paid, paid back in two parts of which the second is a total: each truth is whole."""
    taler, merchant = backend.taler, backend.merchant
    assert taler.look(KNOWN) == Truth(None)
    begun = taler.begin(KNOWN)
    order = merchant.order(KNOWN.reference)
    assert order.asked["order"]["amount"] == "EUR:120.00"
    assert order.asked["order"]["summary_i18n"] == {"de": KNOWN.summary}
    assert (begun.step, begun.remote, begun.received) == (PaymentStep.OPEN, "a_B-c1", None)
    host = urllib.parse.urlsplit(backend.server.url).netloc
    assert begun.uri == f"taler+http://pay/{host}/instances/desk/a_B-c1/?c={order.claim}"
    assert begun.address == f"{backend.server.url}/instances/desk/orders/a_B-c1?token={order.claim}"
    merchant.claim(KNOWN.reference)
    known = replace(KNOWN, remote=begun.remote, version=begun.version)
    claimed = taler.look(known)
    assert (claimed.step, claimed.uri, claimed.address) == (PaymentStep.OPEN, "", begun.address)
    merchant.pay(KNOWN.reference)
    paid = taler.look(replace(known, version=claimed.version))
    assert (paid.step, paid.received, paid.address) == (PaymentStep.RECEIVED, PRICE, "")
    assert (begun.capture, paid.capture) == ("", KNOWN.reference)
    first, second = refund("r1", 2000, 2000), refund("r2", 1000, 3000, "")
    pending = taler.refund(known, first)
    assert pending.refunds == {}
    assert pending.pending == {"r1"}
    assert pending.address == begun.address
    merchant.fetch(KNOWN.reference)
    half = replace(known, refunds=[replace(first, done=True), second])
    both = taler.refund(half, second)
    assert both.refunds == {"r1": Money(2000, "EUR")}
    assert both.pending == {"r2"}
    assert order.refunded == 30
    merchant.fetch(KNOWN.reference)
    done = taler.look(half)
    assert done.refunds == {"r1": Money(2000, "EUR"), "r2": Money(1000, "EUR")}
    assert (done.pending, done.received, done.step) == (frozenset(), PRICE, PaymentStep.RECEIVED)


def test_the_same_payment_begun_twice_is_one_order(backend: Backend) -> None:
    """With other content it is a conflict, which trying again does not mend."""
    first, second = backend.taler.begin(KNOWN), backend.taler.begin(KNOWN)
    assert first == second
    assert len(backend.merchant.orders) == 1
    with pytest.raises(NotSentError, match=r"another order a_B-c1: 2503 · An order") as refused:
        backend.taler.begin(replace(KNOWN, amount=Money(11999, "EUR")))
    assert refused.value.permanent


def test_nothing_new_is_said_shortly(backend: Backend) -> None:
    """A look waits a moment for news; without any it says so, and with some it comes at once."""
    taler = replace(backend.taler, poll=timedelta(milliseconds=200))
    begun = taler.begin(KNOWN)
    known = replace(KNOWN, remote=begun.remote, version=begun.version)
    assert taler.look(known) == Truth(None, version=begun.version, same=True)
    assert "timeout_ms=200" in backend.server.hits[-1].query
    payer = threading.Timer(0.1, backend.merchant.pay, [KNOWN.reference])
    payer.start()
    since = time.monotonic()
    paid = replace(taler, poll=timedelta(seconds=20)).look(known)
    assert time.monotonic() - since < 15
    payer.join()
    assert (paid.step, paid.same) == (PaymentStep.RECEIVED, False)
    assert taler.look(replace(known, version=paid.version)).same


def test_an_offer_ends_with_its_time(backend: Backend) -> None:
    """Unpaid or claimed; what had been paid before stays paid."""
    begun = backend.taler.begin(KNOWN)
    known = replace(KNOWN, remote=begun.remote, version=begun.version)
    later = replace(backend.taler, now=lambda: KNOWN.until + timedelta(minutes=3))
    ended = later.look(known)
    assert (ended.step, ended.problem, ended.uri) == (PaymentStep.ENDED, "It was not paid in time.", "")
    backend.merchant.claim(KNOWN.reference)
    assert later.look(known).step == PaymentStep.ENDED
    backend.merchant.pay(KNOWN.reference)
    assert later.look(known).step == PaymentStep.RECEIVED


def test_an_order_that_staff_deleted_has_ended(backend: Backend) -> None:
    """Unless it was paid, or the address is another one by now: that takes nothing back."""
    begun = backend.taler.begin(KNOWN)
    known = replace(KNOWN, remote=begun.remote, version=begun.version)
    address = f"{backend.server.url}/instances/desk/private/orders/{KNOWN.reference}"
    assert requests.delete(address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10).ok
    assert backend.taler.look(known).step == PaymentStep.ENDED
    assert backend.taler.look(replace(known, capture=begun.remote)) == Truth(None)
    backend.merchant.instances.clear()
    assert backend.taler.look(known) == Truth(None)


@pytest.mark.parametrize("fault", [LATE, LOST, Fault(500, handled=True), Fault(502, "<html>", handled=True)])
def test_what_was_begun_without_an_answer_is_found_by_a_look(backend: Backend, fault: Fault) -> None:
    """It is unknown, and never NotSentError, which would say that nothing was done."""
    backend.server.next("POST", ORDERS, fault)
    with pytest.raises(UnclearError):
        quickly(backend).begin(KNOWN)
    assert backend.taler.look(KNOWN).step == PaymentStep.OPEN
    assert backend.taler.begin(KNOWN).step == PaymentStep.OPEN
    assert len(backend.merchant.orders) == 1


@pytest.mark.parametrize("fault", [LATE, LOST, Fault(500, handled=True)])
def test_a_refund_without_an_answer_is_paid_back_once(backend: Backend, fault: Fault) -> None:
    """A look finds it by our name in its reason; asked for again, it is the same total."""
    backend.taler.begin(KNOWN)
    backend.merchant.pay(KNOWN.reference)
    backend.server.next("POST", REFUNDS, fault)
    wanted = refund("r1", 2000, 2000)
    known = replace(KNOWN, remote=KNOWN.reference, refunds=[wanted])
    with pytest.raises(UnclearError):
        quickly(backend).refund(known, wanted)
    assert backend.taler.look(known).pending == {"r1"}
    assert backend.taler.refund(known, wanted).pending == {"r1"}
    assert backend.merchant.order(KNOWN.reference).refunded == 20


def test_an_order_that_was_made_and_not_read_is_unclear(backend: Backend) -> None:
    """The look after a begin or a refund is part of it."""
    backend.server.next("GET", "*/private/orders/*", Fault(503), Fault(404, {"code": 2005}))
    for _ in range(2):
        with pytest.raises(UnclearError):
            backend.taler.begin(KNOWN)
    assert backend.taler.look(KNOWN).step == PaymentStep.OPEN


@pytest.mark.parametrize(
    "fault", [AWAY, Fault(500), Fault(401), Fault(308), Fault(200, "[]"), Fault(200, "{")]
)
def test_a_look_that_fails_can_be_repeated(backend: Backend, fault: Fault) -> None:
    """Nothing is lost by it, whatever it was."""
    backend.taler.begin(KNOWN)
    backend.server.next("GET", "*/private/orders/*", fault)
    with pytest.raises(NotSentError) as failed:
        backend.taler.look(KNOWN)
    assert not failed.value.permanent
    assert backend.taler.look(KNOWN).step == PaymentStep.OPEN


def test_nobody_is_there() -> None:
    """Nothing was sent, so it can be tried again."""
    with Server(Merchant()) as server:
        address = server.url
    taler = provider(values(address))
    for ask in (taler.begin, taler.look):
        with pytest.raises(NotSentError, match="could not be reached: ConnectionError") as failed:
            ask(KNOWN)
        assert not failed.value.permanent
    assert "could not be reached" in taler.check()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(401), "refuses the access token"),
        (Fault(403), "does not reach so far"),
        (Fault(404, {"code": 2000, "hint": "The merchant instance is unknown."}), "404: 2000 · The merchant"),
        (Fault(410, {"hint": "Out of stock."}), "410: Out of stock."),
        (Fault(451, {"hint": "Kyc"}), "for legal reasons: Kyc"),
        (Fault(308, headers={"Location": "http://127.0.0.1:1/"}), "sends us elsewhere"),
    ],
)
def test_what_is_refused_is_said_once(backend: Backend, fault: Fault, said: str) -> None:
    """Trying again is of no use, and nothing was made."""
    backend.server.next("POST", ORDERS, fault)
    with pytest.raises(NotSentError, match=said) as refused:
        backend.taler.begin(KNOWN)
    assert refused.value.permanent
    assert backend.merchant.orders == {}
    # what the database keeps is found again, to be translated
    assert hasattr(stored(str(refused.value)), "name")


def test_a_token_is_never_sent_where_a_backend_sends_us(backend: Backend) -> None:
    """Neither elsewhere nor to another path of its own."""
    with Server(Merchant()) as elsewhere:
        backend.server.next(
            "POST", ORDERS, Fault(308, headers={"Location": f"{elsewhere.url}/private/orders"})
        )
        backend.server.next(
            "GET", ORDERS, Fault(302, headers={"Location": f"{elsewhere.url}/private/orders"})
        )
        with pytest.raises(NotSentError):
            backend.taler.begin(KNOWN)
        assert "sends us elsewhere" in backend.taler.check()
        assert elsewhere.hits == []
    before = len(backend.server.hits)
    assert "sends us elsewhere" in provider(values(f"{backend.server.url}/instances/default/")).check()
    assert [hit.path for hit in backend.server.hits[before:]] == ["/instances/default/config"]
    assert "authorization" not in backend.server.hits[before].headers


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "USD:120.00"}, "asks for USD:120.00 instead of EUR:120.00"),
        ({"amount": "EUR:119.99"}, "asks for EUR:119.99 instead of EUR:120.00"),
        ({"amount": "EUR:120.001"}, "asks for EUR:120.001 instead of EUR:120.00"),
        ({"order_id": "other"}, "another order: other"),
    ],
)
def test_another_amount_or_order_is_never_taken_for_ours(
    backend: Backend, wrong: Mapping[str, str], said: str
) -> None:
    """Paid or claimed, it is for a manager to look into."""
    backend.taler.begin(KNOWN)
    backend.merchant.order(KNOWN.reference).wrong.update(wrong)
    for change in (backend.merchant.claim, backend.merchant.pay):
        change(KNOWN.reference)
        strange = backend.taler.look(KNOWN)
        assert (strange.step, strange.received, strange.uri) == (PaymentStep.STRANGE, None, "")
        assert said in strange.problem


def test_refunds_that_cannot_be_are_refused_clearly(backend: Backend) -> None:
    """Before it was paid, above what was paid, too late, for an order without refunds, and for none."""
    taler, merchant = backend.taler, backend.merchant
    taler.begin(KNOWN)
    with pytest.raises(NotSentError, match="2531 · The order was not paid"):
        taler.refund(KNOWN, refund("r1", 2000, 2000))
    merchant.pay(KNOWN.reference)
    with pytest.raises(NotSentError, match="does not pay back so much: 2530") as refused:
        taler.refund(KNOWN, refund("r1", 12001, 12001))
    assert refused.value.permanent
    taler.refund(KNOWN, refund("r1", 2000, 2000))
    merchant.now = lambda: time.time() + 15 * 24 * 60 * 60
    with pytest.raises(NotSentError, match="time for refunds of this payment has passed"):
        taler.refund(KNOWN, refund("r2", 1000, 3000))
    never = replace(KNOWN, reference="never")
    merchant.now = time.time
    replace(taler, refund_delay=timedelta(0)).begin(never)
    merchant.pay("never")
    with pytest.raises(NotSentError, match="without refunds"):
        taler.refund(never, refund("r3", 1000, 1000))
    with pytest.raises(NotSentError, match="no such payment"):
        taler.refund(replace(KNOWN, reference="unknown"), refund("r4", 1000, 1000))


def test_refunds_in_coins_and_by_hand(backend: Backend) -> None:
    """One of several coins is pending until all are fetched; one by hand has a name of its own."""
    taler, merchant = backend.taler, backend.merchant
    taler.begin(KNOWN)
    merchant.pay(KNOWN.reference)
    merchant.coins = 3
    wanted = refund("r1", 2000, 2000)
    known = replace(KNOWN, refunds=[wanted])
    taler.refund(known, wanted)
    merchant.order(KNOWN.reference).refunds[0]["pending"] = False
    assert taler.look(known).refunds == {}
    assert taler.look(known).pending == {"r1"}
    merchant.fetch(KNOWN.reference)
    assert taler.look(known).refunds == {"r1": Money(2000, "EUR")}
    merchant.grant(KNOWN.reference, "EUR:25.00", "By hand (r11)")
    assert taler.look(known).refunds == {"r1": Money(2000, "EUR")}
    merchant.fetch(KNOWN.reference)
    moment = merchant.order(KNOWN.reference).refunds[-1]["timestamp"]["t_s"]
    assert taler.look(known).refunds == {"r1": Money(2000, "EUR"), f"taler-{moment}": Money(500, "EUR")}


def test_a_refund_by_hand_that_we_have_not_heard_of_is_not_taken_for_ours(backend: Backend) -> None:
    """Ours is paid back on top of it, and in full."""
    taler, merchant = backend.taler, backend.merchant
    taler.begin(KNOWN)
    merchant.pay(KNOWN.reference)
    merchant.grant(KNOWN.reference, "EUR:20.00", "By hand")
    wanted = refund("r1", 2000, 2000)
    assert taler.refund(KNOWN, wanted).pending == {"r1"}
    merchant.fetch(KNOWN.reference)
    back = taler.look(replace(KNOWN, refunds=[wanted])).refunds
    assert back["r1"] == Money(2000, "EUR")
    assert sorted(each.minor for each in back.values()) == [2000, 2000]
    assert taler.refund(KNOWN, wanted).refunds == back
    assert merchant.order(KNOWN.reference).refunded == 40


def test_only_links_of_their_kind_reach_a_page(backend: Backend) -> None:
    """A backend that was taken over offers nothing to run."""
    bad = {
        "order_status": "unpaid",
        "taler_pay_uri": "javascript:alert(1)",
        "order_status_url": "javascript:alert(1)",
        "total_amount": "EUR:120",
    }
    backend.server.next("GET", "*/private/orders/*", Fault(200, bad))
    truth = backend.taler.look(KNOWN)
    assert (truth.step, truth.uri, truth.address) == (PaymentStep.OPEN, "", "")


def test_no_secret_leaves_through_the_environment(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither to a proxy nor exchanged for a password of a file."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert backend.taler.check() == ""
    assert backend.server.hits[-1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"version": "20:3:0"}, ""),
        ({"version": "26:0:5"}, "version 26:0:5 of its protocol"),
        ({"version": "19:0:7"}, "version 19:0:7 of its protocol"),
        ({"version": "20"}, "no merchant backend"),
        ({"currency": "KUDOS"}, "takes no EUR, only KUDOS"),
        ({"digits": 0}, "cuts decimals off amounts in EUR"),
        ({"token": "secret-token:other"}, "refuses the access token"),
        ({"scopes": {"orders-write"}}, "does not reach so far"),
        ({"instances": set()}, "no such instance"),
    ],
)
def test_a_check_says_what_is_wrong(backend: Backend, change: Mapping[str, Any], said: str) -> None:
    """Version, currency, token and instance, in a sentence."""
    for name, value in change.items():
        setattr(backend.merchant, name, value)
    found = backend.taler.check()
    assert (said in found) if said else found == ""
    assert backend.merchant.orders == {}


def test_another_service_is_no_merchant_backend() -> None:
    """Whatever it answers."""
    for config in (
        {},
        {"name": "taler-exchange", "version": "20:0:0"},
        {"name": "taler-merchant", "version": 20},
    ):
        assert incompatible(config, "EUR") == "There is no merchant backend of GNU Taler at this address."


class Hooks:
    """Receives webhooks, and has them read as hints."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


def test_webhooks_are_registered_and_read_as_hints(backend: Backend) -> None:
    """Twice, late, for the payment and its refund: each is a hint that says which payment."""
    with Hooks() as hooks:
        taler = replace(backend.taler, webhook=hooks.url)
        assert taler.check() == taler.check() == ""
        assert len(backend.merchant.webhooks) == 2
        backend.merchant.copies, backend.merchant.late = 2, True
        taler.begin(KNOWN)
        backend.merchant.pay(KNOWN.reference)
        backend.merchant.grant(KNOWN.reference, "EUR:5", "By hand")
        assert hooks.got == []
        backend.merchant.deliver()
        assert backend.merchant.sent == [204] * 4
        hints = [taler.hint(*each) for each in hooks.got]
        assert all(each and each.reference == each.remote == KNOWN.reference for each in hints)
        assert [each.kind for each in hints if each] == ["pay", "pay", "refund", "refund"]
        assert len({each.event for each in hints if each}) == 4
        # with another secret, the webhooks of before are changed
        changed = replace(taler, secret="x" * 20)
        assert changed.check() == ""
        backend.merchant.grant(KNOWN.reference, "EUR:6", "By hand")
        backend.merchant.deliver()
        assert changed.hint(*hooks.got[-1])
        with pytest.raises(ForgedHintError):
            taler.hint(*hooks.got[-1])


def test_a_token_that_registers_no_webhooks_is_fine(backend: Backend) -> None:
    """The desk asks by itself then."""
    backend.merchant.scopes.discard("webhooks-write")
    assert replace(backend.taler, webhook="https://desk.example/hook").check() == ""
    assert backend.merchant.webhooks == {}


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ({}, b'{"order": "a_B-c1"}'),
        ({SECRET_HEADER: "wrong"}, b'{"order": "a_B-c1"}'),
        ({SECRET_HEADER: "Größe"}, b'{"order": "a_B-c1"}'),
        ({SECRET_HEADER.lower(): "s" * 20}, b"{"),
        ({SECRET_HEADER.lower(): "s" * 20}, b'["a_B-c1"]'),
        ({SECRET_HEADER.lower(): "s" * 20}, b'{"order": 1}'),
        ({SECRET_HEADER.lower(): "s" * 20}, b'{"order": ""}'),
        ({SECRET_HEADER.lower(): "s" * 20}, b"\xff"),
    ],
)
def test_a_forged_webhook_is_no_hint(header: Mapping[str, str], body: bytes) -> None:
    """Without our secret, or without an order."""
    taler = provider(values("https://backend.example/", secret="s" * 20))
    assert taler.hint({SECRET_HEADER.upper(): "s" * 20}, b'{"order": "a_B-c1"}')
    with pytest.raises(ForgedHintError):
        taler.hint(header, body)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("address", "https://backend.example", ""),
        ("address", "https://backend.example/instances/desk/", ""),
        ("address", "http://127.0.0.1:9966/", ""),
        ("address", "http://localhost/instances/desk", ""),
        ("address", "http://backend.example/", "starts with https://"),
        ("address", "http://127.0.0.1.evil.example/", "starts with https://"),
        ("address", "https://backend.example/instances/default/", "Leave out “/instances/default”"),
        ("address", "https://backend.example/webui/", "Enter an address like"),
        ("address", "https://me:pw@backend.example/", "Enter an address like"),
        ("address", "https://backend.example/?a=b", "Enter an address like"),
        ("address", "https://backend.example:0/", "Enter an address like"),
        ("address", "https://[::1", "Enter an address like"),
        ("address", "backend.example", "Enter an address like"),
        ("address", "ftp://backend.example/", "Enter an address like"),
        ("address", "", "Enter an address like"),
        ("token", "plain", ""),
        ("token", "secret-token:", "Enter the access token"),
        ("token", "two words", "Enter the access token"),
        ("token", "nö", "Enter the access token"),
        ("currency", "CHF", ""),
        ("currency", "KUDOS", ""),
        ("currency", "eur", "Enter the three letters"),
        ("refund_days", "0", ""),
        ("refund_days", "366", "from 0 to 365"),
        ("refund_days", "-1", "from 0 to 365"),
        ("refund_days", "½", "from 0 to 365"),
        ("secret", "s" * 16, ""),
        ("secret", "short", "at least 16 letters"),
        ("secret", "{{ order_id }}" * 2, "at least 16 letters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(name: str, value: str, said: str) -> None:
    """Before anything is called."""
    wrong = TALER.wrong({**values("https://backend.example/"), name: value})
    assert set(wrong) <= {name}
    assert (said in wrong[name]) if said else not wrong


def test_a_server_without_the_library_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a manager would set it up."""
    monkeypatch.setattr("paidsupport.connect.payments.taler_kind.find_spec", lambda _name: None)
    assert "paidsupport[payments]" in TALER.wrong(values("https://backend.example/"))["address"]


def test_play_money_is_offered_to_no_customer() -> None:
    """No ticket has a price in it; a backend on this machine moves nothing real either."""
    real, here = values("https://backend.example/"), values("http://127.0.0.1:1/")
    play = {**real, "currency": "KUDOS"}
    assert TALER.currencies
    assert [TALER.is_test(each) for each in (real, here, play)] == [False, True, True]
    assert [TALER.currencies(each) for each in (real, play)] == [{"EUR"}, frozenset()]


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(0, 2**31 - 1))
def test_amounts_are_read_as_they_are_written(currency: str, minor: int) -> None:
    """In the digits of each currency; with zeros at the end or without."""
    amount = Money(minor, currency)
    assert amount_of(written(amount)) == amount
    whole, mark, rest = written(amount).partition(".")
    assert amount_of(f"{whole}{mark}{rest}".rstrip("0") if rest.strip("0") else whole) == amount


@pytest.mark.parametrize(
    "text",
    [
        *(
            "EUR",
            "EUR:",
            ":1",
            "EUR:1,5",
            "EUR:1.",
            "EUR:.5",
            "EUR:-1",
            "EUR:1e3",
            "EUR:1.123456789",
            "EUR:٣",
        ),
        *("EUR:0.001", "JPY:1.5", 5, None, "EUR:" + "9" * 17),
    ],
)
def test_what_is_no_amount_of_ours_is_none(text: object) -> None:
    """Nor is one with smaller parts than ours."""
    assert amount_of(text) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"surprise": 1}, "surprise"),
        ({"amount": "120.00"}, "amount"),
        ({"amount": 120}, "amount"),
        ({"pay_deadline": 5}, "pay_deadline"),
        ({"order_id": "a/b"}, "order_id"),
        ({"summary": " "}, "summary"),
    ],
)
def test_the_stand_in_refuses_what_the_protocol_does_not_know(
    backend: Backend, change: Mapping[str, Any], said: str
) -> None:
    """Otherwise the tests above would show nothing."""
    backend.taler.begin(KNOWN)
    asked = json.loads(next(hit.body for hit in backend.server.hits if hit.method == "POST"))
    refused = requests.post(
        f"{backend.server.url}/private/orders",
        json={**asked, "order": {**asked["order"], **change}},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    )
    assert refused.status_code == 400
    assert said in refused.json()["detail"]


def test_a_customer_of_the_demonstration_pays_in_the_browser(backend: Backend) -> None:
    """The page says that it is a test, and its buttons do what a wallet does."""
    begun = backend.taler.begin(KNOWN)

    address, _mark, token = begun.address.partition("?token=")

    def page() -> str:
        return requests.get(begun.address, timeout=10).text

    def press(what: str) -> str:
        sent = {"what": what, "token": token}
        answer = requests.post(address, sent, timeout=10, allow_redirects=False)
        assert answer.status_code == 303
        return answer.headers["Location"]

    assert "Test payment. No money moves." in page()
    assert ">Pay EUR 120.00<" in page()
    assert press("leave") == KNOWN.back
    assert backend.taler.look(KNOWN).step == PaymentStep.OPEN
    press("claim")
    assert "A wallet has taken this order." in page()
    assert press("pay") == KNOWN.back
    assert backend.taler.look(KNOWN).step == PaymentStep.RECEIVED
    backend.taler.refund(KNOWN, refund("r1", 500, 500))
    assert "A refund waits." in page()
    press("fetch")
    assert backend.taler.look(replace(KNOWN, refunds=[refund("r1", 500, 500)])).refunds == {
        "r1": Money(500, "EUR")
    }


def test_an_answer_of_any_shape_is_only_unreadable(backend: Backend) -> None:
    """However deep it is nested, and whatever stands where a text should be."""
    shaped = {"name": "taler-merchant", "version": "20:0:0", "currency": ["EUR"], "currencies": ["EUR"]}
    assert "takes no EUR" in str(incompatible(shaped, "EUR"))
    deep = b"[" * 60_000
    with pytest.raises(ForgedHintError):
        backend.taler.hint({SECRET_HEADER: backend.taler.secret}, deep)


def test_no_secret_is_in_what_a_report_of_an_error_shows(backend: Backend) -> None:
    """Programs that collect errors write down the values of a function as they describe themselves."""
    assert backend.taler.token not in repr(backend.taler)
    assert backend.taler.secret not in repr(backend.taler)
