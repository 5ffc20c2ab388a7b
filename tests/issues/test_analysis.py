"""Analysis: asked in one click, answered with estimate and path, new again with the last word (T10, T12)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from paidsupport.issues.operations import analysis, overdue
from paidsupport.issues.operations.analysis import Feedback, Part, Timeline
from paidsupport.issues.queries.contents import history_of
from paidsupport.issues.tables import NO_DEADLINE, Estimate, Issue, IssueEvent, IssueNotice
from paidsupport.issues.workflow import ASK
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    StaleIssueError,
    TransitionRefusedError,
)
from paidsupport.kernel.worker import Worker
from paidsupport.testing import mount_of
from tests.people import Desk

PATH = "Read the header before the body."


def ask(desk: Desk, code: str, colleague: Actor, by: Actor | None = None, priority: int = 2) -> Issue:
    """Management sets the priority and asks a developer."""
    version = desk.issue(code).version
    with desk.ctx(by or desk.mia) as ctx:
        return analysis.ask(ctx, code, colleague.id, priority, "Have a look.", version=version, key=new_key())


def give(desk: Desk, code: str, by: Actor, *parts: Part, key: str = "", **said: str) -> Issue:
    """Feedback on the issue as it is now."""
    told: dict[str, Any] = {"estimate": "4h", "path": PATH} | said
    version = desk.issue(code).version
    with desk.ctx(by) as ctx:
        given = Feedback(**told, parts=parts)
        return analysis.give_feedback(ctx, code, given, version=version, key=key or new_key())


def plan(desk: Desk, code: str, by: Actor | None = None, **said: Any) -> Issue:  # noqa: ANN401
    """Management sets the timeline."""
    with desk.ctx(by or desk.mia) as ctx:
        return analysis.set_timeline(ctx, code, Timeline(**said), key=new_key())


def part_of(desk: Desk, code: str) -> list[Issue]:
    """The sub-issues of an issue, oldest first."""
    parent = desk.issue(code).id
    with desk.ctx() as ctx:
        return list(ctx.session.scalars(select(Issue).where(Issue.parent_id == parent).order_by(Issue.id)))


def events(desk: Desk, code: str) -> list[str]:
    """The kinds of lines in the history of an issue."""
    with desk.ctx(desk.mia) as ctx:
        return [event.kind for event in history_of(ctx.session, desk.issue(code))]


def tick(desk: Desk) -> None:
    """One round of the clock."""
    mount = mount_of(desk.app)
    with desk.app.app_context():
        Worker(mount.services, mount.database, mount.transport, mount.clock).round()


@pytest.mark.row("T10")
def test_priority_and_assignee_are_set_in_one_step_or_not_at_all(desk: Desk) -> None:
    """By a manager alone; the developer who is asked is assigned by them, with a date to answer by."""
    code = desk.open_issue(desk.ada)
    with pytest.raises(TransitionRefusedError, match="for managers"):
        ask(desk, code, desk.ada, by=desk.ben, priority=1)
    with desk.ctx(desk.mia) as ctx, pytest.raises(InvalidInputError) as wrong:
        analysis.ask(ctx, code, None, 1, "", version=1, key=new_key())
    assert set(wrong.value.problems) == {"colleague"}
    with desk.ctx(desk.mia) as ctx, pytest.raises(InvalidInputError) as wrong:
        analysis.ask(ctx, code, desk.ben.id, 9, "", version=1, key=new_key())
    assert set(wrong.value.problems) == {"priority"}
    assert (desk.issue(code).priority, desk.issue(code).state) == (3, "new")
    key = new_key()
    for _ in range(2):
        with desk.ctx(desk.mia) as ctx:
            analysis.ask(ctx, code, desk.ben.id, 1, "", version=1, key=key)
    issue = desk.issue(code)
    assert (issue.state, issue.priority, issue.owner_id) == ("feedback", 1, desk.ben.id)
    assert issue.assigned_by_id == desk.mia.id
    assert issue.feedback_due_at is not None
    assert events(desk, code) == ["opened", "ask", "prioritised"]
    with desk.ctx(desk.mia) as ctx, pytest.raises(StaleIssueError):
        analysis.ask(ctx, code, desk.ada.id, 1, "", version=1, key=new_key())
    assert desk.broken() == {}


@pytest.mark.row("T12")
def test_feedback_brings_the_issue_back_with_estimate_and_path(desk: Desk) -> None:
    """The upper end counts; the assignee alone answers, once; management is told."""
    code = desk.open_issue(desk.ada)
    ask(desk, code, desk.ben)
    with pytest.raises(TransitionRefusedError, match="the assignee"):
        give(desk, code, desk.ada)
    with pytest.raises(InvalidInputError) as wrong:
        give(desk, code, desk.ben, estimate="soon", path=" ")
    assert set(wrong.value.problems) == {"estimate", "path"}
    key = new_key()
    give(desk, code, desk.ben, estimate="1-2 days", key=key)
    with desk.ctx(desk.ben) as ctx:
        analysis.give_feedback(ctx, code, Feedback("1-2 days", PATH), version=2, key=key)
    with desk.ctx(desk.ben) as ctx, pytest.raises(KeyReusedError):
        analysis.give_feedback(ctx, code, Feedback("4h", PATH), version=2, key=key)
    issue = desk.issue(code)
    assert (issue.state, issue.estimate_minutes, issue.minutes_left, issue.path) == ("new", 960, 960, PATH)
    assert (issue.owner_id, issue.feedback_due_at) == (desk.ben.id, None)
    assert events(desk, code)[-3:] == ["feedback-given", "estimate-changed", "answer"]
    with desk.ctx() as ctx:
        told = select(IssueNotice.person_id).where(IssueNotice.occasion == "collected")
        assert ctx.session.scalars(told).all() == [desk.mia.id]
        assert ctx.session.scalars(select(Estimate.minutes_left)).all() == [960]
    with pytest.raises(TransitionRefusedError, match="waiting for feedback now"):
        give(desk, code, desk.ben)
    assert desk.broken() == {}


@pytest.mark.row("T12")
def test_what_is_solved_already_says_where_and_in_which_version(lite_desk: Desk) -> None:
    """Without an estimate then; the version is not optional, and a place that there is not is refused."""
    desk = lite_desk
    code = desk.open_issue(desk.ada)
    ask(desk, code, desk.ben)
    for said in ({"fixed_where": "staging"}, {"fixed_where": "moon", "fixed_version": "1"}):
        with pytest.raises(InvalidInputError):
            give(desk, code, desk.ben, estimate="", path="", **said)
    with pytest.raises(InvalidInputError) as wrong:
        give(desk, code, desk.ben, fixed_version="2.1")
    assert set(wrong.value.problems) == {"fixed_where"}
    give(desk, code, desk.ben, estimate="", path="", fixed_where="staging", fixed_version="2.1")
    issue = desk.issue(code)
    assert (issue.state, issue.fixed_where, issue.fixed_version) == ("new", "staging", "2.1")
    assert issue.minutes_left == 0


@pytest.mark.row("T12")
def test_personal_data_does_not_get_into_feedback(lite_desk: Desk) -> None:
    """Neither into the path nor into the sub-issues."""
    desk = lite_desk
    ticket = desk.order(name="Jane Doe")
    code = desk.open_issue(desk.ada, ticket)
    ask(desk, code, desk.ben)
    with pytest.raises(InvalidInputError) as wrong:
        give(desk, code, desk.ben, Part("Call Jane Doe", desk.ada.id), path="Ask jane doe.")
    assert set(wrong.value.problems) == {"path", "parts"}
    assert part_of(desk, code) == []
    with pytest.raises(InvalidInputError):
        give(desk, code, desk.ben, fixed_where="git", fixed_version="for Jane Doe")


@pytest.mark.row("T12")
def test_sub_issues_are_asked_of_others_and_the_issue_waits_for_them(desk: Desk) -> None:
    """A developer asks others although they are no manager; nested, the last answer goes all the way up."""
    code = desk.open_issue(desk.ada, priority=1)
    ask(desk, code, desk.ben, priority=1)
    with pytest.raises(InvalidInputError) as wrong:
        give(desk, code, desk.ben, Part("Server"), Part("", desk.ada.id), Part("Mine", desk.ben.id))
    assert len(wrong.value.problems["parts"]) == 3
    give(desk, code, desk.ben, Part("Server", desk.ada.id), Part("Packages", desk.mia.id), estimate="1d")
    server, packages = part_of(desk, code)
    assert (desk.issue(code).state, desk.issue(code).feedback_due_at) == ("feedback", None)
    assert (server.state, server.owner_id, server.priority) == ("feedback", desk.ada.id, 1)
    # asked by a colleague: management has not assigned it
    assert server.assigned_by_id is None
    give(desk, packages.code, desk.mia)
    give(desk, server.code, desk.ada, Part("Kernel", desk.ben.id))
    (kernel,) = part_of(desk, server.code)
    assert desk.issue(server.code).state == "feedback"
    # its own feedback is in, that of its part is not: whoever is above still waits
    assert desk.issue(code).state == "feedback"
    give(desk, kernel.code, desk.ben, estimate="2h")
    assert [desk.issue(each).state for each in (kernel.code, server.code, code)] == ["new"] * 3
    for each in (server.code, code):
        assert events(desk, each).count("answer") == 1
    with desk.ctx(desk.mia) as ctx:
        minutes, day = analysis.earliest(ctx, desk.issue(code))
    assert minutes == 480 + 240 + 240 + 120
    assert day > desk.clock().date()
    assert desk.broken() == {}


@pytest.mark.row("T12")
def test_only_whoever_is_asked_about_an_issue_asks_about_its_parts(lite_desk: Desk) -> None:
    """Not about a part of a colleague's issue, nor about one without a parent, nor once it is answered."""
    desk = lite_desk
    code = desk.open_issue(desk.ada)
    alone = desk.open_issue(desk.ada)
    ask(desk, code, desk.ben)
    part = desk.open_issue(desk.ada, parent=code)
    for by, which in ((desk.ada, part), (desk.ben, alone)):
        with pytest.raises(TransitionRefusedError, match="Only the person asked about the parent"):
            desk.issue_move(which, "ask-part", by, colleague=desk.mia.id)
    desk.issue_move(part, "ask-part", desk.ben, colleague=desk.ada.id)
    assert desk.issue(part).owner_id == desk.ada.id
    other = desk.open_issue(desk.ada, parent=code)
    give(desk, part, desk.ada)
    give(desk, code, desk.ben)
    assert desk.issue(code).state == "feedback"  # nobody was asked about the other one
    desk.issue_move(other, "dismiss", desk.mia, reason="no-fault", note="It works.")
    tick(desk)
    assert desk.issue(code).state == "new"
    with pytest.raises(TransitionRefusedError):
        desk.issue_move(desk.open_issue(desk.ada, parent=code), "ask-part", desk.ben, colleague=desk.ada.id)
    assert ASK.who == {"manager"}


@pytest.mark.row("T12")
def test_sub_issues_can_be_asked_about_before_the_own_feedback(lite_desk: Desk) -> None:
    """What others say may be needed to estimate; it stays due."""
    desk = lite_desk
    code = desk.open_issue(desk.ada, private=True)
    ask(desk, code, desk.ben)
    with desk.ctx(desk.ben) as ctx, pytest.raises(InvalidInputError):
        analysis.open_parts(ctx, code, (Part(),), version=2, key=new_key())
    key = new_key()
    for _ in range(2):
        with desk.ctx(desk.ben) as ctx:
            analysis.open_parts(ctx, code, (Part("Server", desk.ada.id),), version=2, key=key)
    (part,) = part_of(desk, code)
    assert (part.private, part.state) == (True, "feedback")
    give(desk, part.code, desk.ada)
    assert desk.issue(code).state == "feedback"
    assert desk.issue(code).feedback_due_at is not None
    give(desk, code, desk.ben)
    assert desk.issue(code).state == "new"
    with desk.ctx(desk.ada) as ctx, pytest.raises(NotFoundError):
        analysis.give_feedback(ctx, "IS-2222-2222", Feedback("4h", PATH), version=1, key=new_key())


@pytest.mark.row("T12")
def test_two_parts_answered_at_once_make_the_parent_new_exactly_once(desk: Desk) -> None:
    """Both see to the parent under its lock; exactly one of them finds that nothing is missing."""
    for _ in range(4):
        code = desk.open_issue(desk.ada)
        ask(desk, code, desk.ben)
        give(desk, code, desk.ben, Part("One", desk.ada.id), Part("Two", desk.mia.id))
        one, two = part_of(desk, code)
        failures: list[BaseException] = []
        together = threading.Barrier(2)

        def answering(part: str, by: Actor, ready: threading.Barrier, failed: list[BaseException]) -> None:
            try:
                ready.wait(120)
                give(desk, part, by)
            except BaseException as error:  # noqa: BLE001  # told by the test
                failed.append(error)

        deeds: list[Callable[[], None]] = [
            lambda part=part, by=by, ready=together, failed=failures: answering(part, by, ready, failed)  # type: ignore[misc]
            for part, by in ((one.code, desk.ada), (two.code, desk.mia))
        ]
        threads = [threading.Thread(target=deed) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert failures == []
        assert desk.issue(code).state == "new"
        assert events(desk, code).count("answer") == 1
    assert desk.broken() == {}


@pytest.mark.row("T13")
def test_the_timeline_is_managements_and_follows_the_feedback(desk: Desk) -> None:
    """Not before the feedback nor in the past; every change is kept; without a customer it is confirmed."""
    code = desk.open_issue(desk.ada)
    with pytest.raises(TransitionRefusedError, match="Ask for feedback first"):
        plan(desk, code, release="2.1")
    ask(desk, code, desk.ben)
    with pytest.raises(TransitionRefusedError, match="Wait for the feedback"):
        plan(desk, code, release="2.1")
    give(desk, code, desk.ben)
    with pytest.raises(TransitionRefusedError, match="Only managers"):
        plan(desk, code, by=desk.ben, release="2.1")
    today = desk.clock().date()
    for day in ("", str(today - timedelta(1)), "soon", "9999-01-01"):
        with pytest.raises(InvalidInputError) as wrong:
            plan(desk, code, deadline=day)
        assert set(wrong.value.problems) == {"deadline"}
    plan(desk, code, deadline=str(today + timedelta(7)), release="2.1", why="After the holidays.")
    issue = desk.issue(code)
    assert (issue.state, issue.target_release, issue.deadline) == ("confirmed", "2.1", today + timedelta(7))
    plan(desk, code, release="2.1")
    assert desk.issue(code).deadline == NO_DEADLINE
    with desk.ctx() as ctx:
        kept = ctx.session.execute(select(Estimate.minutes_left, Estimate.deadline, Estimate.why)).all()
    assert [tuple(row) for row in kept] == [
        (240, NO_DEADLINE, "Feedback"),
        (240, today + timedelta(7), "After the holidays."),
        (240, NO_DEADLINE, ""),
    ]
    assert events(desk, code)[-1] == "timeline-set"
    assert desk.broken() == {}


@pytest.mark.row("T12")
def test_overdue_feedback_is_told_once_for_each_due_date(desk: Desk) -> None:
    """By any number of rounds; asked anew, it can be overdue anew."""
    code = desk.open_issue(desk.ada)
    ask(desk, code, desk.ben)
    tick(desk)
    assert "feedback-overdue" not in events(desk, code)
    desk.clock.forward(days=5)
    for _ in range(2):
        tick(desk)
    with desk.ctx() as ctx:
        told = select(IssueNotice.person_id).where(IssueNotice.occasion == "overdue")
        assert ctx.session.scalars(told).all() == [desk.ben.id]
        assert overdue.due(ctx) == []
    desk.issue_move(code, "give-back", desk.ben, note="Not mine.")
    ask(desk, code, desk.ada)
    desk.clock.forward(days=5)
    tick(desk)
    assert events(desk, code).count("feedback-overdue") == 2
    with desk.ctx() as ctx:
        keys = ctx.session.scalars(select(IssueEvent.kind).where(IssueEvent.kind == "feedback-overdue"))
        assert len(keys.all()) == 2
