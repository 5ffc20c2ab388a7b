"""“It is solved”: the email to a waiting customer, by their ticket's owner, once, in time (T18)."""

from __future__ import annotations

import re

from sqlalchemy import update

from paidsupport.issues.operations import access, history, resolution
from paidsupport.issues.queries.contents import newest_note
from paidsupport.issues.queries.followers import followed
from paidsupport.issues.rules.kinds import STAGES, Stage
from paidsupport.issues.tables import Follower, Issue, visible
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    NotTheOwnerError,
    TransitionRefusedError,
    existing,
)
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft, Opening
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.queries.tickets import holder_name
from paidsupport.tickets.tables import Ticket

_NOT_OF_A_CODE = re.compile(r"[^A-Z0-9]")


def subject_of(ctx: Context, ticket: Ticket, typed: str) -> Issue:
    """The issue to tell a customer about: the one whose code was `typed`, or the first that can be told.

    Raises NotFoundError if the ticket follows none, or none that this person may see.
    """
    if typed:
        return access.see(ctx, typed)
    rows = followed(ctx.session, ticket, visible(ctx.by))
    found = [issue for _, issue in sorted(rows, key=lambda row: row[0].id)]
    for issue in found:
        if not resolution.against(issue, resolution.find(ctx, issue, ticket)):
            return issue
    if not found:
        raise NotFoundError
    return found[0]


def draft(ctx: Context, ticket: Ticket, issue: Issue) -> Opening:
    """The email to start from: the developer's draft with greeting and signature. Raises NotFoundError."""
    person = existing(ctx.session.get(Person, ctx.by.id))
    settings = ctx.services.settings
    written = newest_note(ctx.session, issue, "draft")
    where = STAGES[Stage(issue.stage)] if issue.stage else ""
    context = {
        "person": person,
        "draft": written.body if written else "",
        "where": where,
        "version": issue.stage_version,
        "issue_code": "" if issue.private else issue.code,
        "issue_url": "" if issue.private else f"{settings.base_url}{settings.url_prefix}/issues/{issue.code}",
    }
    kind = EmailKind.SOLVED
    return Opening(kind, *emails.written(ctx, kind, ticket, **context))


def send(ctx: Context, ticket_code: str, issue_code: str, email: Draft) -> Email:
    """Tell a customer that an issue is solved: never before it is, and never twice.

    A repeated key returns the email it became.

    Raises:
        NotFoundError: There is no such ticket or issue for this person.
        NotTheOwnerError: The ticket has another owner.
        TransitionRefusedError: The solution is not approved or has not come far enough, or the customer
            knows.
        InvalidInputError: At `body`, also for the code of a private issue.
        StaleThreadError: A message was added since the page was shown.
        KeyReusedError: The form was sent with other content.
        VaultClosedError: The text cannot be compared with secrets now.
    """
    access.see(ctx, issue_code)
    ticket = tickets.lock(ctx.session, ticket_code)
    if before := correspondence.sent_before(ctx, ticket, email):
        return before
    if not correspondence.may_write(ctx, ticket):
        raise NotTheOwnerError(ticket.code, holder_name(ctx.session, ticket))
    issue = access.lock(ctx, issue_code)
    waiting = resolution.find(ctx, issue, ticket)
    if sentences := resolution.against(issue, waiting):
        raise TransitionRefusedError(ticket.code, sentences)
    _refuse_private(issue, email.body)
    earlier = waiting.follower.solved_id
    sent = correspondence.send(ctx, ticket, email, kind=EmailKind.SOLVED)
    # of two at once, the second finds that it was told: the database decides
    free = (
        update(Follower)
        .where(Follower.id == waiting.follower.id, Follower.told_at.is_(None), Follower.ended_at.is_(None))
        .where(Follower.solved_id.is_not_distinct_from(earlier))
    )
    if changed(ctx.session, free.values(solved_id=sent.message_id, to_pass=False)) != 1:
        raise TransitionRefusedError(ticket.code, [_("A colleague has just told this customer.")])
    ctx.session.expire(waiting.follower)
    data = {"ticket": ticket.code, "letter": sent.reference}
    history.tell(ctx, issue, "solved-written", data)
    return sent


def _refuse_private(issue: Issue, body: str) -> None:
    """Refuse a text with the code of a private issue, which would reveal it. Raises InvalidInputError."""
    bare = _NOT_OF_A_CODE.sub("", issue.code)
    if issue.private and bare in _NOT_OF_A_CODE.sub("", body.upper()):
        raise InvalidInputError(
            {
                "body": [
                    _(
                        "Remove %(code)s: the issue is private, so customers must not see its code.",
                        code=issue.code,
                    )
                ]
            }
        )
