"""What is left to do and until when: every change is kept with who made it, when, and why (T15)."""

from __future__ import annotations

from datetime import date
from enum import Enum, auto
from typing import Any

from sqlalchemy import select

from paidsupport.desk.issues import history
from paidsupport.desk.visit import Visit
from paidsupport.store import issues
from paidsupport.store.issues import NO_DEADLINE, Estimate, Issue


class Same(Enum):
    """Stands for what a change leaves as it is."""

    SAME = auto()


_SAME = Same.SAME


def change(
    visit: Visit,
    issue: Issue,
    *,
    minutes_left: int | Same | None = _SAME,
    deadline: date | Same | None = _SAME,
    why: str,
) -> bool:
    """Write what is left and until when, with the row that keeps it; returns whether anything changed.

    The caller holds the issue's lock and has tidied `why`. A deadline of None takes it away.
    """
    left = issue.minutes_left if minutes_left is _SAME else minutes_left
    until = issue.deadline if deadline is _SAME else deadline or NO_DEADLINE
    if (left, until) == (issue.minutes_left, issue.deadline):
        return False
    visit.session.add(
        Estimate(
            issue_id=issue.id,
            at=visit.now,
            person_id=visit.by.id,
            person_name=visit.by.name,
            minutes_left=left,
            deadline=until,
            why=why,
        )
    )
    data: dict[str, Any] = {"left": left, "deadline": None if until == NO_DEADLINE else until.isoformat()}
    head = history.append(visit, issue, "estimate-changed", data)
    issues.change(visit.session, issue, minutes_left=left, deadline=until, **head)
    return True


def of(visit: Visit, issue: Issue) -> list[Estimate]:
    """Every change, oldest first."""
    wanted = select(Estimate).where(Estimate.issue_id == issue.id).order_by(Estimate.id)
    return list(visit.session.scalars(wanted))
