"""A person's work, in the order in which it is done (T14)."""

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
from paidsupport.kernel.errors import ManagersOnlyError, for_managers
from paidsupport.kernel.i18n.messages import gettext as _

_FOR_MANAGERS = for_managers(_("Only a manager can look at the work of a colleague."))

#: The groups of `queries.work.held` that fill a person's time.
_LOAD = {3, 4}


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One issue; `why` explains why it comes before something more urgent, if it does."""

    row: Row[Any]
    why: str


@dataclass(frozen=True, slots=True)
class WorkList:
    """A person's work, what any developer may start, and which deadlines are too early."""

    #: Feedback first, then reviews, then other work in its order.
    held: Sequence[Row[Any]]
    #: In the order in which they are done; `more` says how many are not shown.
    free: list[WorkLine]
    more: bool
    shortages: list[Shortage]
    #: Those for which the desk asks for a statement.
    asked: list[Row[Any]]


def owed(ctx: Context, person_id: int) -> WorkList:
    """The work of a person: three queries, four if there is more than is shown.

    Raises ManagersOnlyError for the work of a colleague.
    """
    if person_id != ctx.by.id and not ctx.by.is_manager:
        raise ManagersOnlyError(_FOR_MANAGERS)
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
    """Rows in their order, each with the reason why it comes before something more urgent."""
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
