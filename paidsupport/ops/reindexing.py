"""Making the index of words anew: after an upgrade that cuts texts in another way, or a fault (P6)."""

from __future__ import annotations

from collections.abc import Iterator

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.issues.queries import words as issue_words
from paidsupport.issues.queries.contents import notes_of, tags_of
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.ops.queries import next_rows, rows_on
from paidsupport.tickets.conversation.tables import Annotation, Message
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags.tables import Tag


def tickets(ctx: Context, after: int) -> int | None:
    """Replace the words of the next tickets behind the id `after`.

    Returns the id of the last of them; None when there are no more.
    """
    found = next_rows(ctx.session, Ticket, after)
    for ticket in (each for each in found if each.erased_at is None):
        search.replace(ctx.session, ticket.id, *_of_ticket(ctx, ticket))
    return found[-1].id if found else None


def issues(ctx: Context, after: int) -> int | None:
    """The same for issues."""
    found = next_rows(ctx.session, Issue, after)
    for issue in found:
        issue_words.replace(ctx.session, issue.id, *_of_issue(ctx, issue))
    return found[-1].id if found else None


def _of_ticket(ctx: Context, ticket: Ticket) -> Iterator[str]:
    yield from submissions.searchable(ticket)
    # what looks like a credential of the customer's is not found: `body` is without it
    yield from (row.body for row in rows_on(ctx.session, Message, ticket))
    yield from (row.body for row in rows_on(ctx.session, Annotation, ticket))
    yield from (row.name for row in rows_on(ctx.session, Tag, ticket))
    yield from (row.word for row in rows_on(ctx.session, Decision, ticket))
    for intake in rows_on(ctx.session, Intake, ticket):
        yield from (ticket.summary, intake.organisation, intake.phone)


def _of_issue(ctx: Context, issue: Issue) -> Iterator[str]:
    yield from (issue.code, issue.summary, issue.details)
    yield from (note.body for note in notes_of(ctx.session, issue))
    yield from (tag.name for tag in tags_of(ctx.session, issue))
