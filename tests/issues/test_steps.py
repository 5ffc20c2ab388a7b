"""Steps of an issue, and who may touch what belongs to a customer (T11)."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import followers, steps
from paidsupport.issues.operations.steps import Wanted
from paidsupport.issues.tables import Follower, Step
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, TransitionRefusedError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.decisions.operations import Ask
from tests.issues.test_analysis import ask, events
from tests.people import ASK, Desk


def add(desk: Desk, code: str, by: Actor, what: str = "Set the password anew", ticket: str = "") -> Step:
    """A step; with a ticket, one that touches its customer's account or data."""
    with desk.ctx(by) as ctx:
        return steps.add(ctx, code, Wanted(what, ticket), key=new_key())


def do(desk: Desk, code: str, step: Step, by: Actor, key: str = "") -> Step:
    """Do it."""
    with desk.ctx(by) as ctx:
        return steps.do(ctx, code, step.id, key=key or new_key())


@pytest.mark.row("T11")
def test_what_touches_a_customer_needs_an_assignment_by_management(desk: Desk) -> None:
    """Claiming is not enough, nor is getting it from a colleague; a manager must have assigned it."""
    ticket = desk.in_progress(desk.ada)
    code = desk.open_issue(desk.ada, ticket)
    step = add(desk, code, desk.ben, ticket=ticket)
    plain = add(desk, code, desk.ben, "Read the log")
    assert (step.touches, plain.touches) == (True, False)
    desk.issue_move(code, "grab", desk.ben)
    with pytest.raises(TransitionRefusedError, match="Only the person a manager assigned"):
        do(desk, code, step, desk.ben)
    desk.issue_move(code, "hand-over", desk.ben, colleague=desk.ada.id)
    with pytest.raises(TransitionRefusedError, match="Only the person a manager assigned"):
        do(desk, code, step, desk.ada)
    desk.issue_move(code, "hand-over", desk.mia, colleague=desk.ben.id)
    for by in (desk.ada, desk.mia):
        with pytest.raises(TransitionRefusedError, match="Only the person a manager assigned"):
            do(desk, code, step, by)
    do(desk, code, plain, desk.ada)
    key = new_key()
    for _ in range(2):
        do(desk, code, step, desk.ben, key)
    with pytest.raises(TransitionRefusedError, match="Ben has already done"):
        do(desk, code, step, desk.ben)
    assert events(desk, code).count("step-done") == 2
    with desk.ctx(desk.ben) as ctx:
        assert [each.against for each in steps.of(ctx, desk.issue(code))] == ["", ""]
    assert desk.broken() == {}


@pytest.mark.row("T11")
def test_the_doctor_sees_who_touched_a_customer_without_being_assigned(lite_desk: Desk) -> None:
    """A row that was written past the operation, and a message to the customer on a colleague's ticket."""
    desk = lite_desk
    ticket, foreign = desk.in_progress(desk.ada), desk.in_progress(desk.ben)
    code = desk.open_issue(desk.ada, ticket)
    step = add(desk, code, desk.ben, ticket=ticket)
    message = desk.emails(foreign)[-1].message_id
    with desk.ctx() as ctx:
        done = {"done_by_id": desk.ben.id, "done_by": "Ben", "done_at": ctx.now}
        ctx.session.execute(update(Step).where(Step.id == step.id).values(**done))
        ctx.session.execute(update(Follower).values(investigating_id=message, answerer_id=desk.ben.id))
    assert {name for name in desk.broken() if "customers" in name} == {
        "customers were told of issues on their own tickets",
        "only assigned staff touched customers' accounts",
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
        with desk.ctx(by) as ctx:
            return steps.ask_consent(
                ctx,
                ticket,
                about.id,
                Ask(ASK.what, ASK.why, ASK.risk, ASK.undo),
                claim=seen.claim_number,
                thread=seen.thread,
                key=new_key(),
            )

    wish(step)
    with pytest.raises(TransitionRefusedError, match="approved this yet"):
        do(desk, code, step, desk.ben)
    with pytest.raises(TransitionRefusedError, match="already been asked"):
        wish(step)
    desk.work()
    desk.answer(ticket, desk.decided(ticket)[-1], "approved")
    do(desk, code, step, desk.ben)
    wish(other)
    desk.work()
    desk.answer(ticket, desk.decided(ticket)[-1], "declined")
    with pytest.raises(TransitionRefusedError, match="must not be done"):
        do(desk, code, other, desk.ben)
    with pytest.raises(TransitionRefusedError, match="must not be done"):
        wish(other)
    foreign = desk.order()
    with desk.ctx(desk.ben) as ctx, pytest.raises(NotFoundError):
        steps.ask_consent(ctx, foreign, other.id, ASK, claim=0, thread=0, key=new_key())
    assert desk.broken() == {}


@pytest.mark.row("T11")
def test_the_vault_of_a_ticket_with_an_issue_opens_only_for_who_was_assigned(desk: Desk) -> None:
    """Having the ticket is not enough then; a ticket that follows nothing is as it always was."""
    ticket = desk.in_progress(desk.ben)
    secret = desk.give(ticket, "correct horse")
    assert desk.look(ticket, secret, desk.ben) == "correct horse"
    code = desk.open_issue(desk.ada, ticket)
    refused = "Only the person a manager assigned to that issue"
    with pytest.raises(TransitionRefusedError, match=refused):
        desk.look(ticket, secret, desk.ben)
    desk.issue_move(code, "grab", desk.ben)
    with pytest.raises(TransitionRefusedError, match=refused):
        desk.look(ticket, secret, desk.ben)
    desk.issue_move(code, "give-back", desk.ben, note="For management.")
    ask(desk, code, desk.ben)
    assert desk.look(ticket, secret, desk.ben) == "correct horse"
    desk.issue_move(code, "hand-over", desk.mia, colleague=desk.ada.id)
    with pytest.raises(TransitionRefusedError, match=refused):
        desk.look(ticket, secret, desk.ben)
    with desk.ctx(desk.mia) as ctx:
        locked, issue = tickets.lock(ctx.session, ticket), issues.lock(ctx.session, code, desk.mia)
        (waiting,) = followers.waiting(ctx, issue)
        followers.unfollow(ctx, waiting.follower, "other")
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
        with desk.ctx(desk.ada) as ctx:
            ids.add(steps.add(ctx, code, Wanted("Set it anew", ticket), key=key).id)
    assert len(ids) == 1
    hidden = desk.open_issue(desk.ada, private=True)
    with pytest.raises(NotFoundError):
        add(desk, hidden, desk.ben, "Look")
    with pytest.raises(NotFoundError):
        do(desk, hidden, add(desk, hidden, desk.ada, "Look"), desk.ben)
