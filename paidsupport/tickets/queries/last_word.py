"""The last word on tickets, in the statement that reads them: one look at the index of messages for each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func

from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.tables import Ticket

#: Enough to find the first words behind a greeting.
_READ = 300
#: Of the table, as `aliased` would set up all tables at import.
_LAST = Message.__table__.alias()


def with_last_word(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A select of tickets that says of each what `turn.last_word` wants to know.

    Nothing of a message is kept twice: what is erased or masked there is so here.
    """
    is_last = and_(_LAST.c.ticket_id == Ticket.id, _LAST.c.number == Ticket.thread)
    return query.outerjoin(_LAST, is_last).add_columns(
        _LAST.c.direction.label("last_direction"),
        _LAST.c.author_name.label("last_author"),
        _LAST.c.at.label("last_at"),
        func.substr(func.coalesce(_LAST.c.shown, _LAST.c.body), 1, _READ).label("last_words"),
    )
