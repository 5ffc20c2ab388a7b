"""Steps of an issue, and who may touch what belongs to a customer (T11)."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from paidsupport.desk.decisions import Ask
from paidsupport.desk.issues import followers, steps
from paidsupport.desk.issues.steps import Wanted
from paidsupport.domain.actors import Actor
from paidsupport.domain.codes import new_key
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError
from paidsupport.store import issues, tickets
from paidsupport.store.issues import Follower, Step
from tests.desk.issues.test_analysis import ask, events
from tests.people import ASK, Desk


def add(desk: Desk, code: str, by: Actor, what: str = "Set the password anew", ticket: str = "") -> Step:
    """A step; with a ticket, one that touches its customer's account or data."""
    with desk.visit(by) as visit:
        return steps.add(visit, code, Wanted(what, ticket), key=new_key())


def do(desk: Desk, code: str, step: Step, by: Actor, key: str = "") -> Step:
    """Do it."""
    with desk.visit(by) as visit:
        return steps.do(visit, code, step.id, key=key or new_key())


@pytest.mark.row("T11")
def test_what_touches_a_customer_needs_an_assignment_by_management(desk: Desk) -> None:
    """Grabbing is not enough, nor is having it from a colleague; whoever manages has to have assigned it."""
    ticket = desk.in_progress(desk.ada)
    code = desk.open_issue(desk.ada, ticket)
    step = add(desk, code, desk.ben, ticket=ticket)
    plain = add(desk, code, desk.ben, "Read the log")
    assert (step.touches, plain.touches) == (True, False)
    desk.issue_move(code, "grab", desk.ben)
    with pytest.raises(MoveRefusedError, match="only whom management assigned"):
        do(desk, code, step, desk.ben)
    desk.issue_move(code, "hand-over", desk.ben, colleague=desk.ada.id)
    with pytest.raises(MoveRefusedError, match="only whom management assigned"):
        do(desk, code, step, desk.ada)
    desk.issue_move(code, "hand-over", desk.mia, colleague=desk.ben.id)
    for by in (desk.ada, desk.mia):
        with pytest.raises(MoveRefusedError, match="only whom management assigned"):
            do(desk, code, step, by)
    do(desk, code, plain, desk.ada)
    key = new_key()
    for _ in range(2):
        do(desk, code, step, desk.ben, key)
    with pytest.raises(MoveRefusedError, match="done already, by Ben"):
        do(desk, code, step, desk.ben)
    assert events(desk, code).count("step-done") == 2
    with desk.visit(desk.ben) as visit:
        assert [each.against for each in steps.of(visit, desk.issue(code))] == ["", ""]
    assert desk.broken() == {}


@pytest.mark.row("T11")
def test_the_doctor_sees_who_touched_a_customer_without_being_assigned(lite_desk: Desk) -> None:
    """A row that says so past the verb, and a word to the customer on somebody else's ticket."""
    desk = lite_desk
    ticket, foreign = desk.in_progress(desk.ada), desk.in_progress(desk.ben)
    code = desk.open_issue(desk.ada, ticket)
    step = add(desk, code, desk.ben, ticket=ticket)
    message = desk.letters(foreign)[-1].message_id
    with desk.visit() as visit:
        done = {"done_by_id": desk.ben.id, "done_by": "Ben", "done_at": visit.now}
        visit.session.execute(update(Step).where(Step.id == step.id).values(**done))
        visit.session.execute(update(Follower).values(investigating_id=message, answerer_id=desk.ben.id))
    assert {name for name in desk.broken() if "customers" in name} == {
        "customers hear of issues on their tickets",
        "customers are touched by whom management assigned",
    }


@pytest.mark.row("T11")
def test_a_customer_who_was_asked_has_to_agree_first(desk: Desk) -> None:
    """Open and declined stand against it, a question that was taken back does not; a no is final."""
    ticket = desk.in_progress(desk.ben)
    code = desk.open_issue(desk.ada, ticket)
    ask(desk, code, desk.ben)
    step, other = add(desk, code, desk.ben, ticket=ticket), add(desk, code, desk.ben, ticket=ticket)

    def wish(about: Step, by: Actor = desk.ben) -> object:
        seen = desk.ticket(ticket)
        with desk.visit(by) as visit:
            return steps.ask_consent(
                visit,
                ticket,
                about.id,
                Ask(ASK.what, ASK.why, ASK.risk, ASK.undo),
                claim=seen.claim_number,
                thread=seen.thread,
                key=new_key(),
            )

    wish(step)
    with pytest.raises(MoveRefusedError, match="has not answered yet"):
        do(desk, code, step, desk.ben)
    with pytest.raises(MoveRefusedError, match="asked already"):
        wish(step)
    desk.work()
    desk.answer(ticket, desk.decided(ticket)[-1], "approved")
    do(desk, code, step, desk.ben)
    wish(other)
    desk.work()
    desk.answer(ticket, desk.decided(ticket)[-1], "declined")
    with pytest.raises(MoveRefusedError, match="must not be done"):
        do(desk, code, other, desk.ben)
    with pytest.raises(MoveRefusedError, match="must not be done"):
        wish(other)
    foreign = desk.order()
    with desk.visit(desk.ben) as visit, pytest.raises(NotFoundError):
        steps.ask_consent(visit, foreign, other.id, ASK, claim=0, thread=0, key=new_key())
    assert desk.broken() == {}


@pytest.mark.row("T11")
def test_the_vault_of_a_ticket_with_an_issue_opens_only_for_who_was_assigned(desk: Desk) -> None:
    """Having the ticket is not enough then; a ticket that follows nothing is as it always was."""
    ticket = desk.in_progress(desk.ben)
    secret = desk.give(ticket, "correct horse")
    assert desk.look(ticket, secret, desk.ben) == "correct horse"
    code = desk.open_issue(desk.ada, ticket)
    refused = "only whom management assigned to that may look"
    with pytest.raises(MoveRefusedError, match=refused):
        desk.look(ticket, secret, desk.ben)
    desk.issue_move(code, "grab", desk.ben)
    with pytest.raises(MoveRefusedError, match=refused):
        desk.look(ticket, secret, desk.ben)
    desk.issue_move(code, "give-back", desk.ben, note="For management.")
    ask(desk, code, desk.ben)
    assert desk.look(ticket, secret, desk.ben) == "correct horse"
    desk.issue_move(code, "hand-over", desk.mia, colleague=desk.ada.id)
    with pytest.raises(MoveRefusedError, match=refused):
        desk.look(ticket, secret, desk.ben)
    with desk.visit(desk.mia) as visit:
        locked, issue = tickets.lock(visit.session, ticket), issues.lock(visit.session, code, desk.mia)
        (waiting,) = followers.waiting(visit, issue)
        followers.unfollow(visit, waiting.follower, "other")
        assert locked.code == ticket
    assert desk.look(ticket, secret, desk.ben) == "correct horse"
    assert desk.broken() == {}


@pytest.mark.row("T11")
def test_steps_are_about_tickets_that_follow_and_hold_no_personal_data(lite_desk: Desk) -> None:
    """Wrong input is told at its field; nothing is added to what is over."""
    desk = lite_desk
    ticket, foreign = desk.order(name="Jane Doe"), desk.order()
    code = desk.open_issue(desk.ada, ticket)
    for what, about, field in (
        (" ", "", "what"),
        ("Call Jane Doe", "", "what"),
        ("Set it anew", foreign, "ticket"),
    ):
        with pytest.raises(InvalidInputError) as wrong:
            add(desk, code, desk.ada, what, about)
        assert set(wrong.value.problems) == {field}
    key = new_key()
    ids = set()
    for _ in range(2):
        with desk.visit(desk.ada) as visit:
            ids.add(steps.add(visit, code, Wanted("Set it anew", ticket), key=key).id)
    assert len(ids) == 1
    hidden = desk.open_issue(desk.ada, private=True)
    with pytest.raises(NotFoundError):
        add(desk, hidden, desk.ben, "Look")
    with pytest.raises(NotFoundError):
        do(desk, hidden, add(desk, hidden, desk.ada, "Look"), desk.ben)
