"""Queries for families: an issue, its parents, its parts, and the tickets that follow any of these."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, Select, bindparam, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from paidsupport.issues.tables import OPEN, Follower, Issue, visible
from paidsupport.issues.workflow import FEEDBACK, NEW
from paidsupport.kernel.actors import Actor
from paidsupport.tickets.tables import Ticket

_OPEN = text(f"paidsupport_issue.{OPEN}")


def following(*issue_ids: int) -> Select[Any]:
    """The ids of the tickets that follow any issue of these families."""
    return select(Follower.ticket_id).where(Follower.issue_id.in_(family_of(*issue_ids))).distinct()


def family_of(*issue_ids: int) -> Select[Any]:
    """The ids of issues, their parents, and all parts of these."""
    return select(_with_parts(select(_with_parents(*issue_ids).c.id)).c.id)


def parents(session: Session, issue: Issue) -> dict[int, int | None]:
    """The id of the parent of an issue and of each issue above it, by id."""
    up = _with_parents(issue.id)
    return {row.id: row.parent_id for row in session.execute(select(up.c.id, up.c.parent_id))}


def parts_below(session: Session, issue: Issue) -> set[int]:
    """The ids of all parts of an issue, at any depth."""
    return set(session.scalars(_below(), {"issue": issue.id})) - {issue.id}


def minutes_left(session: Session, issue: Issue) -> int:
    """The minutes of work left on an issue and all its open parts."""
    return int(session.scalars(_minutes_left(), {"issue": issue.id}).one())


def left_in_parts(session: Session, by: Actor, issue: Issue) -> int | None:
    """The work left on all open parts that `by` may see; None if no part has a figure."""
    found = session.scalar(_left_in_parts(by), {"issue": issue.id})
    return None if found is None else int(found)


def unanswered_parts(session: Session, by: Actor, issue: Issue) -> Sequence[Row[int, str, int | None, bool]]:
    """The parts whose feedback an issue waits for, and whether `by` may see each (`seen`)."""
    columns = (Issue.id, Issue.code, Issue.owner_id, visible(by).label("seen"))
    wanted = select(*columns).where(Issue.parent_id == issue.id, lacks_feedback(Issue))
    return session.execute(wanted.order_by(Issue.id)).all()


def lacks_feedback(issue: type[Issue]) -> ColumnElement[bool]:
    """The condition that an issue has not given feedback to its parent."""
    return (issue.state == FEEDBACK.name) | ((issue.state == NEW.name) & issue.feedback_at.is_(None))


def tickets_around(session: Session, issue: Issue) -> list[Ticket]:
    """The tickets that follow an issue or any other of its family."""
    family = or_(Issue.id.in_((issue.id, issue.parent_id or 0)), Issue.parent_id == issue.id)
    wanted = select(Ticket).join(Follower, Follower.ticket_id == Ticket.id)
    return list(
        session.scalars(wanted.where(Follower.issue_id.in_(select(Issue.id).where(family))).distinct())
    )


def _with_parents(*issue_ids: int) -> CTE:
    above = select(Issue.id, Issue.parent_id).where(Issue.id.in_(issue_ids)).cte("above", recursive=True)
    upper = aliased(Issue)
    return above.union(select(upper.id, upper.parent_id).join(above, upper.id == above.c.parent_id))


def _with_parts(first: Select[Any]) -> CTE:
    below = first.cte("below", recursive=True)
    lower = aliased(Issue)
    # UNION without ALL, so that an issue that is a part of itself ends the recursion
    return below.union(select(lower.id).join(below, lower.parent_id == below.c.id))


@cache
def _below() -> Select[Any]:
    """The ids of an issue and all its parts."""
    return select(_with_parts(select(Issue.id).where(Issue.id == bindparam("issue"))).c.id)


@cache
def _minutes_left() -> Select[Any]:
    left = func.coalesce(func.sum(func.coalesce(Issue.minutes_left, Issue.estimate_minutes, 0)), 0)
    return select(left).where(Issue.id.in_(_below()), _OPEN)


@lru_cache
def _left_in_parts(by: Actor) -> Select[Any]:
    below = Issue.id.in_(_below()), Issue.id != bindparam("issue")
    return select(func.sum(Issue.minutes_left)).where(*below, _OPEN, visible(by))
