"""Putting words on tickets and taking them off; anybody of the desk does, on any ticket (P7).

History tells the word, since only people of the desk type it; an erasure cuts it out all the same, and
takes the tags themselves away: nobody knows what was typed.
"""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.desk import history
from paidsupport.desk.quotes import refuse_quotes
from paidsupport.desk.visit import Visit
from paidsupport.domain.tags import fold_tag, tidy_tag
from paidsupport.errors import InvalidInputError, MoveRefusedError
from paidsupport.kernel import fields
from paidsupport.store import search
from paidsupport.store.tags import Tag
from paidsupport.store.tickets import Ticket

#: Most tags on one ticket; with more of them none says anything.
MOST = 20


def add(visit: Visit, code: str, typed: str, *, key: str) -> Ticket:
    """Tag a ticket; it can be found by the tag from then on. Returns the ticket.

    Raises NotFoundError, InvalidInputError (field `tag`), MoveRefusedError (erased), VaultClosedError,
    KeyReusedError.
    """
    name = fields.read("tag", typed, tidy_tag)
    with history.edit(visit, code, key=key, content=("tag", code, name, visit.by.id)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if ticket.erased_at is not None:
            raise MoveRefusedError(
                code, ["Everything personal was erased: this ticket gets no tags any more."]
            )
        _refuse_more(_of(visit, ticket), fold_tag(name))
        refuse_quotes(visit, ticket, name, "tag")
        visit.session.add(Tag(ticket_id=ticket.id, name=name, folded=fold_tag(name)))
        search.index(visit.session, ticket.id, name)
        change.tell("tagged", {"tag": name})
    return ticket


def remove(visit: Visit, code: str, name: str, *, key: str) -> Ticket:
    """Take a tag off, however its case is spelled; returns the ticket.

    Raises NotFoundError, InvalidInputError (field `tag`: it has no such tag), KeyReusedError.
    """
    with history.edit(visit, code, key=key, content=("untag", code, fold_tag(name), visit.by.id)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        found = _of(visit, ticket).get(fold_tag(name))
        if found is None:
            raise InvalidInputError({"tag": ["This ticket does not have that tag any more."]})
        visit.session.delete(found)
        change.tell("untagged", {"tag": found.name})
    return ticket


def _of(visit: Visit, ticket: Ticket) -> dict[str, Tag]:
    """The tags of a ticket by what their spellings have in common."""
    rows = visit.session.scalars(select(Tag).where(Tag.ticket_id == ticket.id).order_by(Tag.id))
    return {row.folded: row for row in rows}


def _refuse_more(there: dict[str, Tag], folded: str) -> None:
    if folded in there:
        raise InvalidInputError({"tag": [f"This ticket has the tag “{there[folded].name}” already."]})
    if len(there) >= MOST:
        raise InvalidInputError({"tag": [f"A ticket has at most {MOST} tags: take one off first."]})
