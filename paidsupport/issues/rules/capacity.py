"""Whether what somebody has to do fits into the time before each deadline (T15).

The earliest deadline is served first: until each deadline, all work that is due by then has to be done. If
that is more than there is time, whatever is due on that day slips.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Task:
    """Work on one issue: how many minutes of it are left (None: nobody has said), and until when."""

    id: int
    minutes: int | None
    deadline: date


@dataclass(frozen=True, slots=True)
class Shortage:
    """A deadline until which there are more minutes of `work` than of `time`; `ids`: what is due on it."""

    deadline: date
    work: int
    time: int
    ids: tuple[int, ...]


def shortages(tasks: Iterable[Task], time_until: Callable[[date], int]) -> list[Shortage]:
    """The deadlines that cannot all be met, the earliest first; none if everything fits.

    `time_until` gives the minutes that can still be worked before the end of a day. What is finished slips
    no more; work of which nobody has said how long it takes slips when no time is left at all.
    """
    by_day: dict[date, list[Task]] = {}
    for task in tasks:
        by_day.setdefault(task.deadline, []).append(task)
    found, work = [], 0
    for deadline in sorted(by_day):
        due = by_day[deadline]
        work += sum(task.minutes or 0 for task in due)
        time = max(0, time_until(deadline))
        late = [task.id for task in due if task.minutes or (task.minutes is None and not time)]
        # unknown work is some work: with no time at all it cannot be done
        if late and (work > time or not time):
            found.append(Shortage(deadline, work, time, tuple(sorted(late))))
    return found
