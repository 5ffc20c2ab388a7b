"""Adding tags to tickets and removing them; all staff may, on any ticket (P7).

The history contains the tag, because only staff type it. An erasure cuts it out all the same, and deletes the
tags themselves, because a tag may contain anything.
"""

from __future__ import annotations

from paidsupport.kernel import fields
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import _
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags.queries import tags
from paidsupport.tickets.tags.rules import fold_tag, tidy_tag
from paidsupport.tickets.tags.tables import Tag
from paidsupport.tickets.vault.operations.quotes import refuse_quotes

#: The most tags on one ticket; more would say nothing.
MOST = 20


def add(ctx: Context, code: str, typed: str, *, key: str) -> Ticket:
    """Tag a ticket, which the search then finds by the tag. Returns the ticket.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: By field (`tag`).
        TransitionRefusedError: The ticket is erased.
        VaultClosedError: The tag cannot be compared with secrets now.
        KeyReusedError: The form was sent with another tag.
    """
    name = fields.read("tag", typed, tidy_tag)
    with history.edit(ctx, code, key=key, content=("tag", code, name, ctx.by.id)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if ticket.erased_at is not None:
            raise TransitionRefusedError(
                code, [_("Everything personal was erased: this ticket gets no tags any more.")]
            )
        _refuse_more(tags(ctx.session, ticket), fold_tag(name))
        refuse_quotes(ctx, ticket, name, "tag")
        ctx.session.add(Tag(ticket_id=ticket.id, name=name, folded=fold_tag(name)))
        search.index(ctx.session, ticket.id, name)
        change.tell("tagged", {"tag": name})
    return ticket


def remove(ctx: Context, code: str, name: str, *, key: str) -> Ticket:
    """Remove a tag, in any case; returns the ticket.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: It has no such tag (field `tag`).
        KeyReusedError: The form was sent with another tag.
    """
    with history.edit(ctx, code, key=key, content=("untag", code, fold_tag(name), ctx.by.id)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        found = tags(ctx.session, ticket).get(fold_tag(name))
        if found is None:
            raise InvalidInputError({"tag": [_("This ticket does not have that tag any more.")]})
        ctx.session.delete(found)
        change.tell("untagged", {"tag": found.name})
    return ticket


def _refuse_more(there: dict[str, Tag], folded: str) -> None:
    if folded in there:
        raise InvalidInputError(
            {"tag": [_("This ticket has the tag “%(tag)s” already.", tag=there[folded].name)]}
        )
    if len(there) >= MOST:
        raise InvalidInputError(
            {"tag": [_("A ticket has at most %(most)s tags. Remove one first.", most=MOST)]}
        )
