"""The working hours of a desk: zone and ranges from its settings, public holidays from a library."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.util import find_spec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.hours import Hours, parse_week
from paidsupport.settings import Settings

#: Every place the library knows has holidays in it, or none of a year that it does not cover.
_ANY_YEAR = 2000


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
    place = settings.holidays.strip()
    return Hours(week, zone, PublicHolidays(place) if place else frozenset())


@cache
def _days(country: str, part: str | None, year: int) -> frozenset[date]:
    """Whole years, for the library's own calendar fills up while it is asked, whoever else is asking."""
    import holidays  # noqa: PLC0415  # the extra may be missing

    return frozenset(holidays.country_holidays(country, subdiv=part, years=year, expand=False))
