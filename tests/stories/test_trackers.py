"""A bank's report in a MantisBT up to its release, and a report of the public that is answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from paidsupport.connect.trackers import operations as trackers
from paidsupport.issues.operations import releases
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.base import Base
from tests.connect.trackers.fake_mantis import Mantis
from tests.connect.trackers.tracking import Tracked
from tests.issues.test_resolution import tell as tell_it_is_solved
from tests.people import Desk
from tests.stories.test_support_process import CALLER, confirmed, draft, reach, review


def everything(desk: Desk) -> str:
    """Every row of every table of the desk."""
    with desk.ctx() as ctx:
        rows = [row for table in Base.metadata.sorted_tables for row in ctx.session.execute(select(table))]
        return "\n".join(map(str, rows))


@pytest.fixture
def there(lite_desk: Desk) -> Iterator[Mantis]:
    """A MantisBT whose clock is the desk's."""
    with Mantis(lite_desk.clock) as found:
        yield found
    assert found.faults == []


@pytest.mark.row("P17", "N5", "T20")
def test_a_banks_report_filed_in_mantisbt_and_followed_to_its_release(lite_desk: Desk, there: Mantis) -> None:
    """Filed because a customer waits for it, in step all the way, and nobody there learns who waits."""
    desk = lite_desk
    tracked = Tracked(desk, there, files="tagged", tag="Customer")
    tracked.work()
    request, code = confirmed(desk)
    tracked.work()
    (issue,) = there.issues.values()
    assert issue["additional_information"].endswith(code)
    assert (issue["status"]["name"], issue["priority"]["name"]) == ("confirmed", "urgent")
    assert issue["target_version"]["name"] == "2.1"
    desk.issue_move(code, "start", desk.ben)
    tracked.work()
    assert issue["status"]["name"] == "assigned"
    draft(desk, code, "We fixed it: dark receipts were our mistake. Thank you for telling us.")
    desk.issue_move(code, "submit", desk.ben, colleague=desk.mia.id, note="Upload a receipt.")
    review(desk, code, "approve", "Uploaded three receipts, two from phones.")
    reach(desk, code, "staging")
    tell_it_is_solved(desk, request, code, desk.ada)
    tracked.work()
    tracked.work()
    assert (issue["status"]["name"], issue["resolution"]["name"]) == ("resolved", "fixed")
    with desk.ctx(desk.mia) as ctx:
        releases.close_all(ctx, "2.1", [code], key=new_key())
    tracked.work()
    assert (issue["status"]["name"], issue["fixed_in_version"]["name"]) == ("closed", "2.1")
    assert tracked.tasks("failed", "uncertain") == []
    # nothing that ever left tells who the customer is, or what staff said among themselves
    sent = "\n".join(f"{hit.path}?{hit.query} {hit.body.decode()}" for hit in there.server.hits)
    personal = (*CALLER, request, "our mistake", "Upload a receipt", "three receipts")
    assert [word for word in personal if word in sent] == []
    assert desk.broken() == {}


@pytest.mark.row("P17", "T1", "N5")
def test_a_public_mantis_report_answered(lite_desk: Desk, there: Mantis) -> None:
    """It comes in as a new issue, is asked about in public, worked on, and closed there with its release."""
    desk = lite_desk
    tracked = Tracked(desk, there)
    tracked.work()
    id_ = there.reported("Slide shows stop", "After ten pictures.\n\nRita Reporter, rita@reporter.example")
    tracked.work()
    (issue,) = tracked.came()
    with desk.ctx(desk.ada) as ctx:
        trackers.write(ctx, issue.code, tracked.reference, "Which browser do you use?", key=new_key())
    tracked.work()
    assert there.issues[id_]["notes"][0]["text"] == "Which browser do you use?"
    there.noted(id_, "Firefox. Write to rita@reporter.example.")
    tracked.work()
    (_asked, answered) = tracked.notes(issue.code)
    assert "Firefox" in answered
    assert "rita" not in everything(desk).casefold()
    desk.issue_move(issue.code, "dismiss", desk.mia, reason="not-repeatable", note="Works with the newest.")
    tracked.work()
    found = there.issues[id_]
    assert (found["status"]["name"], found["resolution"]["name"]) == ("closed", "unable to reproduce")
    assert len(tracked.came()) == 1
    assert desk.broken() == {}
