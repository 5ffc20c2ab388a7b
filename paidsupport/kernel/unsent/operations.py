"""Keeping what was typed when its session had ended, for a day and for its person alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.unsent import queries
from paidsupport.kernel.unsent.tables import Unsent

#: How long a form waits for its person.
KEPT = timedelta(days=1)
#: Forms that wait for one person at once, and the characters of each: nobody fills the database with them.
MOST = 10
LONGEST = 200_000
#: Fields that are never kept, whatever form they are on.
NEVER_KEPT = frozenset({"secret", "password", "passphrase"})
_PADDING = "="


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent: where to, and its fields in their order."""

    path: str
    query: str
    fields: list[tuple[str, str]]


def keep(ctx: Context, person_id: int, typed: Typed) -> str | None:
    """Keep a form for a member of staff.

    Returns:
        The token that shows it again; None if it is too long, or nobody of the desk is meant.
    """
    fields = [(name, value) for name, value in typed.fields if name not in NEVER_KEPT]
    text = json.dumps([typed.path, typed.query, fields])
    person = ctx.session.get(Person, person_id)
    if len(text) > LONGEST or person is None or not person.active:
        return None
    # late, here and below: a large library for what seldom happens
    from cryptography.fernet import Fernet  # noqa: PLC0415

    key = Fernet.generate_key()
    token = key.decode().rstrip(_PADDING)
    sealed = Fernet(key).encrypt(text.encode())
    ctx.session.add(Unsent(digest=_digest(token), person_id=person_id, sealed=sealed, created_at=ctx.now))
    ctx.session.flush()
    older = Unsent.id.not_in(queries.newest(ctx.session, person_id, MOST))
    ctx.session.execute(delete(Unsent).where(Unsent.person_id == person_id, older))
    return token


def find(ctx: Context, token: str) -> Typed:
    """What the visitor typed themselves. Raises NotFoundError, also for what somebody else typed."""
    sealed = existing(queries.sealed(ctx.session, _digest(token), ctx.by.id, ctx.now - KEPT))
    from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415

    try:
        path, query, fields = json.loads(Fernet(token + _PADDING).decrypt(sealed))
    except (InvalidToken, ValueError):
        raise NotFoundError from None
    return Typed(path, query, [(name, value) for name, value in fields])


def forget(ctx: Context) -> None:
    """Delete what has waited for too long."""
    ctx.session.execute(delete(Unsent).where(Unsent.created_at <= ctx.now - KEPT))


def _digest(token: str) -> str:
    # 256 random bits need no slow hash
    return hashlib.sha256(token.encode()).hexdigest()
