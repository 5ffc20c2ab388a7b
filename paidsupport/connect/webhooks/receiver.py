"""The site's webhook: one signed request for each event, to an address that was looked at before (T7, P12).

Signed as the Standard Webhooks do it, which have libraries for receivers in every language. Whatever the
name of the receiver leads to is looked up once for each request, checked, and connected to as it was
checked: a name that leads elsewhere a moment later changes nothing. Certificates are those of the name.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from paidsupport.connect.webhooks.operations import NotDeliveredError, Receiver
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.settings import Settings

if TYPE_CHECKING:
    from requests import Session

#: Seconds to wait for a connection, and then for an answer.
TIMEOUT = (4, 6)
#: Why something was not delivered.
_UNREACHED = storable(_("The webhook could not be reached: %(error)s."))
_REFUSED = storable(_("The webhook answered with status %(status)s."))
_REDIRECTED = storable(_("The webhook answered with status %(status)s. Redirects are not followed."))
_NO_NAME = storable(_("The webhook's host could not be looked up: %(error)s."))
_NOWHERE = storable(_("The webhook's host has no address."))
_PRIVATE = storable(_("The webhook's host has an address that is not public. Nothing was sent."))
_GONE = storable(_("The site has no webhook any more."))
#: What the secret begins with when the rest of it is Base64.
_BASE64_SECRET = "whsec_"  # noqa: S105  # a prefix, no secret
#: IPv6 addresses in which an IPv4 address is hidden that the packets go to.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
#: Addresses that networks of one company share among themselves, and private ones by another name.
_SHARED = ipaddress.ip_network("100.64.0.0/10")
#: Where clouds give out keys and settings besides link-local addresses: never called, whatever is allowed.
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        (
            "100.100.100.200",  # Alibaba
            "168.63.129.16",  # Azure, which is a public address
            "192.0.0.192",  # Oracle
            "fd00:ec2::254",  # Amazon
            "fd20:ce::254",  # Google
        ),
    )
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Finds the addresses of a name, as `socket.getaddrinfo` does.
Resolver = Callable[..., Any]


class HttpReceiver:
    """A `Receiver` behind an address of the web. It follows no redirect and uses no proxy.

    `private`: whether it may be in the site's own network, and without TLS. `authorities`: a file with the
    certificates to trust instead of the usual ones. Raises ConfigurationError.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        private: bool = False,
        resolve: Resolver = socket.getaddrinfo,
        authorities: str = "",
    ) -> None:
        self._parts = _checked(url, private=private)
        self._key = _key(secret)
        self._private = private
        self._resolve = resolve
        self._authorities = authorities

    def post(self, reference: str, body: bytes, at: datetime) -> None:
        """Hand one over: any answer from 200 to 299 says that it is there. Raises NotDeliveredError."""
        import requests  # noqa: PLC0415  # an extra that not every site has

        headers = {
            "Content-Type": "application/json",
            "User-Agent": "paidsupport",
            "Host": self._parts.netloc,
            **signature(self._key, reference, body, at),
        }
        try:
            with (
                self._session() as session,
                session.post(
                    self._pinned(),
                    data=body,
                    headers=headers,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                    stream=True,  # whatever else it says is not read
                ) as answer,
            ):
                status = answer.status_code
        except requests.RequestException as error:
            # the text of the error would hold the address, and that may be a secret
            raise NotDeliveredError(filled(_UNREACHED, error=type(error).__name__)) from error
        if not 200 <= status < 300:  # noqa: PLR2004  # the range is the rule
            said = _REDIRECTED if 300 <= status < 400 else _REFUSED  # noqa: PLR2004  # as above
            raise NotDeliveredError(filled(said, status=status))

    def _session(self) -> Session:
        """A session that ignores what the environment says of proxies and passwords."""
        import requests  # noqa: PLC0415
        from requests.adapters import HTTPAdapter  # noqa: PLC0415

        session = requests.Session()
        session.trust_env = False
        session.verify = self._authorities or True
        if self._parts.scheme == "https":
            adapter = HTTPAdapter()
            name = self._parts.hostname
            # the connection goes to a number, the certificate must be that of the name
            adapter.init_poolmanager(1, 1, server_hostname=name, assert_hostname=name)
            session.mount("https://", adapter)
        return session

    def _pinned(self) -> str:
        """The address of the receiver with a checked number in the place of its name."""
        address = self._address()
        number = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
        netloc = f"{number}:{self._parts.port}" if self._parts.port else number
        return self._parts._replace(netloc=netloc).geturl()

    def _address(self) -> Address:
        """The first address of the receiver, when all of them are fit. Raises NotDeliveredError."""
        try:
            found = self._resolve(self._parts.hostname, self._parts.port, type=socket.SOCK_STREAM)
            addresses = [ipaddress.ip_address(row[4][0]) for row in found]
        except (OSError, UnicodeError, ValueError) as error:
            raise NotDeliveredError(filled(_NO_NAME, error=type(error).__name__)) from error
        for address in addresses:
            if not is_fit(address, private=self._private):
                raise NotDeliveredError(_PRIVATE)
        if not addresses:
            raise NotDeliveredError(_NOWHERE)
        return addresses[0]


class NoReceiver:
    """The `Receiver` of a site without a webhook: what was queued for an earlier one goes nowhere."""

    def post(self, reference: str, body: bytes, at: datetime) -> None:
        """Raises NotDeliveredError."""
        del reference, body, at
        raise NotDeliveredError(_GONE)


def receiver_of(settings: Settings) -> Receiver:
    """The receiver that the settings name. Raises ConfigurationError."""
    if not settings.webhook_url:
        return NoReceiver()
    if find_spec("requests") is None:
        raise ConfigurationError(
            "PAIDSUPPORT_WEBHOOK_URL needs a library. Run: pip install 'paidsupport[webhooks]'"
        )
    return HttpReceiver(settings.webhook_url, settings.webhook_secret, private=settings.webhook_private)


def signature(key: bytes, reference: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers by which a receiver knows a request for ours, and for a fresh one."""
    moment = str(int(at.timestamp()))
    signed = b".".join((reference.encode(), moment.encode(), body))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"Webhook-Id": reference, "Webhook-Timestamp": moment, "Webhook-Signature": f"v1,{digest}"}


def is_fit(address: Address, *, private: bool) -> bool:
    """Whether a request may go to `address`: a public one, or one of the own network if that is allowed.

    Never an unspecified or multicast address, nor one at which cloud providers hand out keys.
    """
    inner = _hidden(address)
    if inner is not None:
        return is_fit(inner, private=private)
    if address.is_multicast or address.is_unspecified or address.is_link_local or address in _METADATA:
        return False
    # Python takes the site-local addresses of old for global ones
    if address.is_private or address in _SHARED or (address.version == 6 and address.is_site_local):  # noqa: PLR2004
        return private
    return address.is_global and not address.is_reserved


def _hidden(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to this IPv6 address end up at, if there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if any(address in network for network in _TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


def _checked(url: str, *, private: bool) -> SplitResult:
    allowed = ("https", "http") if private else ("https",)
    try:
        parts = urlsplit(url)
        known = parts.port is None or parts.port > 0
    except ValueError:
        parts, known = urlsplit(""), False
    plain = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in allowed or not parts.hostname or not known or not plain:
        wanted = "https:// or http://" if private else "https://"
        raise ConfigurationError(
            f"PAIDSUPPORT_WEBHOOK_URL must be an ASCII address that starts with {wanted}."
        )
    if parts.username is not None or parts.fragment:
        raise ConfigurationError("PAIDSUPPORT_WEBHOOK_URL must not hold a user name or a part after #.")
    return parts


def _key(secret: str) -> bytes:
    if not secret.removeprefix(_BASE64_SECRET):
        raise ConfigurationError(
            "PAIDSUPPORT_WEBHOOK_SECRET is missing. The receiver needs it to check our signature."
        )
    if not secret.startswith(_BASE64_SECRET):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_BASE64_SECRET), validate=True)
    except ValueError:
        raise ConfigurationError(
            "PAIDSUPPORT_WEBHOOK_SECRET starts with whsec_, but the rest is not Base64."
        ) from None
