"""Requests that leave the desk: to checked addresses alone, through no proxy and no redirect.

Whatever a name leads to is looked up once for each request, checked, and connected to as it was checked: a
name that leads elsewhere a moment later changes nothing. Certificates are those of the name.

It tells apart whether anything was sent: what broke off after that may have been done.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from requests import RequestException, Response, Session

#: Seconds to wait for a connection, and then for an answer.
TIMEOUT = (4.0, 6.0)
#: Seconds after which an answer is left that comes byte by byte, and the largest one that is read.
LONGEST, LARGEST = 30.0, 1024 * 1024
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
#: Longer numbers of seconds are no time at all.
_LONGEST_NUMBER, _DAY = 9, timedelta(days=1)
#: What no column can hold, and JSON may.
_UNFIT = re.compile("[\0\ud800-\udfff]")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Finds the addresses of a name, as `socket.getaddrinfo` does.
Resolver = Callable[..., Any]


class Why(Enum):
    """Why nothing was sent."""

    #: The name could not be looked up.
    NO_NAME = auto()
    #: It has no address.
    NOWHERE = auto()
    #: One of its addresses is not public.
    PRIVATE = auto()
    #: There was no connection, or none with the right certificate.
    NO_CONNECTION = auto()


class NotReachedError(Exception):
    """Nothing was sent; `error` is the kind of error, which tells nothing of the address."""

    def __init__(self, why: Why, error: str = "") -> None:
        self.why, self.error = why, error
        super().__init__(why.name)


class BrokenOffError(Exception):
    """It was sent, or a part of it, and no whole answer came; `error` as in NotReachedError."""

    def __init__(self, error: str) -> None:
        self.error = error
        super().__init__(error)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: names of headers in any letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_redirect(self) -> bool:
        """Whether it sends us elsewhere, which we never follow."""
        return 300 <= self.status < 400 and self.status != 304  # noqa: PLR2004  # the range is the rule

    @property
    def retry_after(self) -> timedelta | None:
        """How long the server wants to be left alone, a day at most, if it says so in seconds."""
        typed = self.headers.get("Retry-After", "").strip()
        if not (typed.isascii() and typed.isdecimal()) or len(typed) > _LONGEST_NUMBER:
            return None
        return min(timedelta(seconds=int(typed)), _DAY)


class Line:
    """The way to one server, with a connection of its own for each request.

    Args:
        url: Its address, which was checked before: what `ask` is given is put after it.
        private: Whether it may be in the site's own network.
        resolve: Finds the addresses of names.
        authorities: A file with the certificates to trust instead of the usual ones.
        timeout: Seconds to wait for a connection, and then for an answer; None: the usual ones.
    """

    def __init__(
        self,
        url: str,
        *,
        private: bool = False,
        resolve: Resolver = socket.getaddrinfo,
        authorities: str = "",
        timeout: tuple[float, float] | None = None,
    ) -> None:
        self._url, self._parts = url, urlsplit(url)
        self._private = private
        self._resolve = resolve
        self._authorities = authorities
        self._timeout = timeout

    def ask(
        self,
        method: str,
        after: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        wait: float | None = None,
        limit: int = LARGEST,
    ) -> Answer:
        """Send one request.

        Args:
            method: `GET`, `POST`, ….
            after: What follows the address of the server, path and query.
            headers: What else it says.
            body: Its body, if it has one.
            wait: Seconds to wait for the answer instead of the usual ones.
            limit: How much of the answer's body is read at most: a larger one is an error; 0: nothing.

        Raises:
            NotReachedError: Nothing was sent.
            BrokenOffError: It is unknown whether it arrived, and what came of it.
        """
        import requests  # noqa: PLC0415  # an extra that not every site has

        url = self._pinned(after)
        connect, read = self._timeout or TIMEOUT
        said = {"User-Agent": "paidsupport", "Host": self._parts.netloc, **(headers or {})}
        try:
            with (
                self._session() as session,
                session.request(
                    method,
                    url,
                    data=body,
                    headers=said,
                    timeout=(connect, read if wait is None else wait),
                    allow_redirects=False,
                    stream=True,
                ) as answer,
            ):
                return Answer(answer.status_code, answer.headers, _read(answer, limit) if limit else b"")
        except requests.RequestException as error:
            # the text of the error would hold the address, and that may be a secret
            name = type(error).__name__
            if _is_unsent(error):
                raise NotReachedError(Why.NO_CONNECTION, name) from error
            raise BrokenOffError(name) from error

    def address(self) -> Address:
        """The first address of the server, when all of them are fit. Raises NotReachedError."""
        try:
            found = self._resolve(self._parts.hostname, self._parts.port, type=socket.SOCK_STREAM)
            addresses = [ipaddress.ip_address(row[4][0]) for row in found]
        except (OSError, UnicodeError, ValueError) as error:
            raise NotReachedError(Why.NO_NAME, type(error).__name__) from error
        if not all(is_fit(address, private=self._private) for address in addresses):
            raise NotReachedError(Why.PRIVATE)
        if not addresses:
            raise NotReachedError(Why.NOWHERE)
        return addresses[0]

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

    def _pinned(self, after: str) -> str:
        """The address of a request with a checked number in the place of its name."""
        address = self.address()
        number = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
        netloc = f"{number}:{self._parts.port}" if self._parts.port else number
        return urlsplit(self._url + after)._replace(netloc=netloc).geturl()


def json_of(body: bytes) -> Any:  # noqa: ANN401  # whatever JSON holds
    """What the JSON of an answer holds, without U+0000 and halves of characters. Raises ValueError."""
    try:
        return _cleaned(json.loads(body))
    except RecursionError as error:
        raise ValueError(type(error).__name__) from error


def _cleaned(found: Any) -> Any:  # noqa: ANN401  # as above
    if isinstance(found, str):
        return _UNFIT.sub("", found)
    if isinstance(found, dict):
        return {_UNFIT.sub("", name): _cleaned(each) for name, each in found.items()}
    return [_cleaned(each) for each in found] if isinstance(found, list) else found


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


def is_here(url: str) -> bool:
    """Whether an address of the web is on this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe(url: str) -> bool:
    """Whether a secret may be sent to what is below this address: over TLS, or on this machine."""
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0) and parts.username is None
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not set(" ?#\\") & set(url)
    return plain and sound and (parts.scheme == "https" or (parts.scheme == "http" and is_here(url)))


def _hidden(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to this IPv6 address end up at, if there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if any(address in network for network in _TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


def _read(answer: Response, limit: int) -> bytes:
    """The body of an answer that is not too large and does not take too long. Raises BrokenOffError."""
    begun, found = time.monotonic(), bytearray()
    for part in answer.iter_content(16 * 1024):
        found += part
        if len(found) > limit or time.monotonic() - begun > LONGEST:
            raise BrokenOffError("TooLarge" if len(found) > limit else "TooSlow")
    return bytes(found)


def _is_unsent(error: RequestException) -> bool:
    """Whether there was no connection by which anything could have been sent."""
    import requests  # noqa: PLC0415
    from urllib3.exceptions import NewConnectionError  # noqa: PLC0415

    if isinstance(error, requests.ConnectTimeout):
        return True
    causes = list(_causes(error))
    # a certificate is looked at before anything is sent, other faults of TLS may come later
    return any(isinstance(each, NewConnectionError | ssl.SSLCertVerificationError) for each in causes)


def _causes(error: BaseException) -> Iterable[BaseException]:
    """An error and all that it came from, as the libraries wrap them."""
    found: list[Any] = [error]
    while found:
        each = found.pop()
        if isinstance(each, BaseException):
            yield each
            found += [*each.args, getattr(each, "reason", None)]
