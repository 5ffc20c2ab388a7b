"""Answering the same request twice with the same answer, for a day: `Idempotency-Key` (P12).

The answer is kept in the transaction of what was done: what was refused or broke off is not kept, and may be
sent again. It is sealed under the token and the key, which the database does not have: the database alone
does not tell what was answered.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete

from paidsupport.connect.idempotency import queries
from paidsupport.connect.idempotency.tables import ApiRequest
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import KeyReusedError, VaultClosedError
from paidsupport.kernel.keyring import open_sealed, seal

#: How long an answer is kept.
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is kept: its status, its headers of ours, its body."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that changes something.

    Attributes:
        secret: The token that came with it.
        key: Its `Idempotency-Key`.
        content: What it asks for: method, address, version, body.
    """

    secret: str
    key: str
    content: bytes

    @property
    def digest(self) -> str:
        """By which it is found again."""
        return hashlib.sha256(self.key.encode()).hexdigest()

    @property
    def fingerprint(self) -> str:
        """By which it is told from another one with the same key."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def seal_key(self) -> bytes:
        """What only this program has."""
        return hashlib.sha256(f"{self.secret}\n{self.key}".encode()).digest()


def begin(ctx: Context, asked: Asked) -> Kept | None:
    """What was answered to the same request within the last day, if it was; otherwise its place is taken.

    The place is taken before anything is done: of two that are sent at the same time the second waits for
    the first at the unique key, and finds its answer when it is asked again.

    Raises:
        KeyReusedError: The key came with another request.
        IntegrityError: The same request was answered meanwhile.
    """
    row = queries.by_digest(ctx.session, ctx.by.id, asked.digest)
    if row is not None and row.created_at <= ctx.now - KEPT:
        ctx.session.execute(delete(ApiRequest).where(ApiRequest.id == row.id))
        ctx.session.expunge(row)
        row = None
    if row is None:
        ctx.session.add(
            ApiRequest(
                person_id=ctx.by.id,
                digest=asked.digest,
                fingerprint=asked.fingerprint,
                sealed=b"",
                created_at=ctx.now,
            )
        )
        ctx.session.flush()
        return None
    if row.fingerprint != asked.fingerprint:
        raise KeyReusedError
    try:
        said = json.loads(zlib.decompress(open_sealed(asked.seal_key, row.sealed, row.digest.encode())))
    except VaultClosedError:
        raise KeyReusedError from None  # another token of the same person
    return Kept(**said)


def keep(ctx: Context, asked: Asked, answer: Kept) -> None:
    """Keep what is answered, before the transaction ends."""
    said = {"status": answer.status, "body": answer.body, "headers": answer.headers}
    packed = zlib.compress(json.dumps(said).encode())
    place = queries.by_digest(ctx.session, ctx.by.id, asked.digest)
    assert place is not None  # noqa: S101  # `begin` took it in this transaction
    place.sealed = seal(asked.seal_key, packed, asked.digest.encode())
    ctx.session.flush()


def forget(ctx: Context) -> None:
    """Delete what was answered longer ago."""
    ctx.session.execute(delete(ApiRequest).where(ApiRequest.created_at <= ctx.now - KEPT))
