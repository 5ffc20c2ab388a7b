"""Working time is counted right over nights, weekends, holidays and the setting of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel.hours import DAY, Hours, parse_week

pytestmark = pytest.mark.row("P9")

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Hours(parse_week("Mon-Fri 09:00-17:00"), BERLIN, {date(2034, 4, 10)})
NIGHTS = Hours(parse_week("Mon-Sun 00:00-02:15, 02:15-02:45, 03:00-06:00, 22:00-24:00"), BERLIN)
CALENDARS = st.sampled_from(
    [
        OFFICE,
        NIGHTS,
        Hours(parse_week("always"), ZoneInfo("America/New_York")),
        Hours(parse_week("Mon-Thu 09:00-12:00, 13:00-17:30, Sat 10:00-10:01"), ZoneInfo("Asia/Kathmandu")),
        # midnight is skipped there when clocks jump, and so was a whole day once
        Hours(parse_week("Mon-Sun 00:00-01:00, 23:00-24:00"), ZoneInfo("Asia/Beirut")),
        Hours(parse_week("Mon-Fri 09:00-17:00"), ZoneInfo("Pacific/Apia")),
    ]
)
# to the second, with the nights in it on which clocks are set
MOMENTS = st.datetimes(datetime(2011, 12, 20), datetime(2012, 11, 10), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
MINUTES = st.integers(min_value=0, max_value=20 * DAY)


def berlin(text: str) -> datetime:
    """A moment by the clocks of Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@given(CALENDARS, MOMENTS, MINUTES)
def test_what_has_passed_is_what_was_to_pass(hours: Hours, moment: datetime, minutes: int) -> None:
    """Counting to the moment after so many minutes gives so many minutes."""
    assert hours.between(moment, hours.after(moment, minutes)) == minutes


@given(CALENDARS, MOMENTS, MINUTES, MINUTES)
def test_minutes_may_pass_in_two_goes(hours: Hours, moment: datetime, first: int, second: int) -> None:
    """A pause in between makes no difference: what is left is left."""
    assert hours.after(hours.after(moment, first), second) == hours.after(moment, first + second)


@given(CALENDARS, MOMENTS, MOMENTS, MINUTES)
def test_later_begins_and_more_minutes_end_later(
    hours: Hours, one: datetime, other: datetime, minutes: int
) -> None:
    """Working time never runs backwards."""
    first, last = sorted((one, other))
    assert hours.after(first, minutes) <= hours.after(last, minutes)
    assert hours.after(first, minutes) < hours.after(first, minutes + 1)
    assert 0 <= hours.between(first, last) <= (last - first) / timedelta(minutes=1)
    assert hours.between(last, first) == -hours.between(first, last)


@given(CALENDARS, MOMENTS)
def test_the_desk_opens_next_when_it_is_open_then(hours: Hours, moment: datetime) -> None:
    """Nothing is worked before the desk opens, and something right after it has."""
    opens = hours.next_open(moment)
    assert hours.is_open(opens)
    assert hours.is_open(moment) == (opens == moment)
    assert hours.between(moment, opens) == 0
    assert hours.after(moment, 1) > opens


@pytest.mark.parametrize(
    ("moment", "minutes", "due"),
    [
        ("2034-04-06T16:30", 60, "2034-04-07T09:30"),
        # to the end of the day, not to the beginning of the next
        ("2034-04-06T16:30", 30, "2034-04-06T17:00"),
        # over the weekend and Easter Monday
        ("2034-04-07T16:00", 120, "2034-04-11T10:00"),
        ("2034-04-08T12:00", 0, "2034-04-08T12:00"),
        ("2034-04-08T12:00", 1, "2034-04-11T09:01"),
        # clocks were set on Sunday: by the clock nothing is different
        ("2034-03-24T16:00", 120, "2034-03-27T10:00"),
    ],
)
def test_nights_weekends_and_holidays_do_not_count(moment: str, minutes: int, due: str) -> None:
    """In the zone of the desk, whatever the zone of the moment."""
    assert OFFICE.after(berlin(moment).astimezone(ZoneInfo("Asia/Tokyo")), minutes) == berlin(due)


def test_a_range_lasts_as_long_as_it_really_does() -> None:
    """One hour less in the night in spring, one more in the one in autumn, and none twice."""
    always = Hours(parse_week("always"), BERLIN)
    spring, autumn = berlin("2034-03-26T00:00"), berlin("2034-10-29T00:00")
    assert always.between(spring, berlin("2034-03-27T00:00")) == 23 * 60
    assert always.between(autumn, berlin("2034-10-30T00:00")) == 25 * 60
    # 02:15 to 03:00 is not there at all, and may not be counted on top of what comes after it
    assert NIGHTS.between(spring, berlin("2034-03-26T06:00")) == 2 * 60 + 3 * 60
    with pytest.raises(TypeError, match="without a time zone"):
        always.next_open(datetime(2034, 3, 26))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "weekday", "ranges"),
    [
        ("Mon-Fri 09:00-17:00", 4, ((540, 1020),)),
        ("Mon-Fri 09:00-17:00", 5, ()),
        ("always", 6, ((0, 1440),)),
        ("mon, wed 9:00-12:00, 13:00-17:00, Sat - Mon 12:00-14:00", 0, ((540, 1020),)),
        ("mon, wed 9:00-12:00, 13:00-17:00, Sat - Mon 12:00-14:00", 2, ((540, 720), (780, 1020))),
        ("mon, wed 9:00-12:00, 13:00-17:00, Sat - Mon 12:00-14:00", 6, ((720, 840),)),
        ("Sun 22:00-24:00, Mon 00:00-06:00", 6, ((1320, 1440),)),
    ],
)
def test_a_week_is_read(text: str, weekday: int, ranges: object) -> None:
    """Several ranges a day, days before their range, weeks that begin anywhere; what touches is joined."""
    assert parse_week(text)[weekday] == ranges


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not like"),
        ("Mon-Fri", "has days without hours"),
        ("09:00-17:00", "on which days"),
        ("Mon-Fri 09:00-17:00,", "is not like"),
        ("Mon-Fri 17:00-09:00", "ends before it begins"),
        ("Mon-Fri 09:00-24:01", "is not a time"),
        ("Mon-Fri 09:60-17:00", "is not a time"),
        ("Moo 09:00-17:00", "is not a day"),
        ("Mon 09:00-17:00, Tue", "has days without hours"),
    ],
)
def test_what_is_no_week_is_refused(text: str, said: str) -> None:
    """With a sentence that says what is wrong."""
    with pytest.raises(ValueError, match=said):
        parse_week(text)


def test_a_calendar_without_working_time_is_given_up() -> None:
    """Instead of being searched until the end of days."""

    class Every:
        def __contains__(self, day: object) -> bool:
            return True

    with pytest.raises(ValueError, match="no working time"):
        Hours(parse_week("always"), UTC, Every()).after(berlin("2034-04-06T16:30"), 1)
    with pytest.raises(ValueError, match="cannot pass"):
        OFFICE.after(berlin("2034-04-06T16:30"), -1)


def test_a_working_day_is_the_longest_of_the_week() -> None:
    """A short Friday makes no shorter days."""
    assert Hours(parse_week("Mon-Thu 09:00-17:30, Fri 09:00-12:00")).day == 510
