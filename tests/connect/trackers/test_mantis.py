"""Issues in a MantisBT, both ways: filed once, followed, answered, and never overwritten (P17, T1, N5)."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from paidsupport.connect.trackers import operations as trackers
from paidsupport.connect.trackers.kind import MANTISBT
from paidsupport.demo.pay.server import AWAY, LATE, LOST, Fault
from paidsupport.issues.operations import access, opening
from paidsupport.issues.operations.opening import Opening
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.testing import worker_of
from tests import nursery
from tests.concurrency.processes import in_threads, wait_until
from tests.connect.trackers.fake_mantis import TOKEN, Mantis
from tests.connect.trackers.tracking import Tracked
from tests.ops.test_worker import environment
from tests.people import Desk, press, sign_in

pytestmark = pytest.mark.row("P17")


@pytest.fixture
def there(desk: Desk) -> Iterator[Mantis]:
    """A MantisBT whose clock is the desk's."""
    with Mantis(desk.clock) as found:
        yield found
    assert found.faults == []


@pytest.fixture
def tracked(desk: Desk, there: Mantis) -> Tracked[Mantis]:
    """A desk that reads it."""
    found = Tracked(desk, there)
    found.work()
    return found


def test_an_issue_is_filed_once_and_followed(tracked: Tracked[Mantis]) -> None:
    """With our reference; its state, priority and release go there with its version."""
    code = tracked.filed(summary="Receipts stay dark")
    (issue,) = tracked.there.issues.values()
    assert issue["summary"] == "Receipts stay dark"
    assert issue["additional_information"] == f"Reference: {code}"
    tracked.file(code)
    tracked.work()
    assert len(tracked.there.issues) == 1
    assert tracked.remote(code).link == f"{tracked.there.server.url}/view.php?id=1"
    tracked.desk.change_issue(code, state="confirmed", priority=1, target_release="2.1")
    with tracked.desk.ctx(tracked.desk.ada) as ctx:
        from paidsupport.issues.operations import notes  # noqa: PLC0415

        notes.write(ctx, code, "An internal note.", key=new_key())
    tracked.work()
    assert (issue["status"]["id"], issue["priority"]["name"]) == (40, "urgent")
    assert issue["target_version"]["name"] == "2.1"
    assert "2.1" in tracked.there.versions
    assert "notes" not in issue
    assert tracked.tasks("failed", "uncertain") == []


@pytest.mark.parametrize("fault", [LOST, Fault(500, handled=True), Fault(200, "<html>", handled=True)])
def test_what_may_have_been_filed_is_looked_for(tracked: Tracked[Mantis], fault: Fault) -> None:
    """An answer that is lost after it was done never makes a second issue."""
    tracked.there.server.next("POST", "/api/rest/issues", fault)
    code = tracked.filed()
    assert tracked.remote(code).remote is None or tracked.remote(code).remote == "1"
    tracked.work(hours=1)
    assert tracked.remote(code).remote == "1"
    assert len(tracked.there.issues) == 1


@pytest.mark.parametrize(
    "fault", [AWAY, Fault(429, "{}", {"Retry-After": "30"}), Fault(409, "{}"), Fault(401, "null")]
)
def test_what_was_not_filed_is_filed_later(tracked: Tracked[Mantis], fault: Fault) -> None:
    """Whatever kept it from being filed."""
    tracked.there.server.next("POST", "/api/rest/issues", fault)
    code = tracked.filed()
    tracked.work(hours=1)
    assert tracked.remote(code).remote == "1"
    assert len(tracked.there.issues) == 1


def test_moderated_issues_wait(tracked: Tracked[Mantis]) -> None:
    """An answer without an id is no failure: it is linked once it appears, and not filed again."""
    tracked.there.moderates = True
    code = tracked.filed()
    tracked.work(hours=6)
    assert (tracked.remote(code).remote, len(tracked.there.waiting)) == (None, 1)
    tracked.there.let_through()
    tracked.there.changed(1)
    tracked.work()
    tracked.work()
    assert tracked.remote(code).remote == "1"
    assert tracked.came() == []


def test_a_change_at_the_same_time_is_looked_at_again(tracked: Tracked[Mantis]) -> None:
    """412 is no failure."""
    code = tracked.filed()
    tracked.desk.change_issue(code, priority=2)
    tracked.there.server.next("PATCH", "/api/rest/issues/1", Fault(412, "null"))
    _touch(tracked, code)
    tracked.work()
    assert tracked.there.issues[1]["priority"]["name"] == "high"


def _touch(tracked: Tracked[Mantis], code: str) -> None:
    """Something happens to an issue, so that its connections look at it."""
    from paidsupport.issues.operations import notes  # noqa: PLC0415

    with tracked.desk.ctx(tracked.desk.ada) as ctx:
        notes.write(ctx, code, "Something happened.", key=new_key())


def test_both_changed_is_a_conflict(tracked: Tracked[Mantis]) -> None:
    """Nothing is overwritten until staff decide."""
    code = tracked.filed()
    tracked.there.changed(1, priority={"name": "low"})
    tracked.desk.change_issue(code, priority=1)
    _touch(tracked, code)
    tracked.work()
    assert tracked.there.issues[1]["priority"]["name"] == "low"
    assert tracked.desk.issue(code).priority == 1
    with tracked.desk.ctx(tracked.desk.mia) as ctx:
        (place,) = trackers.places(ctx, access.see(ctx, code))
        assert [(str(each.label), each.ours, each.theirs) for each in place.differences] == [
            ("Priority", "Urgent", "Low")
        ]
        trackers.decide(ctx, code, tracked.reference, trackers.OURS)
    tracked.work()
    assert tracked.there.issues[1]["priority"]["name"] == "urgent"
    assert tracked.remote(code).conflict == ""
    tracked.there.changed(1, priority={"name": "high"})
    tracked.desk.change_issue(code, priority=4)
    _touch(tracked, code)
    tracked.work()
    with tracked.desk.ctx(tracked.desk.ada) as ctx, pytest.raises(TransitionRefusedError):
        trackers.decide(ctx, code, tracked.reference, trackers.THEIRS)
    with tracked.desk.ctx(tracked.desk.mia) as ctx:
        trackers.decide(ctx, code, tracked.reference, trackers.THEIRS)
    tracked.work()
    assert (tracked.desk.issue(code).priority, tracked.there.issues[1]["priority"]["name"]) == (2, "high")
    assert tracked.remote(code).conflict == ""


@pytest.mark.row("T1")
@pytest.mark.row("N5")
def test_a_public_report_comes_in_and_is_answered(tracked: Tracked[Mantis]) -> None:
    """Without the reporter's name and address; the answer stands there once, and nothing internal does."""
    id_ = tracked.there.reported(
        "Albums vanish",
        "After the update all albums vanish.\nWrite to rita@reporter.example or +49 30 1234567.",
    )
    tracked.work()
    (issue,) = tracked.came()
    assert issue.state == "new"
    assert "all albums vanish" in issue.details
    assert "rita" not in issue.details.lower()
    assert "1234567" not in issue.details
    tracked.there.noted(id_, "It also happens with one album.")
    tracked.there.noted(id_, "Between us developers.", private=True)
    tracked.work()
    (heard,) = tracked.notes(issue.code)
    assert "one album" in heard
    with tracked.desk.ctx(tracked.desk.ada) as ctx:
        trackers.write(ctx, issue.code, tracked.reference, "Which version do you use?", key="first")
    with tracked.desk.ctx(tracked.desk.ada) as ctx:
        trackers.write(ctx, issue.code, tracked.reference, "Which version do you use?", key="first")
    with tracked.desk.ctx(tracked.desk.ada) as ctx, pytest.raises(InvalidInputError):
        trackers.write(ctx, issue.code, tracked.reference, "Ask jane@example.com.", key="second")
    tracked.there.server.next("POST", "/api/rest/issues/1/notes", LOST)
    tracked.work()
    tracked.work(hours=1)
    texts = [note["text"] for note in tracked.there.issues[id_]["notes"]]
    assert texts.count("Which version do you use?") == 1
    assert len(texts) == 3
    assert len(tracked.came()) == 1
    assert len(tracked.notes(issue.code)) == 2


def test_what_is_done_there_is_told_here(tracked: Tracked[Mantis]) -> None:
    """As a note; what the workflow cannot follow by itself stays as it is, and is not undone there."""
    code = tracked.filed()
    tracked.there.changed(1, status={"id": 80}, resolution={"id": 20}, fixed_in_version={"name": "1.0"})
    tracked.work()
    assert "resolved, fixed, 1.0" in tracked.notes(code)[0]
    assert tracked.desk.issue(code).state == "new"
    _touch(tracked, code)
    tracked.work()
    assert tracked.there.issues[1]["status"]["id"] == 80
    assert len(tracked.notes(code)) == 2


def test_private_issues_are_private_there(tracked: Tracked[Mantis]) -> None:
    """From the beginning, and from the moment on at which they become so."""
    code = tracked.filed()
    with tracked.desk.ctx(tracked.desk.ada) as ctx:
        hole = opening.open_issue(
            ctx, Opening("bug", "A hole", "Anybody reads albums.", private=True), key="k"
        ).code
    tracked.file(hole)
    tracked.work()
    assert tracked.there.issues[2]["view_state"]["name"] == "private"
    with tracked.desk.ctx(tracked.desk.ada) as ctx:
        access.set_private(ctx, code, private=True, key=new_key())
    tracked.work()
    assert tracked.there.issues[1]["view_state"]["name"] == "private"


def test_the_check_says_what_is_wrong(desk: Desk, there: Mantis) -> None:
    """In a sentence."""
    made = MANTISBT.make({**there.values, "token": TOKEN, "private": "yes"})
    assert MANTISBT.check(made) == ""
    wrong = MANTISBT.make({**there.values, "token": TOKEN, "private": "yes", "category": "Nothing"})
    assert "no category" in MANTISBT.check(wrong)


#: One round of a worker in a process of its own, at a given time.
_WORKER = """
import sys
from datetime import datetime
from paidsupport.demo import create_app
from paidsupport.testing import Clock, take_over, work
app = create_app()
take_over(app, Clock(datetime.fromisoformat(sys.argv[1])))
work(app)
"""


def test_a_worker_killed_after_filing_leaves_one_issue(tracked: Tracked[Mantis]) -> None:
    """Killed between the commit there and its note here: what it did is found by our reference."""
    desk, server = tracked.desk, tracked.there.server
    code = desk.open_issue(desk.ada)
    tracked.file(code)
    desk.clock.forward(minutes=5)
    server.next("POST", "/api/rest/issues", LATE)
    env = environment(desk, "keep:") | {"FLASK_PAIDSUPPORT_CONNECTIONS_PRIVATE": "true"}
    process = nursery.start(desk.clock().isoformat(), code=_WORKER, env=env)
    wait_until(lambda: tracked.there.issues, "the worker to file it", 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    server.let_go()
    assert tracked.remote(code).remote is None
    tracked.work(minutes=10)
    tracked.work(hours=1)
    assert (len(tracked.there.issues), tracked.remote(code).remote) == (1, "1")
    assert tracked.came() == []
    assert desk.broken() == {}


def test_workers_at_once_file_and_change_once(tracked: Tracked[Mantis]) -> None:
    """However many of them there are, and however often staff press the button."""
    desk = tracked.desk
    code = desk.open_issue(desk.ada)
    in_threads(lambda _position: tracked.file(code), 3)
    desk.clock.forward(minutes=5)
    in_threads(lambda _position: worker_of(desk.app).once(), 3)
    tracked.work()
    assert len(tracked.there.issues) == 1
    desk.change_issue(code, priority=1)
    _touch(tracked, code)
    in_threads(lambda _position: worker_of(desk.app).once(), 3)
    tracked.work()
    assert tracked.there.issues[1]["priority"]["name"] == "urgent"
    assert tracked.tasks("failed", "uncertain") == []


def test_the_issues_page_shows_where_it_is(tracked: Tracked[Mantis]) -> None:
    """Staff file it, look again, write a public note and decide, all on one page and without a script."""
    desk = tracked.desk
    code = desk.open_issue(desk.ada)
    page = f"/support/desk/issues/{code}"
    there = f"{page}/trackers/{tracked.reference}"
    mia = sign_in(desk.app, "mia")
    assert "File in Bugs" in mia.get(page).text
    assert press(mia, page, f"{there}/file").status_code == 303
    assert "It will be filed in a moment." in mia.get(page).text
    tracked.work()
    seen = mia.get(page).text
    assert f"{tracked.there.server.url}/view.php?id=1" in seen
    assert press(mia, page, f"{there}/notes", body="Fixed in the next release.").status_code == 303
    refused = press(mia, page, f"{there}/notes", body="Ask jane@example.com.")
    assert refused.status_code == 422
    assert "Ask jane@example.com." in refused.text
    tracked.work()
    assert [note["text"] for note in tracked.there.issues[1]["notes"]] == ["Fixed in the next release."]
    tracked.there.changed(1, priority={"name": "low"})
    desk.change_issue(code, priority=1)
    assert press(mia, page, f"{there}/look").status_code == 303
    tracked.work()
    assert "Urgent here, Low there" in mia.get(page).text
    assert press(mia, page, f"{there}/decision", decision="theirs").status_code == 303
    assert desk.issue(code).priority == 4
    assert "Keep ours" not in mia.get(page).text


@pytest.mark.parametrize(
    "fault",
    [
        Fault(302, "", {"Location": "http://127.0.0.1:9/"}),
        Fault(200, "<html>Maintenance</html>"),
        Fault(200, "[" + " " * 5_000_000 + "]"),
        Fault(500, "{}"),
        Fault(200, '{"issues": [7, {"id": "x"}, {"id": 9, "updated_at": 5}]}'),
    ],
)
def test_a_reading_that_fails_loses_nothing(tracked: Tracked[Mantis], fault: Fault) -> None:
    """The next one goes on from where the last good one ended."""
    tracked.there.server.next("GET", "/api/rest/issues", fault)
    tracked.there.reported("Albums vanish", "After the update.")
    tracked.work()
    tracked.work(hours=2)
    assert [issue.summary for issue in tracked.came()] == ["Albums vanish"]
