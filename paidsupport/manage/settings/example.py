"""What working hours come to: the next days, and the next days off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from paidsupport.kernel.hours import HOUR, Hours

#: Days that are shown, days off that are named, and how far they are looked for.
_DAYS, _OFF, _FAR = 7, 8, 366


@dataclass(frozen=True, slots=True)
class Day:
    """A day with the hours in it; `is_free`: there are none on a holiday, or because the desk is closed."""

    day: date
    hours: str
    is_free: bool


@dataclass(frozen=True, slots=True)
class Example:
    """The next days of a calendar, and its next days off."""

    days: list[Day]
    holidays: list[date]


def example_of(hours: Hours, today: date) -> Example:
    """What a calendar comes to from a day on."""
    ahead = [today + timedelta(days=number) for number in range(_FAR)]
    free = (day for day in ahead if day in hours.holidays)
    return Example(
        [_day(hours, day) for day in ahead[:_DAYS]],
        [day for day, _ in zip(free, range(_OFF), strict=False)],
    )


def _day(hours: Hours, day: date) -> Day:
    is_free = day in hours.holidays
    ranges = () if is_free else hours.week[day.weekday()]
    return Day(day, ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in ranges), is_free)


def _clock(minute: int) -> str:
    hours, minutes = divmod(minute, HOUR)
    return f"{hours:02}:{minutes:02}"
