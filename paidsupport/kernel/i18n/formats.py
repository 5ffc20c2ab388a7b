"""Dates, times, numbers and money as people write them in a language.

English is written by hand, for a page has dozens of moments; other languages are written by Babel, which is
loaded with the first of them. What they wrote is kept: a queue repeats itself.

    day        23 November 2026
    short      23 Nov 2026
    weekday    Mon 23 Nov 2026
    moment     23 Nov 2026, 07:49 CET
    ago        2 hours ago, in 2 days
    length     1 h 30 min
    number     1,045
    money      USD 1,045.50
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from babel import Locale

_LONG = ((86400 * 365, "year"), (86400 * 30, "month"))
_UNITS = (*_LONG, (86400, "day"), (3600, "hour"), (60, "minute"))
_MINUTE = 60
#: Clocks of two servers may differ by this much.
_NOW = 2
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_SHORT = ("", *(month[:3] for month in _MONTHS))
#: What is kept of each kind of text.
_KEPT = 4096


def distance(seconds: float) -> tuple[int, str]:
    """How far away a moment is, in its largest unit: what has passed rounded down, what is left rounded up.

    Args:
        seconds: Since then; negative for what is to come.

    Returns:
        The number, negative for what is to come, and the unit. No unit for now.
    """
    if -_NOW < seconds < _MINUTE:
        return 0, ""
    if seconds > 0:
        return next((int(seconds // length), unit) for length, unit in _UNITS if seconds >= length)
    left = -seconds
    for length, unit in _LONG:
        if left >= 2 * length:
            return -round(left / length), unit  # as far away, a day more or less is none
    return _left(left)


def _left(seconds: float) -> tuple[int, str]:
    """What is left, in days, hours or minutes; 24 hours are a day."""
    minutes = math.ceil(seconds / 60)
    hours = math.ceil(minutes / 60)
    if hours >= 24:  # noqa: PLR2004  # a day
        return -math.ceil(hours / 24), "day"
    return (-hours, "hour") if minutes >= 60 else (-minutes, "minute")  # noqa: PLR2004  # an hour


class English:
    """English, as the style sheet has it."""

    #: What stands before the decimals of a number.
    mark = "."

    def day(self, day: date) -> str:
        """A day in full."""
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def short(self, day: date) -> str:
        """A day."""
        return f"{day.day} {_SHORT[day.month]} {day.year}"

    def tick(self, day: date) -> str:
        """A day without its year, on an axis."""
        return f"{day.day} {_SHORT[day.month]}"

    def weekday(self, day: date) -> str:
        """A day with its name."""
        return f"{_DAYS[day.weekday()]} {self.short(day)}"

    def moment(self, local: datetime, *, year: bool = True) -> str:
        """A moment, as clocks show it where it is read."""
        # three times as quick as `strftime`
        named = f" {local.year}" if year else ""
        return f"{local.day} {_SHORT[local.month]}{named}, {local.hour:02}:{local.minute:02} {local.tzname()}"

    def ago(self, seconds: float) -> str:
        """How long ago something was; with less than nothing, how far ahead it is."""
        number, unit = distance(seconds)
        if not unit:
            return "just now"
        spoken = f"{abs(number)} {unit}{'s' if abs(number) > 1 else ''}"
        return f"{spoken} ago" if number > 0 else f"in {spoken}"

    def length(self, minutes: int) -> str:
        """How long something took."""
        hours, rest = divmod(minutes, 60)
        return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])

    def number(self, number: float, decimals: int = 0) -> str:
        """A number, with so many decimals."""
        return f"{number:,.{decimals}f}"

    def money(self, whole: int, rest: str, currency: str) -> str:
        """An amount: so many of a currency, and the digits behind the mark."""
        return f"{currency} {whole:,}{'.' if rest else ''}{rest}"


ENGLISH = English()


class Translated(English):
    """Any language, by Babel."""

    def __init__(self, tag: str, just_now: Callable[[], str]) -> None:
        from babel import Locale  # noqa: PLC0415  # late: a desk that speaks English needs none of it
        from babel.numbers import get_decimal_symbol  # noqa: PLC0415  # as above

        self._locale = Locale.parse(tag, sep="-")
        self._just_now = just_now
        self.mark = get_decimal_symbol(self._locale)

    def day(self, day: date) -> str:
        """A day in full."""
        return _date(self._locale, "long", day.year, day.month, day.day)

    def short(self, day: date) -> str:
        """A day."""
        return _date(self._locale, "yMMMd", day.year, day.month, day.day)

    def tick(self, day: date) -> str:
        """A day without its year, on an axis."""
        return _date(self._locale, "MMMd", day.year, day.month, day.day)

    def weekday(self, day: date) -> str:
        """A day with its name."""
        return _date(self._locale, "yMMMEd", day.year, day.month, day.day)

    def moment(self, local: datetime, *, year: bool = True) -> str:
        """A moment, as clocks show it where it is read."""
        day = _date(self._locale, "yMMMd" if year else "MMMd", local.year, local.month, local.day)
        time = _time(self._locale, local.hour, local.minute)
        return f"{_joined(self._locale).format(time, day)} {local.tzname()}"

    def ago(self, seconds: float) -> str:
        """How long ago something was; with less than nothing, how far ahead it is."""
        number, unit = distance(seconds)
        return _ago(self._locale, number, unit) if unit else self._just_now()

    def length(self, minutes: int) -> str:
        """How long something took."""
        hours, rest = divmod(minutes, 60)
        parts = [("hour", hours)] * bool(hours) + [("minute", rest)] * bool(rest or not hours)
        return " ".join(_unit(self._locale, unit, number) for unit, number in parts)

    def number(self, number: float, decimals: int = 0) -> str:
        """A number, with so many decimals."""
        return _number(self._locale, round(number, decimals), decimals)

    def money(self, whole: int, rest: str, currency: str) -> str:
        """An amount: so many of a currency, and the digits behind the mark."""
        number = _number(self._locale, whole, 0) + (f"{self.mark}{rest}" if rest else "")
        first = self._locale.currency_formats["standard"].pattern.lstrip("\u200e\u200f").startswith("¤")
        return "\xa0".join((currency, number) if first else (number, currency))


class Marked(English):
    """English, marked as a text: for the languages of tests."""

    def __init__(self, marked: Callable[[str], str]) -> None:
        self._marked = marked

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401  # a method of English
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found):
            return found
        return lambda *args, **kwargs: self._marked(getattr(ENGLISH, name)(*args, **kwargs))


@lru_cache(_KEPT)
def _date(locale: Locale, how: str, year: int, month: int, day: int) -> str:
    from babel.dates import format_date, format_skeleton  # noqa: PLC0415  # as above

    which = date(year, month, day)
    if how == "long":
        return format_date(which, how, locale=locale)
    return format_skeleton(how, which, locale=locale)


@lru_cache(_KEPT)
def _time(locale: Locale, hour: int, minute: int) -> str:
    from babel.dates import format_time  # noqa: PLC0415  # as above

    return format_time(datetime(2000, 1, 1, hour, minute), "short", locale=locale)  # noqa: DTZ001  # a clock


@lru_cache
def _joined(locale: Locale) -> str:
    return str(locale.datetime_formats["medium"])


@lru_cache(_KEPT)
def _ago(locale: Locale, number: int, unit: str) -> str:
    from babel.dates import TIMEDELTA_UNITS, format_timedelta  # noqa: PLC0415  # as above

    length = timedelta(seconds=-number * dict(TIMEDELTA_UNITS)[unit])
    return format_timedelta(length, unit, threshold=1e9, add_direction=True, locale=locale)  # type: ignore[arg-type]


@lru_cache(_KEPT)
def _unit(locale: Locale, unit: str, number: int) -> str:
    from babel.units import format_unit  # noqa: PLC0415  # as above

    return str(format_unit(number, f"duration-{unit}", "short", locale=locale))


@lru_cache(_KEPT)
def _number(locale: Locale, number: float, decimals: int) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415  # as above

    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(number, pattern, locale=locale)
