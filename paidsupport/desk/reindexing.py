"""Making the index of words anew: after an upgrade that cuts texts in another way, or a fault (P6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from paidsupport.desk import submissions
from paidsupport.desk.visit import Visit
from paidsupport.store import issue_words, search
from paidsupport.store.conversation import Annotation, Message
from paidsupport.store.decisions import Decision
from paidsupport.store.issues import Issue, IssueNote, IssueTag
from paidsupport.store.requests import Intake
from paidsupport.store.tags import Tag
from paidsupport.store.tickets import Ticket

#: Tickets or issues whose words are replaced in one transaction.
_BATCH = 200


def tickets(visit: Visit, after: int) -> int | None:
    """Replace the words of the next tickets behind the id `after`.

    Returns the id of the last of them; None when there are no more.
    """
    wanted = select(Ticket).where(Ticket.id > after, Ticket.erased_at.is_(None)).order_by(Ticket.id)
    found = visit.session.scalars(wanted.limit(_BATCH)).all()
    for ticket in found:
        search.replace(visit.session, ticket.id, *_of_ticket(visit, ticket))
    return found[-1].id if found else None


def issues(visit: Visit, after: int) -> int | None:
    """The same for issues."""
    wanted = select(Issue).where(Issue.id > after).order_by(Issue.id).limit(_BATCH)
    found = visit.session.scalars(wanted).all()
    for issue in found:
        issue_words.replace(visit.session, issue.id, *_of_issue(visit, issue))
    return found[-1].id if found else None


def _of_ticket(visit: Visit, ticket: Ticket) -> Iterator[str]:
    yield from submissions.searchable(ticket)
    # what looks like a credential of the customer's is not found: `body` is without it
    yield from (row.body for row in _rows(visit, Message, ticket))
    yield from (row.body for row in _rows(visit, Annotation, ticket))
    yield from (row.name for row in _rows(visit, Tag, ticket))
    yield from (row.word for row in _rows(visit, Decision, ticket))
    for intake in _rows(visit, Intake, ticket):
        yield from (ticket.summary, intake.organisation, intake.phone)


def _of_issue(visit: Visit, issue: Issue) -> Iterator[str]:
    yield from (issue.code, issue.summary, issue.details)
    yield from visit.session.scalars(select(IssueNote.body).where(IssueNote.issue_id == issue.id))
    yield from visit.session.scalars(select(IssueTag.name).where(IssueTag.issue_id == issue.id))


def _rows(visit: Visit, table: Any, ticket: Ticket) -> Sequence[Any]:  # noqa: ANN401  # a class of rows
    return visit.session.scalars(select(table).where(table.ticket_id == ticket.id)).all()
