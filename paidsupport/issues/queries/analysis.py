"""Queries: what new issues need from management, and overdue feedback that others wait for (T10, T12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, literal, select, text, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from paidsupport.issues.queries.followers import WAIT_FOR_IT
from paidsupport.issues.tables import INBOX, OPEN, Follower, Issue, visible
from paidsupport.issues.workflow import states_where
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import whole_number
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email

#: Issues on one page of the inbox.
PAGE = 30
#: Overdue issues that are shown at the top of other pages.
MOST_OVERDUE = 10
#: The needs, in order.
NEEDS = tuple(INBOX)

#: States of an email that has not arrived and will not.
NEVER_LEFT = (EmailState.FAILED, EmailState.WITHDRAWN)

#: The key of a row: its need, priority and id.
Key = tuple[int, int, int]
_PIECES = 3

_COLUMNS = (
    *(Issue.id, Issue.code, Issue.kind, Issue.summary, Issue.private, Issue.priority, Issue.version),
    *(Issue.deadline, Issue.minutes_left, Issue.estimate_minutes, Issue.fixed_where, Issue.feedback_at),
    *(Issue.created_at, Issue.owner_id, Issue.parent_id, Issue.state),
    WAIT_FOR_IT.label("waiting"),
)


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of the inbox; `following` is the key for the next page, None on the last one."""

    rows: Sequence[Row[Any]]
    following: Key | None


def inbox(session: Session, by: Actor, after: Key | None = None) -> Inbox:
    """New issues by what they need, then by priority, the oldest first: one query."""
    rows = session.execute(query(by, after)).all()
    if len(rows) <= PAGE:
        return Inbox(rows, None)
    last = rows[PAGE - 1]
    return Inbox(rows[:PAGE], (last.rank, last.priority, last.id))


def spelled(key: Key) -> str:
    """The key of a row as a text for addresses."""
    return "~".join(map(str, key))


def key_of(text: str) -> Key | None:
    """The key of the last row of the previous page, as written by `spelled`. Raises NotFoundError."""
    if not text:
        return None
    numbers = [existing(whole_number(each)) for each in text.split("~")]
    if len(numbers) != _PIECES or numbers[0] >= len(NEEDS):
        raise NotFoundError
    return numbers[0], numbers[1], numbers[2]


def query(by: Actor, after: Key | None = None) -> Select[*tuple[Any, ...]]:
    """Select the rows of one page and one more.

    Each need is read from its own index, at most one page of it, however many there are.
    """
    parts = []
    for rank, guard in enumerate(NEEDS):
        if after is not None and rank < after[0]:
            continue
        some = select(Issue.id, Issue.priority, literal(rank).label("rank"))
        some = some.where(text(_of_issue(INBOX[guard])), visible(by))
        if after is not None and rank == after[0]:
            here = tuple_(Issue.priority, Issue.id)
            some = some.where(here > tuple_(literal(after[1]), literal(after[2])))
        some_ = some.order_by(Issue.priority, Issue.id).limit(PAGE + 1).subquery()
        parts.append(select(some_.c.id, some_.c.priority, some_.c.rank))
    found = union_all(*parts).subquery()
    order = (found.c.rank, found.c.priority, found.c.id)
    first = select(*found.c).order_by(*order).limit(PAGE + 1).subquery()
    order = (first.c.rank, first.c.priority, first.c.id)
    return select(*_COLUMNS, first.c.rank).join(first, first.c.id == Issue.id).order_by(*order)


def overdue(session: Session, by: Actor, now: datetime) -> Sequence[Row[Any]]:
    """The issues with overdue feedback that `by` may see, the longest overdue first: one query.

    Their own come before all others. `above`: the code of the waiting parent; `above_owner`: its owner.
    """
    parent, asker, holder = aliased(Issue), aliased(Person), aliased(Person)
    hidden = parent.private & ~literal(by.is_manager)
    mine = Issue.owner_id == (by.id or 0)
    wanted = (
        select(
            *_COLUMNS,
            Issue.feedback_due_at,
            mine.label("mine"),
            Person.name.label("owner_name"),
            parent.code.label("above"),
            hidden.label("above_hidden"),
            holder.name.label("above_owner"),
            asker.name.label("asker"),
        )
        .join(Person, Person.id == Issue.owner_id)
        .outerjoin(parent, parent.id == Issue.parent_id)
        .outerjoin(holder, holder.id == parent.owner_id)
        .outerjoin(asker, asker.id == Issue.assigned_by_id)
        .where(
            Issue.state.in_(states_where(lambda state: state.asked)),
            Issue.feedback_due_at <= now,
            visible(by),
        )
        .order_by(mine.desc(), Issue.feedback_due_at, Issue.id)
        .limit(MOST_OVERDUE)
    )
    return session.execute(wanted).all()


def untold() -> ColumnElement[bool]:
    """The condition, on followers joined with issues, that the customer has yet to be told of a timeline."""
    gone = exists().where(Email.message_id == Follower.investigating_id, Email.state.in_(NEVER_LEFT))
    planned = Issue.timeline_at.is_not(None) & text(f"paidsupport_issue.{OPEN}")
    return (
        Follower.ended_at.is_(None)
        & Follower.told_at.is_(None)
        & Follower.investigating_at.is_(None)
        & (Follower.investigating_id.is_(None) | gone)
        & planned
    )


def _of_issue(condition: str) -> str:
    """A condition with its columns qualified by their table."""
    for column in ("state", "timeline_at", "feedback_at"):
        condition = condition.replace(f"{column} ", f"paidsupport_issue.{column} ")
    return condition
