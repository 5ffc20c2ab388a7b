"""Issues in a MantisBT, both ways: filed once, followed, answered, and never overwritten (P17, T1, N5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from paidsupport.connect.connections.tables import ConnectionTask, Remote
from paidsupport.connect.trackers import operations as trackers
from paidsupport.connect.trackers.kind import MANTISBT
from paidsupport.demo.pay.server import AWAY, LOST, Fault
from paidsupport.issues.operations import access, opening
from paidsupport.issues.operations.opening import Opening
from paidsupport.issues.queries.contents import notes_of
from paidsupport.issues.tables import Issue
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.testing import mount_of
from tests.connect.connections.connecting import connected
from tests.connect.trackers.fake_mantis import TOKEN, Mantis
from tests.people import Desk

pytestmark = pytest.mark.row("P17")


class Tracked:
    """A desk with a MantisBT."""

    def __init__(self, desk: Desk, there: Mantis, **values: str) -> None:
        self.desk, self.there = desk, there
        mount_of(desk.app).settings = replace(mount_of(desk.app).settings, connections_private=True)
        self.reference = connected(
            desk, "mantisbt", {**there.values, **values}, {"token": TOKEN}, name="Bugs"
        )

    def work(self, **later: float) -> None:
        """What a worker does, after some time."""
        self.desk.clock.forward(**(later or {"minutes": 5}))
        self.desk.work()

    def filed(self, **opened: Any) -> str:  # noqa: ANN401  # fields of an issue
        """An issue that staff file there; its code."""
        code = self.desk.open_issue(self.desk.ada, **opened)
        self.file(code)
        self.work()
        return code

    def file(self, code: str) -> None:
        """Ada files an issue there."""
        with self.desk.ctx(self.desk.ada) as ctx:
            trackers.file(ctx, code, self.reference)

    def remote(self, code: str) -> Remote:
        """What an issue is there."""
        with self.desk.ctx() as ctx:
            return ctx.session.scalars(select(Remote).where(Remote.ours == code)).one()

    def tasks(self, *states: str) -> list[ConnectionTask]:
        """The tasks in these states."""
        with self.desk.ctx() as ctx:
            return list(ctx.session.scalars(select(ConnectionTask).where(ConnectionTask.state.in_(states))))

    def notes(self, code: str) -> list[str]:
        """What the notes of an issue say."""
        with self.desk.ctx(self.desk.mia) as ctx:
            return [note.body for note in notes_of(ctx.session, access.see(ctx, code))]

    def came(self) -> list[Issue]:
        """The issues that nobody of the desk opened, oldest first."""
        with self.desk.ctx() as ctx:
            return list(
                ctx.session.scalars(select(Issue).where(Issue.reporter_id.is_(None)).order_by(Issue.id))
            )


@pytest.fixture
def there(desk: Desk) -> Iterator[Mantis]:
    """A MantisBT whose clock is the desk's."""
    with Mantis(desk.clock) as found:
        yield found
    assert found.faults == []


@pytest.fixture
def tracked(desk: Desk, there: Mantis) -> Tracked:
    """A desk that reads it."""
    found = Tracked(desk, there)
    found.work()
    return found


def test_an_issue_is_filed_once_and_followed(tracked: Tracked) -> None:
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
def test_what_may_have_been_filed_is_looked_for(tracked: Tracked, fault: Fault) -> None:
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
def test_what_was_not_filed_is_filed_later(tracked: Tracked, fault: Fault) -> None:
    """Whatever kept it from being filed."""
    tracked.there.server.next("POST", "/api/rest/issues", fault)
    code = tracked.filed()
    tracked.work(hours=1)
    assert tracked.remote(code).remote == "1"
    assert len(tracked.there.issues) == 1


def test_moderated_issues_wait(tracked: Tracked) -> None:
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


def test_a_change_at_the_same_time_is_looked_at_again(tracked: Tracked) -> None:
    """412 is no failure."""
    code = tracked.filed()
    tracked.desk.change_issue(code, priority=2)
    tracked.there.server.next("PATCH", "/api/rest/issues/1", Fault(412, "null"))
    _touch(tracked, code)
    tracked.work()
    assert tracked.there.issues[1]["priority"]["name"] == "high"


def _touch(tracked: Tracked, code: str) -> None:
    """Something happens to an issue, so that its connections look at it."""
    from paidsupport.issues.operations import notes  # noqa: PLC0415

    with tracked.desk.ctx(tracked.desk.ada) as ctx:
        notes.write(ctx, code, "Something happened.", key=new_key())


def test_both_changed_is_a_conflict(tracked: Tracked) -> None:
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
def test_a_public_report_comes_in_and_is_answered(tracked: Tracked) -> None:
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


def test_what_is_done_there_is_told_here(tracked: Tracked) -> None:
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


def test_private_issues_are_private_there(tracked: Tracked) -> None:
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
