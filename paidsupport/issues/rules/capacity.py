"""Whether a person's work fits into the time before each deadline (T15).

The earliest deadline comes first: until each deadline, all work due by then has to be done. If that is more
than there is time for, everything due on that day slips.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Task:
    """Work on one issue: how many minutes are left (None: unknown), and the deadline."""

    id: int
    minutes: int | None
    deadline: date


@dataclass(frozen=True, slots=True)
class Shortage:
    """A deadline with more minutes of `work` than of `time` before it; `ids`: the issues due on it."""

    deadline: date
    work: int
    time: int
    ids: tuple[int, ...]


def shortages(tasks: Iterable[Task], time_until: Callable[[date], int]) -> list[Shortage]:
    """The deadlines that cannot all be met, the earliest first; empty if everything fits.

    Finished work does not slip; work of unknown length slips when no time is left at all.

    Args:
        tasks: The work of one person.
        time_until: Gives the minutes that can still be worked before the end of a day.
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
        # work of unknown length is some work: with no time at all it cannot be done
        if late and (work > time or not time):
            found.append(Shortage(deadline, work, time, tuple(sorted(late))))
    return found
