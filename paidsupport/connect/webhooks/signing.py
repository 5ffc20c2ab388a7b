"""Signing as the Standard Webhooks do it, which have libraries for receivers in every language."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

#: What a secret begins with; the rest of it is Base64.
PREFIX = "whsec_"
#: The bytes of a key that the desk makes, and the fewest and most of one that is entered.
_MADE, _FEWEST, _MOST = 32, 24, 64


def new_secret() -> str:
    """A secret that no one has had."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_MADE)).decode()


def key_of(secret: str) -> bytes:
    """The key of a secret. Raises ValueError if it is none."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    if not secret.startswith(PREFIX) or not _FEWEST <= len(key) <= _MOST:
        raise ValueError
    return key


def signed(keys: Sequence[bytes], id_: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers by which a receiver knows a request for ours, and for a fresh one.

    Args:
        keys: With each of them it is signed: while a secret is replaced there are two.
        id_: The id of the event, the same at every attempt.
        body: What is sent.
        at: The moment of this attempt.
    """
    moment = str(int(at.timestamp()))
    content = b".".join((id_.encode(), moment.encode(), body))
    digests = [base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in keys]
    return {
        "Webhook-Id": id_,
        "Webhook-Timestamp": moment,
        "Webhook-Signature": " ".join(f"v1,{digest}" for digest in digests),
    }
