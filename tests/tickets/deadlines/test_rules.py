"""Rules of deadlines are read, and time left is told in working time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.catalogue.rules.deadlines import (
    Allowance,
    DeadlineKind,
    Rules,
    allowances,
    declaration_faults,
)
from paidsupport.kernel.hours import Hours, parse_week
from paidsupport.tickets.deadlines.rules import ends, time_left

pytestmark = pytest.mark.row("P9")

HOURS = Hours(parse_week("Mon-Fri 09:00-17:00"))
#: A Tuesday.
NOW = datetime(2034, 3, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "default", "may"),
    [
        ({}, {}, {}),
        ({}, {"first-contact": "8h"}, {"first-contact": Allowance(480, 120)}),
        ({"first-contact": "30m"}, {"first-contact": "8h"}, {"first-contact": Allowance(30, 8)}),
        ({"first-contact": "none"}, {"first-contact": "8h", "answer": "2d"}, {"answer": Allowance(960, 240)}),
        ({"warn": 50}, {"resolution": "3 d", "warn": 90}, {"resolution": Allowance(1440, 720)}),
        ({"answer": "1h", "warn": 100}, {}, {"answer": Allowance(60, 0)}),
    ],
)
def test_a_service_says_what_differs_from_its_workflow(
    own: Rules, default: Rules, may: dict[str, Allowance]
) -> None:
    """Kind by kind; a day is a working day, and “none” is none."""
    assert not declaration_faults(own)
    assert not declaration_faults(default)
    assert allowances(own, default, HOURS) == may


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"first-contact": "8 hours"}, "first-contact: Enter a time like 30m"),
        ({"answer": "0h"}, "answer: Enter a time like 30m"),
        ({"answer": 8}, "answer: Enter a time like 30m"),
        ({"resolution": "1000d"}, "resolution: Enter a time like 30m"),
        ({"contact": "8h"}, "contact: This key is not known."),
        ({"warn": 0}, "warn: Enter a number from 1 to 100."),
        ({"warn": 101}, "warn: Enter a number from 1 to 100."),
        ({"warn": True}, "warn: Enter a number from 1 to 100."),
        ({"warn": "75"}, "warn: Enter a number from 1 to 100."),
    ],
)
def test_what_is_no_rule_is_told(rules: dict[str, object], said: str) -> None:
    """One sentence for each fault."""
    (found,) = declaration_faults(rules)
    assert found.said.startswith(said)


@pytest.mark.parametrize(
    ("due", "told"),
    [
        (timedelta(minutes=1), "1 min left"),
        (timedelta(minutes=59, seconds=59), "59 min left"),
        (timedelta(hours=3), "3 h left"),
        # the night does not count
        (timedelta(days=1), "8 h left"),
        (timedelta(days=1, hours=7), "15 h left"),
        (timedelta(days=2), "2 days left"),
        (timedelta(days=7), "5 days left"),
        (timedelta(seconds=30), "0 min left"),
        (timedelta(), "overdue"),
        (-timedelta(hours=15), "overdue"),
        (-timedelta(hours=17), "1 h overdue"),
        (-timedelta(days=7), "5 days overdue"),
    ],
)
def test_time_left_is_told_in_its_largest_unit(due: timedelta, told: str) -> None:
    """In working time, and never more than there is."""
    assert time_left(NOW + due, NOW, HOURS) == told


@given(st.integers(-5000, 5000), st.integers(0, 4000), st.integers(0, 10_000))
def test_what_is_left_is_left_wherever_it_goes_on(left: int, warn_left: int, later: int) -> None:
    """Also of what was missed before it stood still; the warning comes no later than the end."""
    now = NOW + timedelta(minutes=later)
    due, warn = ends(left, warn_left, HOURS, now)
    assert HOURS.between(now, due) == left
    assert warn <= due
    if left > warn_left:
        assert HOURS.between(warn, due) == warn_left
    else:
        assert warn <= now


def test_every_kind_has_a_rule_of_its_own() -> None:
    """Nothing is due that no rule names."""
    for kind in DeadlineKind:
        assert list(allowances({kind: "1h"}, {}, HOURS)) == [kind]
