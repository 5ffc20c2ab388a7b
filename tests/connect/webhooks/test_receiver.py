"""The webhook: signed, to checked addresses alone, and never through a redirect (T7, P12)."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from paidsupport.connect.outgoing import TIMEOUT, is_fit
from paidsupport.connect.webhooks.operations import NotDeliveredError
from paidsupport.connect.webhooks.receiver import HttpReceiver, NoReceiver, receiver_of
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.settings import Settings
from tests.certificates import certificate
from tests.connect.webhooks.receivers import SECRET, Site
from tests.postgres import free_port

pytestmark = pytest.mark.row("T7")

NOW = datetime(2034, 3, 14, 9, 0, tzinfo=UTC)


class Names:
    """Finds addresses as it is told, one answer after the other, and counts how often it was asked."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, **_: Any) -> list[Any]:  # noqa: ANN401  # as getaddrinfo
        self.asked.append(host)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer]


@pytest.fixture
def site() -> Iterator[Site]:
    """A receiver that takes everything."""
    with Site() as found:
        yield found


def test_a_request_is_signed_over_id_moment_and_body(site: Site) -> None:
    """A receiver with the secret can prove whence it comes and when; one changed byte is noticed."""
    HttpReceiver(site.url, SECRET, private=True).post("ref-1", b'{"a": "\xc3\xbc"}', NOW)
    [hit] = site.hits
    assert hit.is_signed
    assert not replace(hit, body=hit.body + b" ").is_signed
    assert not replace(hit, headers={**hit.headers, "webhook-timestamp": "1"}).is_signed
    assert (hit.path, hit.body) == ("/hook?channel=desk", b'{"a": "\xc3\xbc"}')
    assert hit.headers["webhook-id"] == "ref-1"
    assert hit.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert hit.headers["content-type"] == "application/json"


def test_a_plain_secret_is_taken_as_it_is(site: Site) -> None:
    """With another secret the signature is another one."""
    HttpReceiver(site.url, "another secret", private=True).post("ref", b"{}", NOW)
    assert not site.hits[0].is_signed


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(site: Site, status: int) -> None:
    """The other address hears nothing, and it is told why."""
    with Site(status=status, location=site.url) as elsewhere:
        with pytest.raises(NotDeliveredError, match="Redirects are not followed"):
            HttpReceiver(elsewhere.url, SECRET, private=True).post("ref", b"{}", NOW)
        assert len(elsewhere.hits) == 1
    assert site.hits == []


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_an_answer_that_is_no_yes_is_a_no(site: Site, status: int) -> None:
    """It is tried again later, whatever the receiver may have meant."""
    site.status = status
    with pytest.raises(NotDeliveredError, match=str(status)):
        HttpReceiver(site.url, SECRET, private=True).post("ref", b"{}", NOW)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254"),
        *("0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "198.18.0.1", "192.0.2.1"),  # noqa: S104
        *("::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1"),
        "2001:0:5ef5:79fb::80ff:fffe",
    ],
)
def test_addresses_that_are_not_public_are_refused(site: Site, address: str) -> None:
    """Whether they stand in the setting or a name leads there; no connection is made."""
    assert not is_fit(ipaddress.ip_address(address), private=False)
    for resolve in (Names([address]), Names(["93.184.215.14", address]), Names([address, "93.184.215.14"])):
        receiver = HttpReceiver(f"https://hooks.example:{site.port}/", SECRET, resolve=resolve)
        with pytest.raises(NotDeliveredError, match="not public"):
            receiver.post("ref", b"{}", NOW)
    number = f"[{address}]" if ":" in address else address
    with pytest.raises(NotDeliveredError, match="not public"):
        HttpReceiver(f"https://{number}:{site.port}/", SECRET).post("ref", b"{}", NOW)
    assert site.hits == []


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14"])
def test_public_addresses_are_fit(address: str) -> None:
    """With or without the permission for others."""
    assert is_fit(ipaddress.ip_address(address), private=False)
    assert is_fit(ipaddress.ip_address(address), private=True)


def test_the_own_network_can_be_allowed_but_not_all_of_it() -> None:
    """Where clouds give out keys, no permission leads; nor to nobody or to many."""
    for address in (
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "::1",
        "fd12::1",
        "::ffff:10.0.0.1",
    ):
        assert is_fit(ipaddress.ip_address(address), private=True)
    metadata = ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
    nobodys = ("0.0.0.0", "::", "224.0.0.1", "ff02::1")  # noqa: S104
    for address in (*metadata, "::ffff:168.63.129.16", "169.254.169.254", "fe80::1", *nobodys):
        assert not is_fit(ipaddress.ip_address(address), private=True)


def test_a_name_is_looked_up_once_and_connected_to_as_it_was_checked(site: Site) -> None:
    """What it leads to a moment later does not matter: the name is unknown to everybody else here."""
    names = Names(["127.0.0.1"], ["10.99.99.99"])
    url = f"http://hooks.invalid:{site.port}/hook"
    HttpReceiver(url, SECRET, private=True, resolve=names).post("ref", b"{}", NOW)
    assert names.asked == ["hooks.invalid"]
    assert site.hits[0].headers["host"] == f"hooks.invalid:{site.port}"


def test_a_name_that_changes_between_two_requests_is_checked_each_time(site: Site) -> None:
    """It was public when it was set up, and is not any more."""
    names = Names(["93.184.215.14"], ["127.0.0.1"])
    receiver = HttpReceiver(f"https://hooks.example:{site.port}/", SECRET, resolve=names)
    receiver._line.address()
    with pytest.raises(NotDeliveredError, match="not public"):
        receiver.post("ref", b"{}", NOW)
    assert site.hits == []


def test_the_certificate_is_that_of_the_name(tmp_path: Path) -> None:
    """Though the connection goes to a number; one of another name, or of nobody, is refused."""
    trusted, key = certificate(tmp_path, "hooks.example")
    names = Names(["127.0.0.1"])
    with Site().secure(trusted, key) as site:
        good = f"https://hooks.example:{site.port}/"
        HttpReceiver(good, SECRET, private=True, resolve=names, authorities=trusted).post("ref", b"{}", NOW)
        assert site.hits[0].headers["host"] == f"hooks.example:{site.port}"
        for url, authorities in ((f"https://other.example:{site.port}/", trusted), (good, "")):
            receiver = HttpReceiver(url, SECRET, private=True, resolve=names, authorities=authorities)
            with pytest.raises(NotDeliveredError, match="SSLError"):
                receiver.post("ref", b"{}", NOW)
        assert len(site.hits) == 1


def test_what_the_environment_says_of_proxies_is_ignored(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would look the name up again, and connect to whatever it finds."""
    with Site() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        HttpReceiver(site.url, SECRET, private=True).post("ref", b"{}", NOW)
        assert (len(site.hits), proxy.hits) == (1, [])


def test_a_failure_tells_nothing_of_the_address() -> None:
    """Addresses of webhooks often are secrets: problems are shown and logged."""
    down = f"http://127.0.0.1:{free_port()}/hook/s3cret"
    gone = Names([])
    for receiver in (
        HttpReceiver(down, SECRET, private=True),
        HttpReceiver("https://s3cret.example/", SECRET, resolve=gone),
    ):
        with pytest.raises(NotDeliveredError) as caught:
            receiver.post("ref", b"{}", NOW)
        assert "s3cret" not in str(caught.value)
        assert "127.0.0.1" not in str(caught.value)


def test_a_receiver_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some seconds, of which there are at most ten."""
    assert sum(TIMEOUT) <= 10
    monkeypatch.setattr("paidsupport.connect.outgoing.TIMEOUT", (0.3, 0.3))
    with Site(holds=True) as site:
        begun = time.monotonic()
        with pytest.raises(NotDeliveredError, match="ReadTimeout"):
            HttpReceiver(site.url, SECRET, private=True).post("ref", b"{}", NOW)
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"webhook_url": "http://hooks.example/"}, "starts with https://"),
        ({"webhook_url": "ftp://hooks.example/", "webhook_private": True}, "https:// or http://"),
        ({"webhook_url": "file:///etc/passwd", "webhook_private": True}, "https:// or http://"),
        ({"webhook_url": "https:///path"}, "starts with https://"),
        ({"webhook_url": "https://hooks.example:port/"}, "starts with https://"),
        ({"webhook_url": "https://hööks.example/"}, "ASCII address"),
        ({"webhook_url": "https://user:password@hooks.example/"}, "must not hold a user name"),
        ({"webhook_url": "https://hooks.example/#x"}, "or a part after #"),
        ({"webhook_secret": ""}, "SECRET is missing"),
        ({"webhook_secret": "whsec_é"}, "not Base64"),
        ({"webhook_secret": "whsec_a"}, "not Base64"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_at_the_start(changed: dict[str, Any], said: str) -> None:
    """In words that say what to do, and without the secrets."""
    good: dict[str, Any] = {"webhook_url": "https://hooks.example/", "webhook_secret": SECRET}
    receiver_of(Settings(**good))
    with pytest.raises(ConfigurationError, match=said) as caught:
        receiver_of(Settings(**good | changed))
    assert "password" not in str(caught.value).replace("no password", "")
    assert SECRET not in repr(Settings(**good))


def test_without_a_webhook_there_is_nobody_to_tell() -> None:
    """What was queued for an earlier one is refused, so that it comes to an end."""
    nobody = receiver_of(Settings())
    assert isinstance(nobody, NoReceiver)
    with pytest.raises(NotDeliveredError, match="no webhook"):
        nobody.post("ref", b"{}", NOW)
