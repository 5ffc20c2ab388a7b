"""Putting words on tickets and taking them off; anybody of the desk does, on any ticket (P7).

History tells the word, since only people of the desk type it; an erasure cuts it out all the same, and
takes the tags themselves away: nobody knows what was typed.
"""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.desk import history
from paidsupport.desk.quotes import refuse_quotes
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.tags import fold_tag, tidy_tag
from paidsupport.domain.text import BadTextError
from paidsupport.errors import InvalidInputError, MoveRefusedError
from paidsupport.store import search, tickets
from paidsupport.store.tags import Tag
from paidsupport.store.tickets import Ticket

#: Most tags on one ticket; with more of them none says anything.
MOST = 20


def add(visit: Visit, code: str, typed: str, *, key: str) -> Ticket:
    """Tag a ticket; it can be found by the tag from then on. Returns the ticket.

    Raises NotFoundError, InvalidInputError (field `tag`), MoveRefusedError (erased), VaultClosedError,
    KeyReusedError.
    """
    try:
        name = tidy_tag(typed)
    except BadTextError as error:
        raise InvalidInputError({"tag": [str(error)]}) from None
    ticket = tickets.lock(visit.session, code)
    print_ = fingerprint("tag", code, name, visit.by.id)
    if history.done_before(visit, history.once(visit, ticket, key), print_):
        return ticket
    if ticket.erased_at is not None:
        raise MoveRefusedError(code, ["Everything personal was erased: this ticket gets no tags any more."])
    there = _of(visit, ticket)
    if fold_tag(name) in there:
        raise InvalidInputError({"tag": [f"This ticket has the tag “{there[fold_tag(name)].name}” already."]})
    if len(there) >= MOST:
        raise InvalidInputError({"tag": [f"A ticket has at most {MOST} tags: take one off first."]})
    refuse_quotes(visit, ticket, name, "tag")
    visit.session.add(Tag(ticket_id=ticket.id, name=name, folded=fold_tag(name)))
    search.index(visit.session, ticket.id, name)
    return _told(visit, ticket, "tagged", name, key=key, print_=print_)


def remove(visit: Visit, code: str, name: str, *, key: str) -> Ticket:
    """Take a tag off, however its case is spelled; returns the ticket.

    Raises NotFoundError, InvalidInputError (field `tag`: it has no such tag), KeyReusedError.
    """
    ticket = tickets.lock(visit.session, code)
    print_ = fingerprint("untag", code, fold_tag(name), visit.by.id)
    if history.done_before(visit, history.once(visit, ticket, key), print_):
        return ticket
    found = _of(visit, ticket).get(fold_tag(name))
    if found is None:
        raise InvalidInputError({"tag": ["This ticket does not have that tag any more."]})
    visit.session.delete(found)
    return _told(visit, ticket, "untagged", found.name, key=key, print_=print_)


def _of(visit: Visit, ticket: Ticket) -> dict[str, Tag]:
    """The tags of a ticket by what their spellings have in common."""
    rows = visit.session.scalars(select(Tag).where(Tag.ticket_id == ticket.id).order_by(Tag.id))
    return {row.folded: row for row in rows}


def _told(visit: Visit, ticket: Ticket, kind: str, name: str, *, key: str, print_: str) -> Ticket:
    head = history.append(
        visit, ticket, kind, {"tag": name}, key=history.once(visit, ticket, key), fingerprint=print_
    )
    tickets.change(visit.session, ticket, **head)
    return ticket
