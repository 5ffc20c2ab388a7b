"""The last message of each ticket, in the statement that reads the tickets: one index look-up for each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func

from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.tables import Ticket

#: Enough characters to find the first words after a greeting.
_READ = 300
#: An alias of the table, because `aliased` would configure all mappers at import.
_LAST = Message.__table__.alias()


def with_last_word(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Extend a select of tickets with what `turn.last_word` needs.

    Nothing of a message is stored twice, so what is erased or masked there is so here.
    """
    is_last = and_(_LAST.c.ticket_id == Ticket.id, _LAST.c.number == Ticket.thread)
    return query.outerjoin(_LAST, is_last).add_columns(
        _LAST.c.direction.label("last_direction"),
        _LAST.c.author_name.label("last_author"),
        _LAST.c.at.label("last_at"),
        func.substr(func.coalesce(_LAST.c.shown, _LAST.c.body), 1, _READ).label("last_words"),
    )
