"""PayPal's webhooks: proven without asking PayPal, and believed no further than that something has happened.

The signature covers the body by a checksum of 32 bits alone: with one signed message, a body can be forged
that has the same. So what a webhook says of states and amounts is not read at all: it names a payment, and
the worker asks PayPal how that stands.

A certificate that is not known yet is fetched in the background, and the hint is refused: PayPal sends it
again, up to 25 times in three days. So no request of ours waits for another server, and nothing that is not
proven has any effect.
"""

from __future__ import annotations

import json
import logging
import warnings
import zlib
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from paidsupport.connect.outgoing import BrokenOffError, Line, NotReachedError, is_here
from paidsupport.connect.payments.paypal_truth import link, shapes, text
from paidsupport.sales.payments.providers import ForgedHintError, Hint

log = logging.getLogger("paidsupport.payments")

#: Where PayPal keeps its certificates, and whose they are.
HOSTS = frozenset({"api.paypal.com", "api.sandbox.paypal.com"})
FOLDER = "/v1/notifications/certs/"
OWNER = "messageverificationcerts.paypal.com"
_ALGORITHM = "SHA256withRSA"
#: How many certificates are kept: PayPal changes its own about once a year.
_MOST = 20
#: How often within an hour a certificate is asked for in vain: after that, forged webhooks start nothing.
_IN_VAIN, _HOUR = 30, timedelta(hours=1)
#: The largest chain that is read.
_LARGEST = 64 * 1024

#: How much is kept of the name of an event.
_NAME = 100

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Trust:
    """Which certificates are believed.

    Attributes:
        prefixes: What their addresses begin with.
        roots: The authorities that must have signed them; None: what the address gives is believed, which is
            for test servers.
    """

    prefixes: Sequence[str]
    roots: Callable[[], Sequence[x509.Certificate]] | None


def system_roots() -> Sequence[x509.Certificate]:
    """The authorities that browsers trust."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH  # noqa: PLC0415  # an extra that not every site has

    bundle, end = Path(DEFAULT_CA_BUNDLE_PATH).read_text("utf-8"), "-----END CERTIFICATE-----"
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for each in bundle.split(end)[:-1]:
            with suppress(ValueError, Warning):  # a few of them are not quite as they should be
                found.append(x509.load_pem_x509_certificate(f"{each}{end}".encode()))
    return found


PAYPAL = Trust(tuple(f"https://{host}{FOLDER}" for host in sorted(HOSTS)), lru_cache(1)(system_roots))


def fetched(url: str) -> bytes:
    """The certificates at an address. Raises NotReachedError, BrokenOffError."""
    answer = Line(url, private=is_here(url)).ask("GET", limit=_LARGEST)
    if answer.status != 200:  # noqa: PLR2004  # the only one with certificates
        raise BrokenOffError(str(answer.status))
    return answer.body


def in_background(run: Callable[[], None]) -> None:
    """Run it in a thread that nothing waits for."""
    Thread(target=run, daemon=True, name="certificates of PayPal").start()


class Certificates:
    """Certificates that were proven, by their address, for all threads of this process."""

    def __init__(
        self,
        trust: Trust = PAYPAL,
        fetch: Fetch = fetched,
        start: Callable[[Callable[[], None]], None] = in_background,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._trust, self._fetch, self._start, self._now = trust, fetch, start, now
        self._known: dict[str, x509.Certificate] = {}
        # one at a time: a flood of unknown addresses is not a flood of requests
        self._fetching = Lock()
        self._in_vain: deque[datetime] = deque(maxlen=_IN_VAIN)

    def key(self, url: str) -> RSAPublicKey | None:
        """The key of the certificate at an address; None: it is being fetched. Raises ForgedHintError."""
        if not self._is_theirs(url):
            raise ForgedHintError("The certificate is not at PayPal.")
        found = self._known.get(url)
        if found is None or found.not_valid_after_utc < self._now():
            if self._may_fetch() and self._fetching.acquire(blocking=False):
                self._start(lambda: self._get(url))
            found = self._known.get(url)  # for those who do not fetch in the background
        if found is None or found.not_valid_after_utc < self._now():
            return None
        key = found.public_key()
        if not isinstance(key, RSAPublicKey):
            raise ForgedHintError("The certificate's key is not of the kind that PayPal uses.")
        return key

    def _is_theirs(self, url: str) -> bool:
        prefix = next((each for each in self._trust.prefixes if url.startswith(each)), None)
        if prefix is None:
            return False
        name = url.removeprefix(prefix)
        return name.isascii() and name.replace("-", "").replace("_", "").replace(".", "").isalnum()

    def _may_fetch(self) -> bool:
        return len(self._in_vain) < _IN_VAIN or self._in_vain[0] < self._now() - _HOUR

    def _get(self, url: str) -> None:
        try:
            chain = x509.load_pem_x509_certificates(self._fetch(url))
            if self._trust.roots is not None:
                _prove(chain, self._trust.roots(), self._now())
            if len(self._known) >= _MOST:
                self._known.pop(next(iter(self._known)))
            self._known[url] = chain[0]
        except (NotReachedError, BrokenOffError, ValueError, VerificationError) as error:
            self._in_vain.append(self._now())
            log.warning("the certificate of a webhook cannot be used: %s", type(error).__name__)
        finally:
            self._fetching.release()


def _prove(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: datetime) -> None:
    """Raises VerificationError if the chain does not end at a root, or is not PayPal's."""
    policy = PolicyBuilder().store(Store(list(roots))).time(now)
    policy.build_server_verifier(x509.DNSName(OWNER)).verify(chain[0], list(chain[1:]))


def read(headers: Mapping[str, str], body: bytes, webhook: str, certificates: Certificates) -> Hint | None:
    """What a webhook is a hint to.

    Args:
        headers: As they came, in any letters.
        body: As it came, byte for byte.
        webhook: PayPal's id of the webhook that was set up.
        certificates: Those that were proven.

    Returns:
        None if it says nothing about payments.

    Raises:
        ForgedHintError: It is not proven that PayPal sent it.
    """
    if not webhook:
        raise ForgedHintError("No ID of the webhook was entered.")
    said = {name.lower(): value for name, value in headers.items()}
    part = {
        name: said.get(f"paypal-{name}", "")
        for name in ("transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo")
    }
    if part["auth-algo"] != _ALGORITHM:
        raise ForgedHintError("It is signed in another way than PayPal's.")
    key = certificates.key(part["cert-url"])
    if key is None:
        raise ForgedHintError("Its certificate is not known yet. It is being fetched for the next time.")
    signed = f"{part['transmission-id']}|{part['transmission-time']}|{webhook}|{zlib.crc32(body)}"
    try:
        key.verify(b64decode(part["transmission-sig"], validate=True), signed.encode(), PKCS1v15(), SHA256())
        event = json.loads(body)
    except (InvalidSignature, ValueError, RecursionError):
        raise ForgedHintError("The signature is not PayPal's.") from None
    return _hint(event)


def _hint(event: Any) -> Hint | None:  # noqa: ANN401  # whatever stands in the body
    kind, name = text(event, "event_type"), text(event, "id")
    resource = event.get("resource") if isinstance(event, dict) else None
    if not name or not isinstance(resource, dict):
        return None
    reference = remote = ""
    if kind.startswith("CHECKOUT.ORDER."):
        remote = text(resource, "id")
    elif kind.startswith("CHECKOUT.PAYMENT-APPROVAL."):
        remote = text(resource, "order_id")
    elif kind.startswith("PAYMENT.CAPTURE."):
        # of money paid back the resource is the refund, and its capture one link above
        up = link(resource, "up")
        is_refund = "/captures/" in up
        remote = up.rpartition("/")[2] if is_refund else text(resource, "id")
        reference = "" if is_refund else text(resource, "invoice_id")
    elif kind.startswith("CUSTOMER.DISPUTE."):
        disputed = shapes(resource, "disputed_transactions")
        remote = text(disputed[0], "seller_transaction_id") if disputed else ""
    if kind.startswith("CHECKOUT."):
        units = shapes(resource, "purchase_units")
        reference = text(units[0], "invoice_id") if units else ""
    return Hint(name[:_NAME], kind[:_NAME], reference, remote) if reference or remote else None
