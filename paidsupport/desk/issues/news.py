"""Telling people of the desk what concerns them of an issue: in the page, and by mail (P8)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from paidsupport.desk.issues import access
from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import Role
from paidsupport.domain.issues import Occasion
from paidsupport.store.issues import Issue, IssueNotice
from paidsupport.store.people import Person


def tell(visit: Visit, issue: Issue, occasion: Occasion, person_ids: Iterable[int | None]) -> None:
    """Tell people of the newest line of an issue's history; the caller has just written it.

    Nobody is told of their own deed, of one line twice, or of a private issue that they may not see.
    """
    wanted = {id_ for id_ in person_ids if id_ is not None and id_ != visit.by.id}
    if not wanted:
        return
    told = select(IssueNotice.person_id).where(
        IssueNotice.issue_id == issue.id, IssueNotice.number == issue.event_count
    )
    wanted -= set(visit.session.scalars(told))
    people = visit.session.scalars(
        select(Person).where(Person.id.in_(wanted), Person.active).order_by(Person.id)
    )
    for person in people:
        if access.may_see(visit, issue, person.id, is_manager=person.role == Role.MANAGER):
            notice = IssueNotice(
                person_id=person.id,
                issue_id=issue.id,
                number=issue.event_count,
                occasion=occasion,
                at=visit.now,
                mail="queued",
                due_at=visit.now,
            )
            visit.session.add(notice)
    visit.session.flush()


def managers(visit: Visit) -> list[int]:
    """The ids of those who manage the desk."""
    wanted = select(Person.id).where(Person.active, Person.role == Role.MANAGER)
    return list(visit.session.scalars(wanted))
