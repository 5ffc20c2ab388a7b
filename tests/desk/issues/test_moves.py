"""Issues: opened new and nobody's, moved by the rules, invisible to who may not see them (T4, T10, T17)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from paidsupport.capabilities import ALL
from paidsupport.desk.engines import engines
from paidsupport.desk.issues import access, notes
from paidsupport.desk.issues import moves as verbs
from paidsupport.desk.issues.moves import Filled
from paidsupport.desk.issues.opening import Opening, open_issue
from paidsupport.domain.codes import new_key
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.errors import (
    InvalidInputError,
    MoveRefusedError,
    NotFoundError,
    StaleIssueError,
)
from paidsupport.kernel.capability import Capabilities
from paidsupport.store.issues import Issue, IssueEvent, IssueNotice, IssueTag
from tests.people import Desk


def feedback(desk: Desk, code: str) -> None:
    """What whoever was asked has said."""
    path = "Read the header first."
    desk.change_issue(code, feedback_at=desk.clock(), estimate_minutes=240, path=path)


@pytest.mark.row("T4")
def test_an_issue_for_a_customer_is_new_nobodys_and_tagged(desk: Desk) -> None:
    """Issues added on behalf of customers are always new, not assigned, and tagged with “Customer”."""
    ticket = desk.order()
    code = desk.open_issue(desk.ada, ticket, priority=1)
    issue = desk.issue(code)
    assert (issue.state, issue.owner_id, issue.priority) == ("new", None, 1)
    with desk.visit() as visit:
        assert visit.session.scalars(select(IssueTag.name)).all() == ["Customer"]
    assert "issue-followed" in desk.happened(ticket)
    assert not {field for field in Opening.__slots__ if "owner" in field or "assign" in field}
    assert desk.broken() == {}


def test_the_whole_way_of_an_issue_without_a_customer(desk: Desk) -> None:
    """New, feedback, new, confirmed, assigned, review, back, review, resolved, closed with a release."""
    code = desk.open_issue(desk.ada)
    desk.issue_move(code, "ask", desk.mia, colleague=desk.ben.id)
    assert desk.issue(code).assigned_by_id == desk.mia.id
    with pytest.raises(MoveRefusedError, match="Say how long it takes"):
        desk.issue_move(code, "answer", desk.ben)
    feedback(desk, code)
    desk.issue_move(code, "answer", desk.ben)
    desk.change_issue(code, timeline_at=desk.clock(), target_release="2.1")
    with pytest.raises(MoveRefusedError, match="for the clock or manager"):
        desk.issue_move(code, "confirm", desk.ben)
    desk.issue_move(code, "confirm", desk.mia)
    desk.issue_move(code, "start", desk.ben)
    desk.issue_move(code, "submit", desk.ben, colleague=desk.ada.id)
    with pytest.raises(MoveRefusedError, match="Whoever solved it does not review it"):
        desk.issue_move(code, "rework", desk.ben, note="Fine.")
    desk.issue_move(code, "rework", desk.ada, note="Still dark on phones.")
    desk.issue_move(code, "submit", desk.ben)
    with pytest.raises(MoveRefusedError, match="Say first what came of trying"):
        desk.issue_move(code, "settle", desk.ada)
    desk.change_issue(code, reviewed_by_id=desk.ada.id, review_outcome="not-reproduced")
    desk.issue_move(code, "settle", desk.ada)
    with pytest.raises(MoveRefusedError, match="Name the release"):
        desk.issue_move(code, "close", desk.mia)
    issue = desk.issue_move(code, "close", desk.mia, release="2.1")
    assert (issue.state, issue.release, issue.owner_id) == ("closed", "2.1", None)
    assert desk.broken() == {}


def test_who_is_late_with_a_move_is_told(desk: Desk) -> None:
    """Of two who grab at once one gets it; the same form sent twice does it once."""
    code = desk.open_issue(desk.ada)
    key = new_key()
    for _ in range(2):
        with desk.visit(desk.ada) as visit:
            verbs.make(visit, code, "grab", version=1, key=key)
    with desk.visit(desk.ben) as visit, pytest.raises(StaleIssueError):
        verbs.make(visit, code, "grab", version=1, key=new_key())
    assert desk.issue(code).owner_id == desk.ada.id
    with desk.visit() as visit:
        assert visit.session.scalars(select(IssueEvent.kind).order_by(IssueEvent.id)).all() == [
            "opened",
            "grab",
        ]


@pytest.mark.row("T3")
def test_a_private_issue_is_not_there_for_who_may_not_see_it(desk: Desk) -> None:
    """Managers, whoever filed it and whoever has it see it; for others every verb finds nothing."""
    code = desk.open_issue(desk.ada, private=True)
    for by in (desk.ada, desk.mia):
        with desk.visit(by) as visit:
            assert access.see(visit, code.lower()).code == code
    with desk.visit(desk.ben) as visit:
        with pytest.raises(NotFoundError):
            access.see(visit, code)
        with pytest.raises(NotFoundError):
            notes.write(visit, code, "Hello", key=new_key())
        with pytest.raises(NotFoundError):
            verbs.make(visit, code, "grab", version=1, key=new_key())
        with pytest.raises(NotFoundError):
            access.set_private(visit, code, private=False, key=new_key())
        with pytest.raises(NotFoundError):
            open_issue(visit, Opening("bug", "A part", "Of it.", parent=code), key=new_key())
        assert visit.session.scalars(select(Issue).where(access.visible(visit))).all() == []
        told = select(IssueNotice.person_id)
        assert desk.ben.id not in visit.session.scalars(told).all()
    desk.issue_move(code, "ask", desk.mia, colleague=desk.ben.id)
    with desk.visit(desk.ben) as visit:
        assert access.see(visit, code).owner_id == desk.ben.id


def test_what_is_hidden_is_hidden_with_its_open_parts(lite_desk: Desk) -> None:
    """On all levels, however early they were opened; who has one can go on, and histories tell it."""
    desk = lite_desk
    code = desk.open_issue(desk.ada)
    part = desk.open_issue(desk.ada, parent=code)
    below = desk.open_issue(desk.ada, parent=part)
    over = desk.open_issue(desk.ada, parent=code)
    desk.issue_move(below, "ask", desk.mia, colleague=desk.ben.id)
    desk.issue_move(over, "dismiss", desk.mia, reason="other", note="It is none.")
    with desk.visit(desk.ada) as visit:
        access.set_private(visit, code, private=True, key=new_key())
    assert [desk.issue(each).private for each in (code, part, below, over)] == [True, True, True, False]
    with desk.visit(desk.ben) as visit:
        assert access.see(visit, below).owner_id == desk.ben.id
        with pytest.raises(NotFoundError):
            access.see(visit, part)
    with desk.visit(desk.mia) as visit:
        lines = select(IssueEvent.issue_id).where(IssueEvent.kind == "made-private")
        assert len(visit.session.scalars(lines).all()) == 3
    assert desk.broken() == {}


def test_wrong_input_is_told_at_its_field_and_nothing_is_opened(desk: Desk) -> None:
    """Each sentence at its field, all of them at once."""
    with desk.visit(desk.ada) as visit, pytest.raises(InvalidInputError) as wrong:
        open_issue(visit, Opening("riddle", " ", "\x07", priority=9), key=new_key())
    assert set(wrong.value.problems) == {"kind", "summary", "details", "priority"}
    with desk.visit() as visit:
        assert visit.session.scalars(select(Issue)).all() == []


def test_the_doctor_sees_a_history_that_was_changed(lite_desk: Desk) -> None:
    """A line that somebody wrote over past us does not follow from the one before it any more."""
    code = lite_desk.open_issue(lite_desk.ada)
    lite_desk.issue_move(code, "grab", lite_desk.ada)
    with lite_desk.visit() as visit:
        visit.session.execute(text("UPDATE paidsupport_issue_event SET actor_name = 'Mallory'"))
    assert any("was changed" in line for line in lite_desk.broken()["histories of issues unbroken"])


def test_the_workflow_has_no_faults() -> None:
    """Every state is reached, every move leads somewhere, every need has its guard, every effect is there."""
    assert ISSUE.faults() == []
    engines(Capabilities(ALL))["issue"].check(ISSUE)
    assert Filled() == Filled(reason="", note="", colleague=None, release="")
