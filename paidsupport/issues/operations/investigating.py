"""Telling a customer that we are investigating: by their ticket's owner alone (T13, G6).

One email tells of all issues that a ticket follows. It links to each that the customer may see, and does not
mention private ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import family, history
from paidsupport.issues.queries.analysis import untold
from paidsupport.issues.queries.followers import followed
from paidsupport.issues.tables import Follower, Issue
from paidsupport.kernel import fields
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import (
    InvalidInputError,
    NotTheOwnerError,
    TransitionRefusedError,
    existing,
)
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft, Opening
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import history as ticket_history
from paidsupport.tickets.queries.tickets import holder_name
from paidsupport.tickets.tables import Ticket

_KNOWS = _(
    "There's nothing to tell: the customer knows about every issue of this ticket that has a timeline."
)


def link(ctx: Context, issue: Issue) -> str:
    """The address of the public page of an issue."""
    settings = ctx.services.settings
    return f"{settings.base_url}{settings.url_prefix}/issues/{issue.code}"


def draft(ctx: Context, ticket: Ticket, found: Sequence[Row[Follower, Issue]]) -> Opening:
    """The email that says so, to be checked by the owner. Raises NotFoundError."""
    person = existing(ctx.session.get(Person, ctx.by.id))
    kind = EmailKind.INVESTIGATING
    context = {"person": person, "links": [link(ctx, issue) for _, issue in found if not issue.private]}
    return Opening(kind, *emails.written(ctx, kind, ticket, **context))


def tell(ctx: Context, code: str, email: Draft) -> Email:
    """Queue the email of the ticket's owner; it can be the first contact.

    Raises as `correspondence.write`, and for reasons of its own:

    Raises:
        NotFoundError: There is no such ticket.
        TransitionRefusedError: There is nothing to tell.
        InvalidInputError: A link is missing, or a private issue is named.
    """
    ticket = tickets.lock(ctx.session, code)
    if before := correspondence.sent_before(ctx, ticket, email):
        return before
    found = _locked(ctx, ticket)
    missing = [link(ctx, issue) for _, issue in found if not issue.private]
    missing = [address for address in missing if address not in email.body]
    if missing and correspondence.may_write(ctx, ticket):
        raise InvalidInputError(
            {"body": [_("Add this link for the customer: %(link)s", link=address) for address in missing]}
        )
    sent = correspondence.send(ctx, ticket, email, kind=EmailKind.INVESTIGATING)
    ctx.session.flush()
    for follower, issue in found:
        # an earlier email never left, so its author has not answered the customer
        follower.answerer_id = ctx.by.id if follower.investigating_id else follower.answerer_id or ctx.by.id
        follower.investigating_id = sent.message_id
        _note(ctx, issue, ticket, {"letter": sent.reference})
    return sent


def told_by_phone(ctx: Context, code: str, typed: str, *, key: str) -> Ticket:
    """Note that a customer was told on the phone, and what was said; by the owner or a manager.

    Raises:
        NotFoundError: There is no such ticket.
        NotTheOwnerError: The ticket has another owner.
        TransitionRefusedError: There is nothing to tell.
        InvalidInputError: At `body`.
        KeyReusedError: The form was sent with other content.
    """
    with ticket_history.edit(ctx, code, key=key, content=("told-by-phone", code, typed)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if not ctx.by.is_manager and (ctx.by.id is None or ticket.owner_id != ctx.by.id):
            raise NotTheOwnerError(code, holder_name(ctx.session, ticket))
        body = fields.many_lines("body", typed, required=_("Enter what was said.")).strip()
        found = _locked(ctx, ticket)
        annotation.keep(ctx, ticket, body)
        data = {"text": fingerprint(body)}
        change.tell("told-by-phone", data)
        for follower, issue in found:
            follower.answerer_id = follower.answerer_id or ctx.by.id
            follower.investigating_at = ctx.now
            _note(ctx, issue, ticket, {"letter": ""})
            family.confirm(ctx, issue)
    return ticket


def _locked(ctx: Context, ticket: Ticket) -> Sequence[Row[Follower, Issue]]:
    """The issues to tell the customer about now, locked in order.

    Raises TransitionRefusedError if there are none.
    """
    for _follower, issue in followed(ctx.session, ticket, untold()):
        issues.lock_by_id(ctx.session, issue.id)
    found = followed(ctx.session, ticket, untold())
    if not found:
        raise TransitionRefusedError(ticket.code, [_KNOWS])
    return found


def _note(ctx: Context, issue: Issue, ticket: Ticket, data: dict[str, object]) -> None:
    ctx.session.flush()
    history.tell(ctx, issue, "investigating-told", {"ticket": ticket.code, **data})
