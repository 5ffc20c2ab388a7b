"""The ledger: what every row said, as salted digests, chained so that no change of a row stays hidden.

A line of the ledger lists the rows that one transaction made, changed or deleted, each with the digest of its
content. The digest of a row is salted with random bits that are kept apart from the line and replaced at the
next change: earlier content cannot be guessed from the ledger, and erased content leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

#: The table (without prefix), the id and the digest of a row; no digest says that the row was deleted.
Entry = tuple[str, int, str]
# made once: a doctor spells every row there is
_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def digest(salt: str, table: str, row_id: int, columns: Sequence[str], values: Sequence[object]) -> str:
    """The salted SHA-256 over one row, in hex."""
    return _sha256([salt, table, row_id, list(columns), list(values)])


def spelled(entries: Sequence[Entry]) -> str:
    """The entries of a line as they are kept, and as the line's hash covers them."""
    return _json([list(entry) for entry in entries])


def entries(text: str) -> list[Entry]:
    """What `spelled` made into text. Raises ValueError for anything else."""
    found = json.loads(text)
    return [(str(table), int(row_id), str(content)) for table, row_id, content in found]


def link(previous: str, *, chain: str, number: int, at: datetime, kind: str, text: str) -> str:
    """The hash of a line: over the hash of the line before it and everything that it says itself."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return _sha256([previous, chain, number, moment, kind, text])


def canonical(text: str | None) -> str | None:
    """JSON text in the one spelling that digests are made of; what is no JSON stays as it is."""
    if text is None:
        return None
    try:
        return _json(json.loads(text))
    except ValueError:
        return text


def _sha256(value: object) -> str:
    return hashlib.sha256(_json(value).encode()).hexdigest()
