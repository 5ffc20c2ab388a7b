"""Making the index of words anew: after an upgrade that cuts texts in another way, or a fault (P6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from paidsupport.issues.queries import words as issue_words
from paidsupport.issues.tables import Issue, IssueNote, IssueTag
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.tickets.arrivals.tables import Intake
from paidsupport.tickets.conversation.tables import Annotation, Message
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags.tables import Tag

#: Tickets or issues whose words are replaced in one transaction.
_BATCH = 200


def tickets(ctx: Context, after: int) -> int | None:
    """Replace the words of the next tickets behind the id `after`.

    Returns the id of the last of them; None when there are no more.
    """
    wanted = select(Ticket).where(Ticket.id > after, Ticket.erased_at.is_(None)).order_by(Ticket.id)
    found = ctx.session.scalars(wanted.limit(_BATCH)).all()
    for ticket in found:
        search.replace(ctx.session, ticket.id, *_of_ticket(ctx, ticket))
    return found[-1].id if found else None


def issues(ctx: Context, after: int) -> int | None:
    """The same for issues."""
    wanted = select(Issue).where(Issue.id > after).order_by(Issue.id).limit(_BATCH)
    found = ctx.session.scalars(wanted).all()
    for issue in found:
        issue_words.replace(ctx.session, issue.id, *_of_issue(ctx, issue))
    return found[-1].id if found else None


def _of_ticket(ctx: Context, ticket: Ticket) -> Iterator[str]:
    yield from submissions.searchable(ticket)
    # what looks like a credential of the customer's is not found: `body` is without it
    yield from (row.body for row in _rows(ctx, Message, ticket))
    yield from (row.body for row in _rows(ctx, Annotation, ticket))
    yield from (row.name for row in _rows(ctx, Tag, ticket))
    yield from (row.word for row in _rows(ctx, Decision, ticket))
    for intake in _rows(ctx, Intake, ticket):
        yield from (ticket.summary, intake.organisation, intake.phone)


def _of_issue(ctx: Context, issue: Issue) -> Iterator[str]:
    yield from (issue.code, issue.summary, issue.details)
    yield from ctx.session.scalars(select(IssueNote.body).where(IssueNote.issue_id == issue.id))
    yield from ctx.session.scalars(select(IssueTag.name).where(IssueTag.issue_id == issue.id))


def _rows(ctx: Context, table: Any, ticket: Ticket) -> Sequence[Any]:  # noqa: ANN401  # a class of rows
    return ctx.session.scalars(select(table).where(table.ticket_id == ticket.id)).all()
