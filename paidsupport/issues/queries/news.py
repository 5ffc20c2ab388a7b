"""Which notices of issues there are, and which of them leave next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, exists, or_, select
from sqlalchemy.orm import Session

from paidsupport.issues.tables import Issue, IssueEvent, IssueNotice, IssueReader
from paidsupport.kernel.actors import Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.outbox.queries import Columns
from paidsupport.kernel.staff.tables import Person

#: Notices of one person in one mail, and on one page.
MOST = 50
#: How notices are taken from their table, each with its person; what is parked is a person's mail.
OUTBOX = Columns(
    *(IssueNotice.id, IssueNotice.mail, IssueNotice.attempts),
    # from the moment at which it was taken on, when that was
    *(IssueNotice.due_at, IssueNotice.due_at),
    IssueNotice.person_id,
)
LEAVING = select(IssueNotice, Person).join(Person, Person.id == IssueNotice.person_id)
#: Whether a person may see an issue.
MAY_SEE = or_(
    ~Issue.private,
    Person.role == Role.MANAGER,
    exists().where(IssueReader.issue_id == Issue.id, IssueReader.person_id == Person.id),
)


def told() -> Any:  # noqa: ANN401  # a select of three classes
    """Notices, each with its line and its issue."""
    line = and_(IssueEvent.issue_id == IssueNotice.issue_id, IssueEvent.number == IssueNotice.number)
    return (
        select(IssueNotice, IssueEvent, Issue)
        .join(IssueEvent, line)
        .join(Issue, Issue.id == IssueNotice.issue_id)
    )


def due(ctx: Context, person: Person) -> dict[int, int]:
    """The ids of what is due for a person, locked, each with the attempts that there were."""
    wanted = select(IssueNotice.id, IssueNotice.attempts).where(
        IssueNotice.person_id == person.id, OUTBOX.waits(ctx.now)
    )
    found = ctx.session.execute(wanted.order_by(IssueNotice.id).limit(MOST).with_for_update())
    return {row.id: row.attempts for row in found}


def good(session: Session, ids: Sequence[int]) -> Sequence[Row[IssueNotice, IssueEvent, Issue]]:
    """Those among notices that their person has not read, may see, and gets while working here."""
    wanted = told().join(Person, Person.id == IssueNotice.person_id)
    wanted = wanted.where(IssueNotice.id.in_(ids), IssueNotice.read_at.is_(None), Person.active, MAY_SEE)
    return session.execute(wanted.order_by(IssueNotice.id)).all()
