"""The working hours of a desk: zone, ranges and closed days from settings, holidays from a library."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.util import find_spec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.hours import Hours, parse_week
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.settings import Settings

#: Every place the library knows has holidays in it, or none of a year that it does not cover.
_ANY_YEAR = 2000
#: A day, or the first and the last of several.
_CLOSED = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*(?:to|/|-|–)\s*(\d{4}-\d\d-\d\d))?")
#: The most days in all: a calendar needs working time.
_MOST_CLOSED = 1000


class PublicHolidays:
    """The public holidays of a country or a part of it, asked with `in`. Safe between threads.

    Raises ConfigurationError for a place that the library does not know, and where it is not installed.
    """

    def __init__(self, place: str) -> None:
        country, _, part = place.partition("-")
        self._country = country.upper()
        self._part = part or None
        if find_spec("holidays") is None:
            raise ConfigurationError(
                "PAIDSUPPORT_HOLIDAYS needs a library. Run: pip install 'paidsupport[hours]'"
            )
        try:
            _days(self._country, self._part, _ANY_YEAR)
        except NotImplementedError as error:
            raise ConfigurationError(
                f"PAIDSUPPORT_HOLIDAYS must be a country or one of its regions, like “DE-BY”: {error}."
            ) from None

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _days(self._country, self._part, day.year)


@dataclass(frozen=True, slots=True)
class _Off:
    """The days without work: public holidays, and those when the desk is closed."""

    holidays: Container[date]
    closed: frozenset[date]

    def __contains__(self, day: object) -> bool:
        return day in self.closed or day in self.holidays


def closed_days(text: str) -> list[tuple[date, date]]:
    """The first and the last day of each time when the desk is closed.

    Args:
        text: Days and ranges of days, separated by commas: `2026-12-24 to 2027-01-01, 2027-05-14`.

    Raises:
        ValueError: They are written differently, end before they begin, or are too many; with a sentence.
    """
    found = []
    for piece in filter(None, map(str.strip, text.lower().split(","))):
        match = _CLOSED.fullmatch(piece)
        try:
            first, last = (date.fromisoformat(day) for day in (match[1], match[2] or match[1]))  # type: ignore[index]
        except (TypeError, ValueError):
            raise ValueError(
                _("“%(piece)s” is not like 2026-12-24 or 2026-12-24 to 2027-01-01.", piece=piece)
            ) from None
        if last < first:
            raise ValueError(_("“%(piece)s” ends before it begins.", piece=piece))
        found.append((first, last))
    if sum((last - first).days + 1 for first, last in found) > _MOST_CLOSED:
        raise ValueError(_("Enter %(max)s days at most.", max=_MOST_CLOSED))
    return sorted(found)


def hours_of(settings: Settings) -> Hours:
    """When the desk works, as its settings say. Raises ConfigurationError."""
    try:
        zone = ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"PAIDSUPPORT_TIME_ZONE must be a zone like “Europe/Berlin”, not {settings.time_zone!r}."
            " If that is a zone, this machine does not know it. Run: pip install tzdata"
        ) from None
    try:
        week = parse_week(settings.working_hours)
    except ValueError as error:
        raise ConfigurationError(f"PAIDSUPPORT_WORKING_HOURS: {error}") from None
    try:
        ranges = closed_days(settings.closed_days)
    except ValueError as error:
        raise ConfigurationError(f"PAIDSUPPORT_CLOSED_DAYS: {error}") from None
    place = settings.holidays.strip()
    holidays: Container[date] = PublicHolidays(place) if place else frozenset()
    closed = frozenset(
        first + timedelta(days=number) for first, last in ranges for number in range((last - first).days + 1)
    )
    return Hours(week, zone, _Off(holidays, closed) if closed else holidays)


@cache
def _days(country: str, part: str | None, year: int) -> frozenset[date]:
    """Whole years, for the library's own calendar fills up while it is asked, whoever else is asking."""
    import holidays  # noqa: PLC0415  # the extra may be missing

    return frozenset(holidays.country_holidays(country, subdiv=part, years=year, expand=False))
