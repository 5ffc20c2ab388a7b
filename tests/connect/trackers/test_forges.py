"""Issues of the desk on GitHub and Forgejo: filed, followed to their release, and never private (P17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from paidsupport.connect.trackers import operations as trackers
from paidsupport.connect.trackers.kind import GITHUB
from paidsupport.issues.operations import access, notes, opening
from paidsupport.issues.operations.opening import Opening
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import TransitionRefusedError
from tests.connect.trackers.fake_forge import GitHub, Ticking
from tests.connect.trackers.tracking import Tracked
from tests.people import Desk

pytestmark = pytest.mark.row("P17")


@pytest.fixture
def there(desk: Desk) -> Iterator[GitHub]:
    """A GitHub whose clock is the desk's."""
    with GitHub(desk.clock) as found:
        yield found
    assert found.faults == []


def test_an_issue_on_github_is_followed_to_its_release(desk: Desk, there: GitHub) -> None:
    """With its priority, its milestone and its end; what others write comes back without their names."""
    there.reported("An older issue", "Long ago.")
    tracked = Tracked(desk, there)
    tracked.work()
    code = tracked.filed(summary="Receipts stay dark", priority=1)
    assert there.issues[2]["body"] == f"Upload one.\n\nReference: {code}"
    assert there.shown(2) == ("open", ["bug", "priority: urgent"], "")
    assert tracked.remote(code).link == f"{there.server.url}/example/gallery/issues/2"
    there.noted(2, "It happens to me as well, rita@reporter.example.")
    desk.change_issue(code, state="confirmed", priority=2, target_release="2.1")
    _touch(tracked, code)
    tracked.work()
    assert there.shown(2) == ("open", ["bug", "priority: high"], "2.1")
    assert any("as well" in each and "rita" not in each for each in tracked.notes(code))
    over = {"resolved_at": desk.clock(), "ended_at": desk.clock()}
    desk.change_issue(code, state="closed", release="2.1", **over)
    _touch(tracked, code)
    tracked.work()
    tracked.work()
    assert there.shown(2)[0] == "closed"
    assert there.issues[2]["state_reason"] == "completed"
    assert tracked.remote(code).conflict == ""
    assert tracked.tasks("failed", "uncertain") == []
    there.reported("A pull request", "Not an issue.", pull=True)
    there.reported("Albums vanish", "All of them.")
    tracked.work()
    tracked.work()
    assert [issue.summary for issue in tracked.came()] == ["Albums vanish"]


def test_private_issues_are_not_filed_in_public(desk: Desk, there: GitHub) -> None:
    """Neither by hand nor by themselves; staff read why."""
    tracked = Tracked(desk, there, files="all")
    tracked.work()
    with desk.ctx(desk.ada) as ctx:
        hole = Opening("bug", "A hole", "Anybody reads albums.", private=True)
        code = opening.open_issue(ctx, hole, key=new_key()).code
    tracked.work()
    with desk.ctx(desk.mia) as ctx:
        (place,) = trackers.places(ctx, access.see(ctx, code))
        assert "can't keep issues private" in place.refusal
    with pytest.raises(TransitionRefusedError):
        tracked.file(code)
    assert there.issues == {}


def test_a_reading_without_news_costs_nothing() -> None:
    """GitHub is asked once, with the mark of what was read; all pages are read when there is something."""
    with GitHub(Ticking(datetime(2034, 3, 14, 9, tzinfo=UTC)), most=2) as there:
        client = GITHUB.make({**there.values, "token": there.token, "private": "yes"})
        watermark = client.changed_since({})[1]
        before = len(there.server.hits)
        assert client.changed_since(watermark) == ((), watermark)
        assert len(there.server.hits) == before + 1
        numbers = [str(there.reported(f"Report {number}", "It stops.")) for number in range(5)]
        told, _then = client.changed_since(watermark)
        assert sorted(each.id for each in told) == numbers
        assert there.faults == []


def _touch(tracked: Tracked[GitHub], code: str) -> None:
    """Something happens to an issue, so that its connections look at it."""
    with tracked.desk.ctx(tracked.desk.ada) as ctx:
        notes.write(ctx, code, "Something happened.", key=new_key())
