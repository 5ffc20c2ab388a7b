"""Noting that a person has a ticket open: forgotten within a minute, and kept in no history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.tickets.presence import queries
from paidsupport.tickets.presence.queries import Beat
from paidsupport.tickets.presence.tables import Presence
from paidsupport.tickets.queries.tickets import by_code

#: A person who has not reported for this long has left; an open page reports twice as often.
STAYS = timedelta(seconds=45)
_KEY = ("ticket_id", "person_id")
_TABLE = Base.metadata.tables[Presence.__tablename__]
_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def stay(ctx: Context, code: str, *, writing: bool) -> None:
    """Note that this person has a ticket open. Raises NotFoundError."""
    row = {
        "ticket_id": by_code(ctx.session, code).id,
        "person_id": ctx.by.id,
        "writing": writing,
        "seen_at": ctx.now,
    }
    ctx.session.execute(delete(_TABLE).where(_TABLE.c.seen_at < ctx.now - STAYS))
    insert = _INSERTS[ctx.session.get_bind().dialect.name](_TABLE).values(row)
    news = {name: value for name, value in row.items() if name not in _KEY}
    ctx.session.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=news))


def leave(ctx: Context, code: str) -> None:
    """Forget that this person had a ticket open. Raises NotFoundError."""
    mine = _TABLE.c.ticket_id == by_code(ctx.session, code).id, _TABLE.c.person_id == ctx.by.id
    ctx.session.execute(delete(_TABLE).where(*mine))


def look(ctx: Context, code: str) -> Beat:
    """Read the present facts about a ticket, and who else has it open. Raises NotFoundError."""
    return queries.beat(ctx.session, code, ctx.by.id or 0, ctx.now - STAYS)
