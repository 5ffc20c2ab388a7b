"""What a tracker, or a stranger who writes there, may say: nothing of it stops the desk (P17, T1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from paidsupport.connect.outgoing import Answer
from paidsupport.connect.trackers import reading
from paidsupport.demo.pay.server import Fault
from tests.connect.trackers.fake_mantis import Mantis
from tests.connect.trackers.tracking import Tracked
from tests.people import Desk

pytestmark = pytest.mark.row("P17")


@pytest.fixture
def there(desk: Desk) -> Iterator[Mantis]:
    """A MantisBT whose clock is the desk's."""
    with Mantis(desk.clock) as found:
        yield found


@pytest.fixture
def tracked(desk: Desk, there: Mantis) -> Tracked[Mantis]:
    """A desk that reads it."""
    found = Tracked(desk, there)
    found.work()
    return found


_BAD = ("\u200b", "\u0301" * 150, "\0\ud800", "e" + "\u0301" * 90, "\u202ea\u2028b", "\ufffe")


@pytest.mark.parametrize("summary", _BAD)
def test_a_report_whose_texts_cannot_be_kept_comes_in(tracked: Tracked[Mantis], summary: str) -> None:
    """A summary that nobody can see, or of which no line can be made, keeps nothing back."""
    tracked.there.reported(summary, summary)
    tracked.there.reported("Slides stay dark", "Since yesterday.")
    tracked.work()
    tracked.work()
    assert [each.summary for each in tracked.came()][1:] == ["Slides stay dark"]
    tracked.there.noted(1, summary)
    tracked.there.noted(1, "It is back.")
    tracked.work()
    assert "It is back." in tracked.notes(tracked.came()[0].code)[-1]


def test_control_characters_of_a_tracker_are_left_out(tracked: Tracked[Mantis]) -> None:
    """In a field, and in why it refuses something: no database stumbles over them."""
    code = tracked.filed()
    tracked.there.changed(1)
    tracked.there.issues[1]["target_version"] = {"id": "1", "name": "2\0.1\ud800"}
    tracked.work()
    assert tracked.remote(code).agreed["seen"]["release"] == "2.1"
    tracked.there.server.next("POST", "/api/rest/issues", Fault(400, '{"message": "no\\u0000 \\ud800way"}'))
    tracked.filed()
    (task,) = tracked.tasks("failed")
    assert "no way" in task.problem


def test_impossible_numbers_and_times_of_a_tracker_are_none() -> None:
    """No id that no column holds, and no moment before the first or after the last one."""
    assert reading.id_of({"id": 10**40}) == ""
    assert reading.moment("9999-12-31T23:59:59-14:00") is None
    assert reading.moment("0001-01-01T00:00:00+14:00") is None


def test_a_server_is_left_alone_for_a_day_at_most() -> None:
    """Whatever number it says."""
    said = {typed: Answer(429, {"Retry-After": typed}, b"").retry_after for typed in ("30", "9" * 9)}
    assert list(said.values()) == [timedelta(seconds=30), timedelta(days=1)]
    for typed in ("", "9" * 5000, "-1", "²", "soon"):
        assert Answer(429, {"Retry-After": typed}, b"").retry_after is None
