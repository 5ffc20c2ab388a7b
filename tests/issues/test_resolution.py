"""Resolution: customers are told in time, once, by the right person; then the issue is resolved (T18)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access, followers, history, notes, resolution, solved
from paidsupport.issues.queries.followers import can_be_told, followed
from paidsupport.issues.tables import Follower, IssueEvent, IssueNotice
from paidsupport.kernel.actors import CLOCK, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    NotTheOwnerError,
    TransitionRefusedError,
)
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.roster.tables import Absence
from paidsupport.ops.erasure import erasure
from paidsupport.sales.leads.operations import delivered
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.sending import Emails
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.relations.operations import merging
from tests.concurrency.processes import in_threads
from tests.people import Desk

pytestmark = pytest.mark.row("T18")


def request(desk: Desk, by: Actor, **asked: Any) -> str:  # noqa: ANN401  # fields of an Order
    """A request with an owner who has answered it, and that follows a bug."""
    code = desk.order(service="question", acknowledged=frozenset(), answers={}, host_url="", **asked)
    desk.claim(code, by)
    desk.write(code, by, "We are investigating.")
    desk.work()
    desk.transition(code, "follow", by, note="It is filed.")
    return code


def solving(desk: Desk, *codes: str, **opening: Any) -> str:  # noqa: ANN401  # fields of an Opening
    """An issue that these follow, solved by Ben, drafted, and waiting for a review."""
    code = desk.open_issue(desk.mia, *codes, **opening)
    desk.change_issue(code, state="assigned", version=2, owner_id=desk.ben.id, claim_number=1)
    with desk.ctx(desk.ben) as ctx:
        issue = issues.lock(ctx.session, code, CLOCK)
        access.let_read(ctx, issue, desk.ben.id)
        history.tell(ctx, issue, "start", {"from": "new", "to": "assigned", "claim": 1})
        notes.keep(ctx, issue, "draft", "We fixed the pictures.")
    desk.issue_move(code, "submit", desk.ben, colleague=desk.mia.id)
    return code


def approve(desk: Desk, code: str, **filled: Any) -> None:  # noqa: ANN401  # fields of Filled
    """Mia has tried it."""
    desk.change_issue(code, reviewed_by_id=desk.mia.id, review_outcome="not-reproduced")
    desk.issue_move(code, "approve", desk.mia, **filled)


def reach(desk: Desk, code: str, stage: str = "production", by: Actor | None = None, why: str = "") -> None:
    """The solution has come so far."""
    with desk.ctx(by or desk.mia) as ctx:
        resolution.reach(ctx, code, stage, "2.1", key=new_key(), why=why)


def tell(desk: Desk, ticket: str, issue: str, by: Actor, body: str = "", key: str = "") -> Email:
    """Write the email as it is drafted."""
    with desk.ctx(by) as ctx:
        row = tickets.lock(ctx.session, ticket)
        text = body or solved.draft(ctx, row, solved.subject_of(ctx, row, issue)).body
        seen = Draft(text, row.claim_number, row.thread, key or new_key())
        return solved.send(ctx, ticket, issue, seen)


def following(desk: Desk, ticket: str) -> Follower:
    """How a ticket follows its issue."""
    with desk.ctx(CLOCK) as ctx:
        rows = followed(ctx.session, tickets.lock(ctx.session, ticket))
        return rows[0][0]


def test_a_customer_is_told_at_their_stage_and_everything_ends_by_itself(desk: Desk) -> None:
    """Not before the approval, not before the stage, once; then issue and request are resolved."""
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket)
    with pytest.raises(TransitionRefusedError, match="been approved in a review"):
        tell(desk, ticket, code, desk.ada)
    approve(desk, code)
    assert desk.issue(code).owner_id == desk.ada.id
    reach(desk, code, "staging", desk.ben)
    with pytest.raises(TransitionRefusedError, match="waiting until it's in production"):
        tell(desk, ticket, code, desk.ada)
    with pytest.raises(TransitionRefusedError, match="been told yet"):
        desk.issue_move(code, "resolve", desk.ada)
    reach(desk, code, "production", desk.ben)
    with desk.ctx(desk.ada) as ctx:
        assert [row[2].code for row in can_be_told(ctx.session, ctx.by)] == [ticket]
        told = select(IssueNotice.occasion).where(IssueNotice.person_id == desk.ada.id)
        assert "tell" in ctx.session.scalars(told).all()
    with pytest.raises(NotTheOwnerError):
        tell(desk, ticket, code, desk.ben)
    email = tell(desk, ticket, code, desk.ada)
    assert "We fixed the pictures." in email.body
    assert code in email.body
    assert email.body.endswith("Ada")
    with pytest.raises(TransitionRefusedError, match="is already written"):
        tell(desk, ticket, code, desk.ada, body="Once more, it is solved.")
    assert desk.issue(code).state == "assigned"
    mails = desk.work()
    assert len([mail for mail in mails if "We fixed the pictures." in str(mail.get_body())]) == 1
    assert desk.issue(code).state == "resolved"
    assert desk.ticket(ticket).state == "resolved"
    row = following(desk, ticket)
    assert (row.told_at, row.told_by_id) == (desk.clock(), desk.ada.id)
    with pytest.raises(NotTheOwnerError, match="It has no owner now"):
        tell(desk, ticket, code, desk.ada, body="Once more, it is solved.")
    assert desk.broken() == {}


def test_of_many_at_once_one_letter_is_written(pg_desk: Desk) -> None:
    """Double clicks and colleagues in the same second: the database lets one of them write."""
    ticket = request(pg_desk, pg_desk.ada)
    code = solving(pg_desk, ticket)
    approve(pg_desk, code)
    reach(pg_desk, code)
    key, refused = new_key(), []

    def act(number: int) -> None:
        try:
            tell(pg_desk, ticket, code, pg_desk.ada, "s solved.", key if number % 2 else new_key())
        except Exception as error:  # noqa: BLE001  # which one depends on who was faster
            refused.append(error)

    in_threads(act, 8)
    solved_ones = [row for row in pg_desk.emails(ticket) if row.kind == "solved"]
    assert len(solved_ones) == 1
    assert all("Error" in type(error).__name__ for error in refused)
    in_threads(lambda _: pg_desk.work(), 3)
    assert [row.state for row in pg_desk.emails(ticket) if row.kind == "solved"] == ["sent"]
    assert pg_desk.issue(code).state == "resolved"
    assert pg_desk.broken() == {}


def test_whoever_answered_first_tells_and_gets_the_ticket(desk: Desk) -> None:
    """Ada answered, Ben has the request by now: it is handed back to her with the approval."""
    ticket = request(desk, desk.ada)
    desk.transition(ticket, "hand-over", desk.ada, colleague=desk.ben.id, note="On leave soon.")
    code = solving(desk, ticket)
    approve(desk, code)
    reach(desk, code)
    desk.work()
    assert desk.ticket(ticket).owner_id == desk.ada.id
    assert following(desk, ticket).teller_id == desk.ada.id
    tell(desk, ticket, code, desk.ada)
    desk.work()
    assert desk.issue(code).state == "resolved"
    assert desk.broken() == {}


@pytest.mark.parametrize("away", ["absent", "gone"])
def test_a_substitute_tells_in_their_place_and_history_says_so(desk: Desk, away: str) -> None:
    """The substitute of a person who is away; the ticket's owner for one who has left."""
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket)
    with desk.ctx(desk.mia) as ctx, set_aside(ctx.session):
        day = desk.clock().date()
        absence = Absence(person_id=desk.ada.id, first_day=day, last_day=day, substitute_id=desk.ben.id)
        absence.added_by, absence.added_at = "Mia", desk.clock()
        ctx.session.add(absence)
        if away == "gone":
            people.remove(ctx, "ada@example.org")
    approve(desk, code)
    row = following(desk, ticket)
    assert (row.teller_id, row.substitute_for_id) == (desk.ben.id, desk.ada.id)
    with desk.ctx(CLOCK) as ctx:
        line = select(IssueEvent.data).where(IssueEvent.kind == "teller")
        assert ctx.session.scalars(line).one()["for"] == desk.ada.id
    reach(desk, code)
    desk.work()
    assert desk.ticket(ticket).owner_id == desk.ben.id
    tell(desk, ticket, code, desk.ben)
    desk.work()
    assert desk.issue(code).state == "resolved"
    assert desk.broken() == {}


def test_the_reviewer_can_name_somebody_else(lite_desk: Desk) -> None:
    """Whom they name tells, in the place of who answered first."""
    desk = lite_desk
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket)
    approve(desk, code, colleague=desk.mia.id)
    row = following(desk, ticket)
    assert (row.teller_id, row.substitute_for_id) == (desk.mia.id, desk.ada.id)
    desk.work()
    assert desk.ticket(ticket).owner_id == desk.mia.id
    with desk.ctx(desk.mia) as ctx:
        resolution.name_teller(ctx, code, ticket, desk.ben.id, key=new_key())
    desk.work()
    assert desk.ticket(ticket).owner_id == desk.ben.id
    desk.transition(ticket, "hand-over", desk.ben, colleague=desk.ada.id, note="You know them.")
    desk.work()
    assert desk.ticket(ticket).owner_id == desk.ada.id


def test_a_stage_goes_forward_and_back_only_for_a_reason(lite_desk: Desk) -> None:
    """An email that has not left yet does not leave when the solution is taken back."""
    desk = lite_desk
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket)
    approve(desk, code)
    reach(desk, code)
    fresh = solving(desk, request(desk, desk.ben))
    with pytest.raises(TransitionRefusedError, match="the author of the solution"):
        reach(desk, fresh, by=desk.ada)
    with pytest.raises(InvalidInputError, match="Enter why it goes back"):
        reach(desk, code, "git")
    with pytest.raises(InvalidInputError) as wrong, desk.ctx(desk.mia) as ctx:
        resolution.reach(ctx, code, "moon", " ", key=new_key())
    assert set(wrong.value.problems) == {"stage", "version"}
    email = tell(desk, ticket, code, desk.ada)
    reach(desk, code, "git", why="It broke albums.")
    desk.work()
    now = next(row for row in desk.emails(ticket) if row.reference == email.reference)
    assert now.state == EmailState.WITHDRAWN
    assert desk.issue(code).state == "assigned"
    reach(desk, code)
    tell(desk, ticket, code, desk.ada)
    desk.work()
    assert desk.issue(code).state == "resolved"
    assert desk.broken() == {}


def test_who_has_no_address_is_called(lite_desk: Desk) -> None:
    """The note stays on their ticket; it counts as told."""
    desk = lite_desk
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket)
    approve(desk, code)
    for stage in ("git", "production"):
        if stage == "production":
            reach(desk, code)
        else:
            with pytest.raises(TransitionRefusedError, match="is waiting until"), desk.ctx(desk.ada) as ctx:
                resolution.told(ctx, code, ticket, "By phone.", key=new_key())
    with pytest.raises(InvalidInputError), desk.ctx(desk.ada) as ctx:
        resolution.told(ctx, code, ticket, " ", key=new_key())
    key = new_key()
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            resolution.told(ctx, code, ticket, "By phone: Jane is glad.", key=key)
    assert desk.issue(code).state == "resolved"
    desk.work()
    assert desk.ticket(ticket).state == "resolved"
    assert desk.happened(ticket).count("issue-told") == 1
    assert desk.broken() == {}


def test_a_private_issue_is_not_named_to_a_customer(lite_desk: Desk) -> None:
    """Its code is not in the draft, and does not leave in any writing; others do not even find the page."""
    desk = lite_desk
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket, private=True)
    approve(desk, code)
    reach(desk, code)
    with pytest.raises(InvalidInputError, match="is private"):
        tell(desk, ticket, code, desk.ada, f"Solved, see {code.lower().replace('-', ' ')}.")
    email = tell(desk, ticket, code, desk.ada)
    assert code not in email.body
    other = desk.open_issue(desk.mia, private=True)
    with pytest.raises(NotFoundError):
        tell(desk, ticket, other, desk.ada, "Hello.")


def test_who_says_that_it_is_not_fixed_waits_again(lite_desk: Desk) -> None:
    """The issue is reopened; the customer whose request is open waits again, and can be told once more."""
    desk = lite_desk
    first, second = request(desk, desk.ada), request(desk, desk.ben)
    code = solving(desk, first, second)
    approve(desk, code)
    reach(desk, code)
    for ticket, by in ((first, desk.ada), (second, desk.ben)):
        tell(desk, ticket, code, by)
    desk.work()
    assert desk.issue(code).state == "resolved"
    desk.receive(first, "It is not: still dark.")
    desk.transition(first, "reopen", desk.ada, note="They say that it is not.")
    desk.claim(first, desk.ada)
    desk.issue_move(code, "reopen", desk.ada, note="Still dark on phones.")
    assert following(desk, first).told_at is None
    assert following(desk, second).told_at is not None
    desk.transition(second, "reopen", desk.ben, note="They write as well.")
    assert following(desk, second).told_at is None
    assert desk.issue(code).stage == ""
    assert desk.broken() == {}


def test_others_still_wait_when_one_says_that_it_is_not_fixed(lite_desk: Desk) -> None:
    """An approved issue goes back to the beginning; an email that is written does not leave."""
    desk = lite_desk
    first, second = request(desk, desk.ada), request(desk, desk.ben)
    code = solving(desk, first, second)
    approve(desk, code)
    reach(desk, code)
    tell(desk, first, code, desk.ada)
    desk.work()
    tell(desk, second, code, desk.ben)
    desk.issue_move(code, "not-fixed", desk.ada, note="Still dark on phones.")
    desk.work()
    assert (desk.issue(code).state, desk.issue(code).approved_at) == ("new", None)
    assert [row.state for row in desk.emails(second) if row.kind == "solved"] == ["withdrawn"]
    assert [following(desk, each).told_at for each in (first, second)] == [None, None]
    assert desk.broken() == {}


def test_who_leaves_does_so_in_both_histories(lite_desk: Desk) -> None:
    """If they are dismissed, merged, erased or let go, no one waits for ever, and histories record it."""
    desk = lite_desk
    address = "same@example.com"
    kept, twin = request(desk, desk.ada, email=address), request(desk, desk.ada, email=address)
    gone, let = request(desk, desk.ada, email="gone@example.com"), request(desk, desk.ada)
    code = solving(desk, twin, gone, let)
    desk.transition(gone, "dismiss", desk.ada, reason="other", note="Spam after all.")
    assert following(desk, gone).ending == "dismiss"
    assert "issue-left" in desk.happened(gone)
    versions = [desk.ticket(each).version for each in (twin, kept)]
    with desk.ctx(desk.ada) as ctx:
        merging.merge(ctx, twin, kept, version=versions[0], other_version=versions[1], key=new_key())
    assert following(desk, twin).ending == "merged"
    assert following(desk, kept).ended_at is None
    desk.change_issue(code, owner_id=desk.ada.id)
    with pytest.raises(TransitionRefusedError), desk.ctx(desk.ben) as ctx:
        resolution.leave(ctx, code, let, "They bought another one.", key=new_key())
    with desk.ctx(desk.ada) as ctx:
        resolution.leave(ctx, code, let, "They bought another one.", key=new_key())
    assert following(desk, let).ending == "told-otherwise"
    desk.transition(gone, "reopen", desk.ada, note="No spam.")
    assert following(desk, gone).ended_at is None
    desk.transition(gone, "dismiss", desk.ada, reason="other", note="It is.")
    mail = desk.ticket(gone).customer_email
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, mail)
    assert following(desk, gone).ended_at is not None
    assert desk.broken() == {}


def test_who_was_told_on_a_duplicate_is_not_told_again(lite_desk: Desk) -> None:
    """While the email is on its way nothing is merged; once it has left, the other ticket knows as well."""
    desk = lite_desk
    kept, twin = (request(desk, desk.ada, email="same@example.com") for _ in range(2))
    code = solving(desk, kept, twin)
    approve(desk, code)
    reach(desk, code)
    tell(desk, twin, code, desk.ada)
    versions = {"version": desk.ticket(twin).version, "other_version": desk.ticket(kept).version}
    with desk.ctx(desk.ada) as ctx, pytest.raises(TransitionRefusedError, match="on its way"):
        merging.merge(ctx, twin, kept, **versions, key=new_key())
    # it has left, and the clock has not noted yet that they know
    mount = mount_of(desk.app)
    with desk.app.app_context():
        Emails(mount.services, mount.database, mount.transport, mount.clock).send_all()
    with desk.ctx(desk.ada) as ctx:
        merging.merge(ctx, twin, kept, **versions, key=new_key())
    rows = [following(desk, each) for each in (twin, kept)]
    assert [(row.told_at, row.told_by_id) for row in rows] == [(desk.clock(), desk.ada.id)] * 2
    with pytest.raises(TransitionRefusedError, match="already been told"):
        tell(desk, kept, code, desk.ada, body="Once more, it is solved.")
    desk.work()
    assert desk.issue(code).state == "resolved"
    assert desk.broken() == {}


def test_who_begins_to_wait_late_is_told_too(lite_desk: Desk) -> None:
    """After the approval the clock appoints who tells them; a resolved issue has no one waiting."""
    desk = lite_desk
    first, late = request(desk, desk.ada), request(desk, desk.ben)
    code = solving(desk, first)
    approve(desk, code)
    reach(desk, code)
    with desk.ctx(desk.ben) as ctx:
        ticket = tickets.lock(ctx.session, late)
        followers.follow(ctx, issues.lock(ctx.session, code, CLOCK), ticket, "git")
    desk.work()
    assert following(desk, late).teller_id == desk.ben.id
    tell(desk, first, code, desk.ada)
    desk.work()
    assert desk.issue(code).state == "assigned"
    tell(desk, late, code, desk.ben)
    desk.work()
    assert desk.issue(code).state == "resolved"
    another = request(desk, desk.ben)
    with desk.ctx(desk.ben) as ctx:
        ticket, issue = tickets.lock(ctx.session, another), issues.lock(ctx.session, code, CLOCK)
        with pytest.raises(TransitionRefusedError, match="is closed"):
            followers.follow(ctx, issue, ticket)
    assert desk.broken() == {}


def test_what_a_customer_waits_for_is_changed_by_who_knows_them(lite_desk: Desk) -> None:
    """By the request's owner, the assignee or a manager; a customer may be told at once because of it."""
    desk = lite_desk
    ticket = request(desk, desk.ada)
    code = solving(desk, ticket)
    approve(desk, code)
    reach(desk, code, "git")
    for by, stage in ((desk.ben, "git"), (desk.ada, "never")):
        with pytest.raises((TransitionRefusedError, InvalidInputError)), desk.ctx(by) as ctx:
            resolution.wait_for(ctx, code, ticket, stage, key=new_key())
    with desk.ctx(desk.mia) as ctx:
        resolution.wait_for(ctx, code, ticket, "git", key=new_key())
        told = select(IssueNotice.occasion).where(IssueNotice.person_id == desk.ada.id)
        assert "tell" in ctx.session.scalars(told).all()
    tell(desk, ticket, code, desk.ada)


def test_a_request_with_two_issues_waits_for_both(lite_desk: Desk) -> None:
    """It is resolved with the second one; an answer of the customer leaves that to its owner."""
    desk = lite_desk
    ticket = request(desk, desk.ada)
    codes = [solving(desk, ticket), solving(desk, ticket, summary="Albums are empty")]
    for code in codes:
        approve(desk, code)
        reach(desk, code)
    tell(desk, ticket, codes[0], desk.ada)
    desk.work()
    assert [desk.issue(code).state for code in codes] == ["resolved", "assigned"]
    assert desk.ticket(ticket).state == "following"
    tell(desk, ticket, codes[1], desk.ada, "The other one is solved, too.")
    desk.work()
    assert desk.ticket(ticket).state == "resolved"
    assert desk.broken() == {}


@pytest.mark.row("T19")
def test_a_lead_hears_that_all_it_waited_for_is_there(lite_desk: Desk) -> None:
    """Its history says so once, and what was accepted is drafted as an invoice, where the desk writes any."""
    desk = lite_desk
    lead = desk.order(service="question", email="lead@example.com")
    desk.transition(lead, "commercial", desk.ada, note="They would pay.")
    desk.claim(lead, desk.ada)
    code = solving(desk, lead, kind="feature")
    approve(desk, code)
    reach(desk, code)
    tell(desk, lead, code, desk.ada)
    for _ in range(2):
        desk.work()
    assert desk.issue(code).state == "resolved"
    assert desk.happened(lead).count("issues-solved") == 1
    assert desk.ticket(lead).part == "pending"
    # a slower worker looks again once it holds the lead
    late = desk.ticket(lead).id
    with desk.ctx(CLOCK) as ctx:
        delivered.deliver(ctx, late)
    assert desk.happened(lead).count("issues-solved") == 1
    assert desk.broken() == {}
