"""Estimates as people write them: read conservatively, or refused with a sentence (T12)."""

from __future__ import annotations

import pytest

from paidsupport.issues.rules.estimates import BadEstimateError, minutes_of

#: Eight hours.
DAY = 480


@pytest.mark.row("T12")
@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("4h", 240),
        ("90m", 90),
        ("1d 4h", DAY + 240),
        ("1d4h", DAY + 240),
        ("2-3 days", 3 * DAY),
        ("2 – 3 days", 3 * DAY),
        ("2 to 3 days", 3 * DAY),
        ("3 bis 5 Stunden", 300),
        ("1h-2d", 2 * DAY),
        ("2h-3", 180),
        ("half a day", DAY // 2),
        ("halber Tag", DAY // 2),
        ("ein halber Tag", DAY // 2),
        ("anderthalb Tage", 720),
        ("one and a half days", 720),
        ("1 1/2 days", 720),
        ("1½ d", 720),
        ("1,5 Stunden", 90),
        ("1.5h", 90),
        ("0.1h", 6),
        ("1 day and 4 hours", DAY + 240),
        ("1 Tag, 4 Stunden", DAY + 240),
        ("ca. 3 Std.", 180),
        ("about 2 weeks", 10 * DAY),
        ("up to 3d", 3 * DAY),
        ("between 2 and 3 days", 3 * DAY),
        ("zwischen 2 und 3 Tagen", 3 * DAY),
        ("an hour", 60),
        ("two days", 2 * DAY),
        ("3 or 4 hours", 240),
        ("  4 H ", 240),
        ("0,5 min", 1),
    ],
)
def test_the_upper_end_is_what_counts(typed: str, minutes: int) -> None:
    """Days are working days, weeks have five of them, and parts of a minute are whole ones."""
    assert minutes_of(typed, DAY) == minutes


def test_a_day_is_as_long_as_the_desk_works() -> None:
    """With six hours a day, and with every hour of the week."""
    assert minutes_of("2d", 360) == 720
    assert minutes_of("1w", 1440) == 5 * 1440


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter how long it takes"),
        ("  ", "Enter how long it takes"),
        ("4", "Add a unit"),
        ("2-3", "Add a unit"),
        ("1d 4", "Add a unit"),
        ("soon", "Change “soon” in “soon”"),
        ("4 parsecs", "Change “parsecs” in “4 parsecs”"),
        ("two months", "“months” in"),
        ("3 days - 2 days", "Put the shorter time first"),
        ("1-2-3 days", "Enter one range"),
        ("0h", "at least a few minutes"),
        ("-4h", "above zero"),
        ("4 5 h", "two numbers"),
        ("1/0 d", "instead of"),
        ("60 weeks", "more than a year"),
        ("9999999999h", "instead of"),
        ("4h!", "instead of"),
        ("h", "Change “h” in “h”"),
        ("-", "above zero"),
        ("4h -", "instead of"),
        ("٤h", "instead of"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(typed: str, said: str) -> None:
    """With a way in which it can be written."""
    with pytest.raises(BadEstimateError, match=said):
        minutes_of(typed, DAY)
