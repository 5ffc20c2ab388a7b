"""What somebody owes, in the order in which it is done (T14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from paidsupport.issues.operations import slips
from paidsupport.issues.queries import work as issue_work
from paidsupport.issues.rules.capacity import Shortage, Task
from paidsupport.issues.tables import NO_DEADLINE
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ManagersOnlyError
from paidsupport.kernel.i18n.messages import gettext as _

#: The parts of `queries.work.held` that fill somebody's time.
_LOAD = {3, 4}


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One issue; `why` says what puts it before something more urgent, if that is so."""

    row: Row[Any]
    why: str


@dataclass(frozen=True, slots=True)
class WorkList:
    """All that a person owes, what anybody may start, and which deadlines are too early for it."""

    #: Feedback first, then reviews, then work in the order in which it is done.
    held: Sequence[Row[Any]]
    #: In the order in which it is done; there are `more` that are not shown.
    free: list[WorkLine]
    more: bool
    shortages: list[Shortage]
    #: Of those the desk asks for a word about.
    asked: list[Row[Any]]


def owed(ctx: Context, person_id: int) -> WorkList:
    """The work of a person: three queries, four if they have more than is shown.

    Raises ManagersOnlyError for that of somebody else.
    """
    if person_id != ctx.by.id and not ctx.by.is_manager:
        raise ManagersOnlyError(_("Only a manager can look at the work of a colleague."))
    held = issue_work.held(ctx.session, ctx.by, person_id, ctx.now)
    free = issue_work.free(ctx.session, ctx.by)
    more = len(held) > issue_work.MOST
    held = held[: issue_work.MOST]
    tasks = [
        Task(row.id, row.minutes_left, row.deadline)
        for row in held
        if row.part in _LOAD and row.deadline < NO_DEADLINE
    ]
    short = slips.short_of_time(ctx, person_id) if more else slips.shortages_of(ctx, person_id, tasks)
    asked = [row for row in held if row.part in _LOAD and row.slip_asked_at and not row.slipping_since]
    shown = explained(free[: issue_work.FREE_ONES])
    return WorkList(held, shown, len(free) > issue_work.FREE_ONES, short, asked)


def explained(rows: Sequence[Row[Any]]) -> list[WorkLine]:
    """Rows in their order, each with what puts it before something that is more urgent."""
    lines: list[WorkLine] = []
    # the most urgent of all later releases, and of those of the row's own release
    urgent = own = 9
    order = ""
    for row in reversed(rows):
        if row.release_order != order:
            urgent, own, order = min(urgent, own), 9, row.release_order
        own = min(own, row.priority)
        why = _("Before more urgent ones, because of release %(release)s", release=row.target_release)
        lines.append(WorkLine(row, why if urgent < row.priority else ""))
    return lines[::-1]
