"""Queries for notices of issues, and for those that are mailed next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from paidsupport.issues.tables import Issue, IssueEvent, IssueNotice, IssueReader, visible
from paidsupport.kernel.actors import Actor, Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.outbox.queries import Rows
from paidsupport.kernel.staff.tables import Person, Preference

#: The most notices of one person in one mail, and on one page.
MOST = 50
#: How notices are taken from their table, each with its person: parking holds back a person's whole mail.
OUTBOX = Rows(IssueNotice, state="mail", taken="due_at", key="person_id")
LEAVING = select(IssueNotice, Person).join(Person, Person.id == IssueNotice.person_id)
#: The condition that a person may see an issue.
MAY_SEE = or_(
    ~Issue.private,
    Person.role == Role.MANAGER,
    exists().where(IssueReader.issue_id == Issue.id, IssueReader.person_id == Person.id),
)
#: A notice with its event and its issue.
Told = Row[IssueNotice, IssueEvent, Issue]


def told() -> Any:  # noqa: ANN401  # a select of three classes
    """Select notices, each with its event and its issue."""
    line = and_(IssueEvent.issue_id == IssueNotice.issue_id, IssueEvent.number == IssueNotice.number)
    return (
        select(IssueNotice, IssueEvent, Issue)
        .join(IssueEvent, line)
        .join(Issue, Issue.id == IssueNotice.issue_id)
    )


def due(ctx: Context, person: Person) -> dict[int, int]:
    """Lock the notices that are due for a person; their ids, each with the number of attempts so far."""
    wanted = select(IssueNotice.id, IssueNotice.attempts).where(
        IssueNotice.person_id == person.id, OUTBOX.waits(ctx.now)
    )
    found = ctx.session.execute(wanted.order_by(IssueNotice.id).limit(MOST).with_for_update())
    return {row.id: row.attempts for row in found}


def good(session: Session, ids: Sequence[int]) -> Sequence[Told]:
    """Those notices whose person is active, has not read them, and may see the issue."""
    wanted = told().join(Person, Person.id == IssueNotice.person_id)
    wanted = wanted.where(IssueNotice.id.in_(ids), IssueNotice.read_at.is_(None), Person.active, MAY_SEE)
    return session.execute(wanted.order_by(IssueNotice.id)).all()


def people_to_tell(
    session: Session, issue: Issue, ids: Collection[int]
) -> Sequence[Row[Person, Preference | None]]:
    """Those people who may see an issue and were not notified of its newest event, with their settings."""
    already = exists().where(
        IssueNotice.issue_id == issue.id,
        IssueNotice.number == issue.event_count,
        IssueNotice.person_id == Person.id,
    )
    wanted = select(Person, Preference).outerjoin(Preference, Preference.person_id == Person.id)
    wanted = wanted.join(Issue, Issue.id == issue.id)
    wanted = wanted.where(Person.id.in_(ids), Person.active, ~already, MAY_SEE)
    return session.execute(wanted.order_by(Person.id)).all()


def managers(session: Session) -> list[int]:
    """The ids of the managers."""
    wanted = select(Person.id).where(Person.active, Person.role == Role.MANAGER)
    return list(session.scalars(wanted.order_by(Person.id)))


def notices_for(session: Session, by: Actor, *, unread: bool = False) -> Sequence[Told]:
    """A person's notices of issues that they may still see, newest first."""
    wanted = told().where(IssueNotice.person_id == by.id, visible(by))
    wanted = wanted.where(IssueNotice.read_at.is_(None)) if unread else wanted
    found = session.execute(wanted.order_by(IssueNotice.id.desc()).limit(MOST))
    # imported rows need not have been written in order
    return sorted(found, key=lambda row: row[0].at, reverse=True)


def unread_about(session: Session, by: Actor, issue: Issue) -> Sequence[Told]:
    """A person's unread notices of an issue, oldest first."""
    return session.execute(_unread_about(), {"issue": issue.id, "person": by.id}).all()


@cache
def _unread_about() -> Any:  # noqa: ANN401  # as `told`
    mine = IssueNotice.issue_id == bindparam("issue"), IssueNotice.person_id == bindparam("person")
    return told().where(*mine, IssueNotice.read_at.is_(None)).order_by(IssueNotice.id).limit(MOST)


def hidden_from(issue: Issue) -> ColumnElement[bool]:
    """The condition that a notice is of an issue that its person may not see."""
    hidden = select(Person.id).join(Issue, Issue.id == issue.id).where(~MAY_SEE)
    return and_(IssueNotice.issue_id == issue.id, IssueNotice.person_id.in_(hidden))
