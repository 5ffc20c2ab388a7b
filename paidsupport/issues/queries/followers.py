"""Queries: which tickets follow an issue, which issues a ticket follows, and which customers to tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session, aliased

from paidsupport.issues.rules.kinds import reached
from paidsupport.issues.tables import OVER, WAITING, Follower, Issue, visible
from paidsupport.kernel.actors import Actor
from paidsupport.tickets.conversation.tables import Annotation
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

_FRESH = {"populate_existing": True}
_ON_THEIR_WAY = (EmailState.QUEUED, EmailState.SENDING, EmailState.UNCERTAIN)
#: The number of customers who wait for an issue, within a query for issues.
WAIT_FOR_IT: ScalarSelect[Any] = (
    select(func.count())
    .select_from(Follower)
    .where(Follower.issue_id == Issue.id, text(WAITING))
    .correlate(Issue)
    .scalar_subquery()
)
# the queries of every issue's page, built once
_ISSUE: BindParameter[int] = bindparam("issue")
_FOLLOWERS = (
    select(Follower, Ticket)
    .join(Ticket, Ticket.id == Follower.ticket_id)
    .where(Follower.issue_id == _ISSUE)
    .order_by(Follower.id)
    .execution_options(**_FRESH)
)
_TICKETS = (
    select(Ticket)
    .join(Follower, Follower.ticket_id == Ticket.id)
    .where(Follower.issue_id == _ISSUE)
    .order_by(Follower.id)
)
_NOTES_ON_TICKETS = (
    select(Annotation, Ticket.code)
    .join(Ticket, Ticket.id == Annotation.ticket_id)
    .join(Follower, Follower.ticket_id == Ticket.id)
    .where(Follower.issue_id == _ISSUE, Annotation.about == bindparam("about"))
    .order_by(Annotation.id)
)


def followers(session: Session, issue: Issue) -> Sequence[Row[Follower, Ticket]]:
    """All that follow or followed an issue, with their tickets, those waiting longest first."""
    return session.execute(_FOLLOWERS, {"issue": issue.id}).all()


def tickets_of(session: Session, issue: Issue) -> Sequence[Ticket]:
    """The tickets that follow or followed an issue, in the order in which they began."""
    return session.scalars(_TICKETS, {"issue": issue.id}).all()


def follower(session: Session, issue: Issue, ticket: Ticket) -> Follower | None:
    """How one ticket follows an issue, read afresh."""
    wanted = select(Follower).where(Follower.issue_id == issue.id, Follower.ticket_id == ticket.id)
    return session.scalar(wanted, execution_options=_FRESH)


def emails_telling(session: Session, rows: Iterable[Follower]) -> dict[int | None, Email]:
    """The emails that said “we are investigating” or “it is solved” to `rows`, by message id."""
    ids = {id_ for row in rows for id_ in (row.investigating_id, row.solved_id) if id_ is not None}
    if not ids:
        return {}
    wanted = select(Email).where(Email.message_id.in_(ids))
    return {email.message_id: email for email in session.scalars(wanted, execution_options=_FRESH)}


def followed(
    session: Session, ticket: Ticket, *which: ColumnElement[bool], lock: bool = False
) -> Sequence[Row[Follower, Issue]]:
    """The issues that a ticket follows or followed and that match, in the order of their ids, read afresh."""
    wanted = select(Follower, Issue).join(Issue, Issue.id == Follower.issue_id)
    wanted = wanted.where(Follower.ticket_id == ticket.id, *which).order_by(Issue.id)
    wanted = wanted.with_for_update(of=Issue) if lock else wanted
    return session.execute(wanted, execution_options=_FRESH).all()


def issues_of(ticket_ids: Collection[int]) -> Select[int]:
    """The ids of all issues that these tickets ever followed."""
    return select(Follower.issue_id).where(Follower.ticket_id.in_(ticket_ids))


def lock_issues(session: Session, ids: Collection[int] | Select[int]) -> Sequence[Issue]:
    """Lock these issues in the order of their ids."""
    wanted = select(Issue).where(Issue.id.in_(ids)).order_by(Issue.id).with_for_update()
    return session.scalars(wanted, execution_options=_FRESH).all()


def notes_on_tickets(session: Session, issue: Issue, about: str) -> Sequence[Row[Annotation, str]]:
    """Annotations with this subject on the tickets that follow an issue, each with the ticket's code."""
    return session.execute(_NOTES_ON_TICKETS, {"issue": issue.id, "about": about}).all()


def is_being_told(session: Session, ticket: Ticket) -> bool:
    """Whether an email saying it is solved is on its way to the customer, or may have arrived."""
    wanted = select(Email.id).join(Follower, Follower.solved_id == Email.message_id)
    wanted = wanted.where(Follower.ticket_id == ticket.id, Email.state.in_(_ON_THEIR_WAY))
    wanted = wanted.where(Follower.told_at.is_(None), Follower.ended_at.is_(None))
    return session.scalar(wanted.limit(1)) is not None


def told_by(session: Session, message_id: int | None) -> Row[Follower, Issue] | None:
    """The follower who is told by a message that an issue is solved, and that issue."""
    wanted = select(Follower, Issue).join(Issue, Issue.id == Follower.issue_id)
    return session.execute(wanted.where(Follower.solved_id == message_id)).one_or_none()


def can_be_told(session: Session, by: Actor) -> Sequence[Row[Follower, Issue, Ticket]]:
    """The customers that `by` can now tell that an issue is solved, those waiting longest first."""
    wanted = select(Follower, Issue, Ticket).join(Issue, Issue.id == Follower.issue_id)
    wanted = wanted.join(Ticket, Ticket.id == Follower.ticket_id)
    wanted = wanted.where(
        Follower.teller_id == by.id, Follower.told_at.is_(None), Follower.ended_at.is_(None)
    )
    wanted = wanted.where(Issue.approved_at.is_not(None), visible(by))
    rows = session.execute(wanted.order_by(Follower.id)).all()
    return [row for row in rows if reached(row[1].stage, row[0].stage)]


def first_contact(session: Session, ticket: Ticket) -> int | None:
    """The person who first wrote to the customer of a ticket."""
    contact = Email.ticket_id == ticket.id, Email.contact.is_not(None), Email.author_id.is_not(None)
    return session.scalar(select(Email.author_id).where(*contact).order_by(Email.id).limit(1))


def all_solved() -> ColumnElement[bool]:
    """The condition that a ticket's issues are all over, and its customer was told about at least one."""
    told = exists().where(
        Follower.ticket_id == Ticket.id, Follower.told_at.is_not(None), Follower.ended_at.is_(None)
    )
    other = aliased(Follower)
    waits = (
        exists()
        .where(other.ticket_id == Ticket.id, other.ended_at.is_(None))
        .where(Issue.id == other.issue_id)
        .where(or_(other.told_at.is_(None), Issue.state.not_in(OVER)))
    )
    return told & ~waits
