"""Keeping for a day the pages on which refused forms are shown again."""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, update

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.statements import new_rows, write
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.unsent import queries
from paidsupport.kernel.unsent.tables import Unsent

#: How long it is kept.
KEPT = timedelta(days=1)
#: How much waits for one person at once, and how many bytes each may have, so the database cannot fill up.
MOST = 30
LARGEST = 400_000
_PADDING = "="
_FRESH = new_rows(Base.metadata.tables[Unsent.__tablename__])
_AGAIN = (
    update(Unsent)
    .where(Unsent.digest == bindparam("of"))
    .values(sealed=bindparam("sealed"), created_at=bindparam("created_at"))
)
_DROP = delete(Unsent).where(Unsent.digest == bindparam("of"))


def keep(ctx: Context, person_id: int | None, what: object, largest: int = LARGEST) -> str | None:
    """Keep something that JSON can say.

    Args:
        ctx: The context.
        person_id: Who alone may see it again; None for a visitor, who has nothing but the token.
        what: It.
        largest: How many bytes it may have once it is packed.

    Returns:
        The token that shows it again; None if it is too large.
    """
    packed = zlib.compress(json.dumps(what).encode())
    if len(packed) > largest:
        return None
    # late, here and below: a large library for what seldom happens
    from cryptography.fernet import Fernet  # noqa: PLC0415

    key = Fernet.generate_key()
    token = key.decode().rstrip(_PADDING)
    sealed = Fernet(key).encrypt(packed)
    ctx.session.add(Unsent(digest=_digest(token), person_id=person_id, sealed=sealed, created_at=ctx.now))
    ctx.session.flush()
    if person_id is not None:
        older = Unsent.id.not_in(queries.newest(ctx.session, person_id, MOST))
        ctx.session.execute(delete(Unsent).where(Unsent.person_id == person_id, older))
    return token


def keep_as(ctx: Context, token: str, what: object) -> None:
    """Keep something of a visitor under a token of its own, in place of what was kept under it before.

    Args:
        ctx: The context.
        token: 32 random bytes, in base64 for addresses.
        what: It; more than `LARGEST` allows is not kept.
    """
    packed = zlib.compress(json.dumps(what).encode())
    if len(packed) > LARGEST:
        return
    from cryptography.fernet import Fernet  # noqa: PLC0415

    sealed = Fernet(token + _PADDING).encrypt(packed)
    row = {"digest": _digest(token), "sealed": sealed, "created_at": ctx.now}
    fresh = _FRESH[ctx.session.connection().dialect.name]
    if not write(ctx.session, fresh, row | {"person_id": None}):
        write(ctx.session, _AGAIN, {"of": row.pop("digest"), **row})


def drop(ctx: Context, token: str) -> None:
    """Keep nothing under a token any more."""
    write(ctx.session, _DROP, {"of": _digest(token)})


def find(ctx: Context, token: str) -> Any:  # noqa: ANN401  # whatever was kept
    """What was kept under `token`. Raises NotFoundError, also for what another person typed."""
    sealed = existing(queries.sealed(ctx.session, _digest(token), ctx.by.id, ctx.now - KEPT))
    from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415

    try:
        return json.loads(zlib.decompress(Fernet(token + _PADDING).decrypt(sealed)))
    except (InvalidToken, ValueError, zlib.error):
        raise NotFoundError from None


def forget(ctx: Context) -> None:
    """Delete what has waited for too long."""
    ctx.session.execute(delete(Unsent).where(Unsent.created_at <= ctx.now - KEPT))


def _digest(token: str) -> str:
    # 256 random bits need no slow hash
    return hashlib.sha256(token.encode()).hexdigest()
