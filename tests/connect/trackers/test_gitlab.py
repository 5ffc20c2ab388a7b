"""Issues of the desk on GitLab: what is private here is private there, and the other way round (P17)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from paidsupport.connect.trackers import operations as trackers
from paidsupport.issues.operations import access, notes, opening
from paidsupport.issues.operations.opening import Opening
from paidsupport.kernel.codes import new_key
from tests.connect.trackers.fake_gitlab import GitLab
from tests.connect.trackers.tracking import Tracked
from tests.people import Desk

pytestmark = pytest.mark.row("P17")


@pytest.fixture
def there(desk: Desk) -> Iterator[GitLab]:
    """A GitLab whose clock is the desk's."""
    with GitLab(desk.clock) as found:
        yield found
    assert found.faults == []


def test_private_issues_on_gitlab_stay_private(desk: Desk, there: GitLab) -> None:
    """Filed as confidential ones with internal notes; what becomes private on one side does on the other."""
    tracked = Tracked(desk, there)
    tracked.work()
    with desk.ctx(desk.ada) as ctx:
        hole = Opening("bug", "A hole", "Open this path:\n/close to the root", private=True)
        code = opening.open_issue(ctx, hole, key=new_key()).code
    tracked.file(code)
    tracked.work()
    assert there.is_private(1)
    assert there.issues[1]["state"] == "opened"
    assert tracked.remote(code).link == f"{there.server.url}/example/photos/gallery/-/issues/1"
    with desk.ctx(desk.ada) as ctx:
        trackers.write(ctx, code, tracked.reference, "/close it with the next release.", key=new_key())
    tracked.work()
    assert there.notes(1) == [("\\/close it with the next release.", True)]
    assert there.issues[1]["state"] == "opened"
    public = tracked.filed(summary="Slides stop")
    assert not there.is_private(2)
    with desk.ctx(desk.ada) as ctx:
        access.set_private(ctx, public, private=True, key=new_key())
    tracked.work()
    assert there.is_private(2)
    other = tracked.filed(summary="Albums vanish")
    there.changed(3, confidential=True)
    there.noted(3, "Between us developers.", internal=True)
    there.noted(3, "It happens to me as well.")
    tracked.work()
    assert desk.issue(other).private
    said = "\n".join(tracked.notes(other))
    assert "as well" in said
    assert "Between us" not in said
    desk.change_issue(other, priority=1, target_release="2.1")
    with desk.ctx(desk.ada) as ctx:
        notes.write(ctx, other, "Something happened.", key=new_key())
    tracked.work()
    assert there.issues[3]["labels"] == ["bug", "priority: urgent"]
    assert there.issues[3]["milestone"]["title"] == "2.1"
    assert tracked.tasks("failed", "uncertain") == []
