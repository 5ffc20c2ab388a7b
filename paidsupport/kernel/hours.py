"""Working time: when the desk is there, and counting in the minutes in which it is.

All of it is counted in real minutes: on the two nights on which clocks are set, a range is as long as it
really lasts. Moments are aware, and come out in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from paidsupport.kernel.i18n.messages import gettext as _

#: What stands for a desk that never closes.
ALWAYS = "always"
#: Minutes of a whole day, and of an hour.
DAY = 24 * 60
HOUR = 60
#: Days after which a calendar without any working time is given up.
_HORIZON = 10 * 366
#: Days before a moment that may still have to do with it: clocks are set, and zones have skipped a day.
_BEFORE = 2
_NONE = "There is no working time in this calendar."

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PIECE = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:\s*-\s*(?P<last>[a-z]{3}))?)?"
    r"\s*(?:(?P<start>\d\d?:\d\d)\s*-\s*(?P<end>\d\d?:\d\d))?"
)

#: Ranges of minutes since midnight, in their order.
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """When the desk works: the ranges of each weekday (Monday first) in a zone, and the days without.

    `holidays` is asked with `in`, day by day; it may look days up as they come.
    """

    week: tuple[Ranges, Ranges, Ranges, Ranges, Ranges, Ranges, Ranges]
    zone: tzinfo = UTC
    holidays: Container[date] = frozenset()

    def local(self, moment: datetime) -> datetime:
        """`moment` as clocks at the desk show it."""
        return moment.astimezone(self.zone)

    @property
    def day(self) -> int:
        """The minutes of a working day: of the longest one in the week."""
        return max(sum(end - start for start, end in ranges) for ranges in self.week)

    def after(self, moment: datetime, minutes: int) -> datetime:
        """The first moment at which so many working minutes have passed since `moment`.

        With none to pass that is `moment` itself, open or not. Raises ValueError for fewer than none, and
        for a calendar in which no working time is found.
        """
        if minutes < 0:
            raise ValueError(f"{minutes} minutes cannot pass.")
        left = timedelta(minutes=minutes)
        moment = _utc(moment)
        if not left:
            return moment
        for start, end in self._spans(moment):
            begin = max(start, moment)
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise AssertionError  # there is always a next span, or an error

    def before(self, moment: datetime, minutes: int) -> datetime:
        """A moment since which so many working minutes have passed. Raises ValueError as `after`."""
        moment = _utc(moment)
        for days in (1 << exponent for exponent in range(_HORIZON.bit_length())):
            early = moment - timedelta(days=days)
            if (passed := self.between(early, moment)) >= minutes:
                return self.after(early, passed - minutes)
        raise ValueError(_NONE)

    def between(self, first: datetime, last: datetime) -> int:
        """The whole working minutes from `first` to `last`; below zero if `last` comes before."""
        first, last = _utc(first), _utc(last)
        if last < first:
            return -self.between(last, first)
        passed = timedelta()
        for start, end in self._spans(first):
            if start >= last:
                break
            passed += min(end, last) - max(start, first)
        return passed // timedelta(minutes=1)

    def is_open(self, moment: datetime) -> bool:
        """Whether the desk works at `moment`; at the end of a range it does not."""
        return self.next_open(moment) == _utc(moment)

    def next_open(self, moment: datetime) -> datetime:
        """`moment` itself while the desk is open, else when it opens next. Raises ValueError as `after`."""
        moment = _utc(moment)
        return max(next(self._spans(moment))[0], moment)

    def _spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every stretch of working time that ends after `moment`, in order and without overlap."""
        day = moment.astimezone(self.zone).date() - timedelta(days=_BEFORE)
        latest = datetime.min.replace(tzinfo=UTC)
        idle = 0
        while idle < _HORIZON:
            idle += 1
            for start, end in () if day in self.holidays else self.week[day.weekday()]:
                # where clocks jump forward, two times of the clock may be one moment
                begin, latest = max(self._moment(day, start), latest), max(self._moment(day, end), latest)
                if latest > max(begin, moment):
                    idle = 0
                    yield begin, latest
            day += timedelta(days=1)
        raise ValueError(_NONE)

    def _moment(self, day: date, minute: int) -> datetime:
        days, rest = divmod(minute, DAY)
        wall = datetime.combine(day + timedelta(days=days), time(*divmod(rest, HOUR)), tzinfo=self.zone)
        return wall.astimezone(UTC)


def parse_week(text: str) -> tuple[Ranges, Ranges, Ranges, Ranges, Ranges, Ranges, Ranges]:
    """What `Mon-Fri 09:00-12:00, 13:00-17:00, Sat 10:00-12:00` or `always` says of each weekday.

    A range without days is for the days before it; days without a range have the next one. Raises
    ValueError with a sentence.
    """
    if text.strip().lower() == ALWAYS:
        every: Ranges = ((0, DAY),)
        return (every,) * 7
    ranges: list[list[tuple[int, int]]] = [[] for _day in _DAYS]
    days: list[int] = []
    waiting = False
    for piece in text.lower().split(","):
        found = _PIECE.fullmatch(piece.strip())
        if found is None or not piece.strip():
            raise ValueError(_("“%(typed)s” is not like “Mon-Fri 09:00-17:00”.", typed=piece.strip()))
        if found["first"]:
            named = _named(found["first"], found["last"] or found["first"])
            days = days + named if waiting else named
            waiting = True
        if found["start"]:
            if not days:
                raise ValueError(_("“%(typed)s” does not say on which days.", typed=piece.strip()))
            for day in days:
                ranges[day].append(_range(found["start"], found["end"]))
            waiting = False
    if waiting or not any(ranges):
        raise ValueError(_("“%(typed)s” has days without hours.", typed=text))
    mon, tue, wed, thu, fri, sat, sun = (_joined(each) for each in ranges)
    return mon, tue, wed, thu, fri, sat, sun


def _named(first: str, last: str) -> list[int]:
    for name in (first, last):
        if name not in _DAYS:
            days = ", ".join(day.title() for day in _DAYS)
            raise ValueError(_("“%(typed)s” is not a day. Use: %(days)s.", typed=name, days=days))
    begin, end = _DAYS.index(first), _DAYS.index(last)
    return [day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)]


def _range(start: str, end: str) -> tuple[int, int]:
    begin, close = _minute(start), _minute(end)
    if begin >= close:
        raise ValueError(
            _("“%(typed)s” ends before it begins. Use two ranges to cross midnight.", typed=start + "-" + end)
        )
    return begin, close


def _minute(text: str) -> int:
    hours, minutes = (int(part) for part in text.split(":"))
    if minutes >= HOUR or hours * HOUR + minutes > DAY:
        raise ValueError(_("“%(typed)s” is not a time between 00:00 and 24:00.", typed=text))
    return hours * HOUR + minutes


def _joined(ranges: list[tuple[int, int]]) -> Ranges:
    """In order, and ranges that touch each other as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise TypeError("A moment without a time zone is no moment.")
    return moment.astimezone(UTC)
