"""The hash chain that makes a ticket's history tamper-evident (P14).

An event's `digest` covers its data with a random salt; its `hash` covers the digest and everything
else. So personal data (and its salt) can be erased one day while the chain still verifies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

#: What the first event of a ticket has as the hash before it.
START = "0" * 64


def digest(salt: str, data: Mapping[str, object]) -> str:
    """The salted SHA-256 of an event's data, in hex."""
    return _sha256([salt, data])


def link(
    previous: str,
    *,
    code: str,
    number: int,
    kind: str,
    at: datetime,
    actor: tuple[str, int | None, str],
    claim_number: int,
    data_digest: str,
) -> str:
    """The hash of an event: over the hash before it and every column that must not change."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return _sha256([previous, code, number, kind, moment, *actor, claim_number, data_digest])


def fingerprint(*parts: object) -> str:
    """A short name for the content that came with a one-time key."""
    return _sha256([str(part) for part in parts])[:32]


def _sha256(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
