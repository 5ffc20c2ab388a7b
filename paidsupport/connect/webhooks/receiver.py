"""The site's webhook: one signed request for each event, to an address that was looked at before (T7, P12).

Signed as the Standard Webhooks do it, which have libraries for receivers in every language.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
from datetime import datetime
from importlib.util import find_spec
from urllib.parse import urlsplit

from paidsupport.connect.outgoing import BrokenOffError, Line, NotReachedError, Resolver, Why
from paidsupport.connect.webhooks.operations import NotDeliveredError, Receiver
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.settings import Settings

#: Why something was not delivered.
_UNREACHED = storable(_("The webhook could not be reached: %(error)s."))
_REFUSED = storable(_("The webhook answered with status %(status)s."))
_REDIRECTED = storable(_("The webhook answered with status %(status)s. Redirects are not followed."))
_NO_NAME = storable(_("The webhook's host could not be looked up: %(error)s."))
_NOWHERE = storable(_("The webhook's host has no address."))
_PRIVATE = storable(_("The webhook's host has an address that is not public. Nothing was sent."))
_GONE = storable(_("The site has no webhook any more."))
_NOT_REACHED = {Why.NO_NAME: _NO_NAME, Why.NOWHERE: _NOWHERE, Why.PRIVATE: _PRIVATE}
#: What the secret begins with when the rest of it is Base64.
_BASE64_SECRET = "whsec_"  # noqa: S105  # a prefix, no secret


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
        _check(url, private=private)
        self._key = _key(secret)
        self._line = Line(url, private=private, resolve=resolve, authorities=authorities)

    def post(self, reference: str, body: bytes, at: datetime) -> None:
        """Hand one over: any answer from 200 to 299 says that it is there. Raises NotDeliveredError."""
        headers = {"Content-Type": "application/json", **signature(self._key, reference, body, at)}
        try:
            # whatever else it says is not read
            status = self._line.ask("POST", headers=headers, body=body, limit=0).status
        except NotReachedError as error:
            said = _NOT_REACHED.get(error.why, _UNREACHED)
            raise NotDeliveredError(filled(said, error=error.error)) from error
        except BrokenOffError as error:
            raise NotDeliveredError(filled(_UNREACHED, error=error.error)) from error
        if not 200 <= status < 300:  # noqa: PLR2004  # the range is the rule
            said = _REDIRECTED if 300 <= status < 400 else _REFUSED  # noqa: PLR2004  # as above
            raise NotDeliveredError(filled(said, status=status))


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


def _check(url: str, *, private: bool) -> None:
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
