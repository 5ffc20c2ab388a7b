"""Issues: opened new and unassigned, moved by the rules, hidden if private (T4, T10, T17)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from paidsupport.capabilities import ALL
from paidsupport.engines import engines
from paidsupport.issues.operations import access, notes
from paidsupport.issues.operations import transitions as verbs
from paidsupport.issues.operations.opening import Opening, open_issue
from paidsupport.issues.operations.transitions import Filled
from paidsupport.issues.tables import Issue, IssueEvent, IssueNotice, IssueTag, visible
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    StaleIssueError,
    TransitionRefusedError,
)
from tests.people import Desk


def feedback(desk: Desk, code: str) -> None:
    """The feedback of the developer who was asked."""
    path = "Read the header first."
    desk.change_issue(code, feedback_at=desk.clock(), estimate_minutes=240, path=path)


@pytest.mark.row("T4")
def test_an_issue_for_a_customer_is_new_nobodys_and_tagged(desk: Desk) -> None:
    """Issues added on behalf of customers are always new, not assigned, and tagged with “Customer”."""
    ticket = desk.order()
    code = desk.open_issue(desk.ada, ticket, priority=1)
    issue = desk.issue(code)
    assert (issue.state, issue.owner_id, issue.priority) == ("new", None, 1)
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(IssueTag.name)).all() == ["Customer"]
    assert "issue-followed" in desk.happened(ticket)
    assert not {field for field in Opening.__slots__ if "owner" in field or "assign" in field}
    assert desk.broken() == {}


def test_the_whole_way_of_an_issue_without_a_customer(desk: Desk) -> None:
    """New, feedback, new, confirmed, assigned, review, back, review, resolved, closed with a release."""
    code = desk.open_issue(desk.ada)
    desk.issue_move(code, "ask", desk.mia, colleague=desk.ben.id)
    assert desk.issue(code).assigned_by_id == desk.mia.id
    with pytest.raises(TransitionRefusedError, match="Enter an estimate"):
        desk.issue_move(code, "answer", desk.ben)
    feedback(desk, code)
    desk.issue_move(code, "answer", desk.ben)
    desk.change_issue(code, timeline_at=desk.clock(), target_release="2.1")
    with pytest.raises(TransitionRefusedError, match="is for managers"):
        desk.issue_move(code, "confirm", desk.ben)
    desk.issue_move(code, "confirm", desk.mia)
    desk.issue_move(code, "start", desk.ben)
    desk.issue_move(code, "submit", desk.ben, colleague=desk.ada.id)
    with pytest.raises(TransitionRefusedError, match="You solved it, so a colleague has to review it"):
        desk.issue_move(code, "rework", desk.ben, note="Fine.")
    desk.issue_move(code, "rework", desk.ada, note="Still dark on phones.")
    desk.issue_move(code, "submit", desk.ben)
    with pytest.raises(TransitionRefusedError, match="Enter your test result"):
        desk.issue_move(code, "settle", desk.ada)
    desk.change_issue(code, reviewed_by_id=desk.ada.id, review_outcome="not-reproduced")
    desk.issue_move(code, "settle", desk.ada)
    with pytest.raises(TransitionRefusedError, match="Enter the release"):
        desk.issue_move(code, "close", desk.mia)
    issue = desk.issue_move(code, "close", desk.mia, release="2.1")
    assert (issue.state, issue.release, issue.owner_id) == ("closed", "2.1", None)
    assert desk.broken() == {}


def test_who_is_late_with_a_move_is_told(desk: Desk) -> None:
    """Of two who grab at once one gets it; the same form sent twice does it once."""
    code = desk.open_issue(desk.ada)
    key = new_key()
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            verbs.make(ctx, code, "grab", version=1, key=key)
    with desk.ctx(desk.ben) as ctx, pytest.raises(StaleIssueError):
        verbs.make(ctx, code, "grab", version=1, key=new_key())
    assert desk.issue(code).owner_id == desk.ada.id
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(IssueEvent.kind).order_by(IssueEvent.id)).all() == [
            "opened",
            "grab",
        ]


@pytest.mark.row("T3")
def test_a_private_issue_is_not_there_for_who_may_not_see_it(desk: Desk) -> None:
    """Managers, its reporter and its assignee see it; for others every operation finds nothing."""
    code = desk.open_issue(desk.ada, private=True)
    for by in (desk.ada, desk.mia):
        with desk.ctx(by) as ctx:
            assert access.see(ctx, code.lower()).code == code
    with desk.ctx(desk.ben) as ctx:
        with pytest.raises(NotFoundError):
            access.see(ctx, code)
        with pytest.raises(NotFoundError):
            notes.write(ctx, code, "Hello", key=new_key())
        with pytest.raises(NotFoundError):
            verbs.make(ctx, code, "grab", version=1, key=new_key())
        with pytest.raises(NotFoundError):
            access.set_private(ctx, code, private=False, key=new_key())
        with pytest.raises(NotFoundError):
            open_issue(ctx, Opening("bug", "A part", "Of it.", parent=code), key=new_key())
        assert ctx.session.scalars(select(Issue).where(visible(ctx.by))).all() == []
        told = select(IssueNotice.person_id)
        assert desk.ben.id not in ctx.session.scalars(told).all()
    desk.issue_move(code, "ask", desk.mia, colleague=desk.ben.id)
    with desk.ctx(desk.ben) as ctx:
        assert access.see(ctx, code).owner_id == desk.ben.id


def test_what_is_hidden_is_hidden_with_its_open_parts(lite_desk: Desk) -> None:
    """On all levels, however early they were opened; who has one can go on, and histories tell it."""
    desk = lite_desk
    code = desk.open_issue(desk.ada)
    part = desk.open_issue(desk.ada, parent=code)
    below = desk.open_issue(desk.ada, parent=part)
    over = desk.open_issue(desk.ada, parent=code)
    desk.issue_move(below, "ask", desk.mia, colleague=desk.ben.id)
    desk.issue_move(over, "dismiss", desk.mia, reason="other", note="It is none.")
    with desk.ctx(desk.ada) as ctx:
        access.set_private(ctx, code, private=True, key=new_key())
    assert [desk.issue(each).private for each in (code, part, below, over)] == [True, True, True, False]
    with desk.ctx(desk.ben) as ctx:
        assert access.see(ctx, below).owner_id == desk.ben.id
        with pytest.raises(NotFoundError):
            access.see(ctx, part)
    with desk.ctx(desk.mia) as ctx:
        lines = select(IssueEvent.issue_id).where(IssueEvent.kind == "made-private")
        assert len(ctx.session.scalars(lines).all()) == 3
    assert desk.broken() == {}


def test_wrong_input_is_told_at_its_field_and_nothing_is_opened(desk: Desk) -> None:
    """Each sentence at its field, all of them at once."""
    with desk.ctx(desk.ada) as ctx, pytest.raises(InvalidInputError) as wrong:
        open_issue(ctx, Opening("riddle", " ", "\x07", priority=9), key=new_key())
    assert set(wrong.value.problems) == {"kind", "summary", "details", "priority"}
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(Issue)).all() == []


def test_the_doctor_sees_a_history_that_was_changed(lite_desk: Desk) -> None:
    """An event that was overwritten past the desk does not follow from the one before it."""
    code = lite_desk.open_issue(lite_desk.ada)
    lite_desk.issue_move(code, "grab", lite_desk.ada)
    with lite_desk.ctx() as ctx:
        ctx.session.execute(text("UPDATE paidsupport_issue_event SET actor_name = 'Mallory'"))
    assert any("was changed" in line for line in lite_desk.broken()["histories of issues are unbroken"])


def test_the_workflow_has_no_faults() -> None:
    """Every state is reached, every transition leads somewhere, every guard and effect is known."""
    assert ISSUE.faults() == []
    engines(Capabilities(ALL))["issue"].check(ISSUE)
    assert Filled() == Filled(reason="", note="", colleague=None, release="")
