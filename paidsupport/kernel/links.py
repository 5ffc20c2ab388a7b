"""Names that prove something: private links, receipts, reply addresses.

All are signed with the site's SECRET_KEY, each for its own purpose; SECRET_KEY_FALLBACKS still verify.
Nothing of them is stored, so no copy of the database opens a customer's page.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from itsdangerous import BadData, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

from paidsupport.kernel.addresses import compared
from paidsupport.kernel.errors import ConfigurationError, NotFoundError

#: Seconds for which the page after an order can be reloaded.
RECEIPT_SECONDS = 24 * 3600
#: Seconds for which an open queue may ask for news without being looked up again.
PASS_SECONDS = 12 * 3600
#: What our names are written with. Decoders also take `+` for `-` and `/` for `_`: a second spelling.
_WRITTEN = re.compile(r"[A-Za-z0-9_.-]+")


class Linked(Protocol):
    """What private links and reply addresses are made of: a ticket, as far as they know it."""

    @property
    def reference(self) -> str:
        """Its name, which is never shown."""

    @property
    def link_edition(self) -> int:
        """A number that grows when earlier links must open nothing any more."""

    @property
    def code(self) -> str:
        """Its confirmation code."""


class Links:
    """Signs and reads names; `keys` are the secrets, oldest first, the last one signs."""

    def __init__(self, keys: Sequence[str | bytes]) -> None:
        if not keys:
            raise ConfigurationError("paidsupport signs links with SECRET_KEY. Set one for the site.")
        secrets = [key.encode() if isinstance(key, str) else key for key in keys]
        self._customer = URLSafeSerializer(secrets, salt="paidsupport.customer")
        self._receipt = URLSafeTimedSerializer(secrets, salt="paidsupport.receipt")
        self._invitation = URLSafeSerializer(secrets, salt="paidsupport.invitation")
        # a bare signature: every open queue shows one every few seconds
        self._pass = TimestampSigner(secrets, salt="paidsupport.pass")
        self._hash_key = secrets[-1]
        self._secrets = secrets

    def customer(self, ticket: Linked) -> str:
        """The token of the customer's private page."""
        return _text(self._customer.dumps([ticket.reference, ticket.link_edition]))

    def read_customer(self, token: str) -> tuple[str, int]:
        """The reference and link edition inside `token`. Raises NotFoundError."""
        reference, edition = _read(token, self._customer.loads)
        return str(reference), int(edition)

    def receipt(self, ticket: Linked) -> str:
        """The token of the page shown right after ordering: it tells the code, it opens no ticket."""
        return _text(self._receipt.dumps([ticket.reference, 0]))

    def read_receipt(self, token: str) -> str:
        """The reference inside a receipt of the last day. Raises NotFoundError."""
        return str(_read(token, partial(self._receipt.loads, max_age=RECEIPT_SECONDS))[0])

    def invitation(self, reference: str, edition: int) -> str:
        """The token of an invitation to work at the desk; a new edition makes earlier ones void."""
        return _text(self._invitation.dumps([reference, edition]))

    def read_invitation(self, token: str) -> tuple[str, int]:
        """The reference and edition inside `token`. Raises NotFoundError."""
        reference, edition = _read(token, self._invitation.loads)
        return str(reference), int(edition)

    def queue_pass(self, person_id: int) -> str:
        """Lets an open queue ask “anything new?”, and nothing else, without looking its person up."""
        return self._pass.sign(str(person_id)).decode()

    def read_queue_pass(self, token: str) -> int:
        """The person's id inside a pass. Raises NotFoundError."""
        return int(_opened(token, partial(self._pass.unsign, max_age=PASS_SECONDS)))

    def reply_token(self, ticket: Linked) -> str:
        """What stands before the @ of the reply address: proof that this ticket was written about.

        Small letters and digits only, since mail systems do not keep the case.
        """
        return self._reply_token(ticket, self._hash_key)

    def is_reply_token(self, ticket: Linked, token: str) -> bool:
        """Whether `token` is the one of this ticket, under any of the keys; takes the same time always."""
        given = token.lower().encode()
        right = (self._reply_token(ticket, key).encode() for key in self._secrets)
        found = [hmac.compare_digest(given, each) for each in right]  # every one, whichever it is
        return any(found)

    def return_proof(self, email: str) -> str:
        """What only those learn of a return path who handled the letter with this reference."""
        return _spelled(self._mac("return", email))

    def is_return_proof(self, email: str, proof: str) -> bool:
        """Whether `proof` is the one of this letter, under any of the keys; takes the same time always."""
        right = (_spelled(self._mac("return", email, key)).encode() for key in self._secrets)
        found = [hmac.compare_digest(proof.lower().encode(), each) for each in right]
        return any(found)

    def hide(self, kind: str, value: str) -> str:
        """A keyed hash under which something is counted without being known; an address in any spelling."""
        return self._mac(kind, compared(value)).hex()

    def keys(self, purpose: str) -> list[bytes]:
        """Keys of 256 bits for one purpose: the first one seals, all of them open."""
        return [self._mac(purpose, "", secret) for secret in reversed(self._secrets)]

    def digest(self, purpose: str, *texts: str) -> str:
        """A keyed hash, so that even a short text cannot be guessed from a copy of the database."""
        return self._mac(purpose, json.dumps(texts)).hex()[:32]

    def _reply_token(self, ticket: Linked, key: bytes) -> str:
        return f"{ticket.code.lower()}.{_spelled(self._mac('reply', ticket.reference, key))}"

    def _mac(self, purpose: str, value: str, key: bytes = b"") -> bytes:
        message = f"paidsupport.{purpose}:{value}".encode()
        return hmac.new(key or self._hash_key, message, hashlib.sha256).digest()


def _spelled(mac: bytes) -> str:
    """Eighty bits in small letters and digits: mail systems do not keep the case."""
    return base64.b32encode(mac[:10]).decode().lower()


def _text(signed: str | bytes) -> str:
    return signed.decode() if isinstance(signed, bytes) else signed


def _read(token: str, loads: Callable[[str], Any]) -> tuple[Any, Any]:
    try:
        first, second = _opened(token, loads)
    except (TypeError, ValueError):
        raise NotFoundError from None
    return first, second


def _opened(token: str, unsign: Callable[[str], Any]) -> Any:  # noqa: ANN401  # whatever was signed
    if not _WRITTEN.fullmatch(token):
        raise NotFoundError
    try:
        return unsign(token)
    except BadData:
        raise NotFoundError from None
