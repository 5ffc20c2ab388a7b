"""The last word on tickets, in the statement that reads them: one look at the index of messages for each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func
from sqlalchemy.orm import aliased

from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.tables import Ticket

#: Enough to find the first words behind a greeting.
_READ = 300
_LAST = aliased(Message)


def with_last_word(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A select of tickets that says of each what `turn.last_word` wants to know.

    Nothing of a message is kept twice: what is erased or masked there is so here.
    """
    is_last = and_(_LAST.ticket_id == Ticket.id, _LAST.number == Ticket.thread)
    return query.outerjoin(_LAST, is_last).add_columns(
        _LAST.direction.label("last_direction"),
        _LAST.author_name.label("last_author"),
        _LAST.at.label("last_at"),
        func.substr(func.coalesce(_LAST.shown, _LAST.raw), 1, _READ).label("last_words"),
    )
