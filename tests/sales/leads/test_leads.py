"""Leads: wishes that management decides about, blockers, and offers that one click answers (T9)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from paidsupport.issues.tables import Follower, Issue, IssueTag
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    ManagersOnlyError,
    NotFoundError,
    PaidSupportError,
    TransitionRefusedError,
)
from paidsupport.sales.leads import queries as rows
from paidsupport.sales.leads.operations import blockers, wishes
from paidsupport.sales.leads.operations.wishes import Decided
from paidsupport.tickets import tables as tickets
from tests.calling import call, take_calls
from tests.leading import OFFER, WISH, block, decide, issues_of, lead, wish, wishes_of
from tests.people import Desk

pytestmark = pytest.mark.row("T9")

REFUSE = Decided("refuse", "It does not fit what we make.")
GIVE = replace(OFFER, decision="gratis", reason="Others ask for it as well.")


def state(desk: Desk, code: str) -> str:
    """Where a ticket is."""
    return desk.ticket(code).state


def waiting(desk: Desk, code: str) -> list[bool]:
    """Whether the customer waits for each issue that the lead follows."""
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        rows = ctx.session.scalars(select(Follower).where(Follower.ticket_id == ticket.id))
        return [row.ended_at is None for row in rows]


def hindered(desk: Desk, code: str) -> list[bool]:
    """Whether each blocker of a lead stands in the way."""
    with desk.ctx(desk.ada) as ctx:
        found = rows.hindrances(ctx.session, tickets.lock(ctx.session, code), ctx.by)
        return [row.is_open for row in found]


def test_a_yes_on_the_customers_page_opens_the_issue(desk: Desk) -> None:
    """From mail to delivery: nothing is offered undecided; one click opens the issue, new and unassigned."""
    code = lead(desk)
    reference = wish(desk, code)
    with pytest.raises(TransitionRefusedError, match="decided about a feature request yet"):
        desk.offer(code, desk.ada)
    with pytest.raises(TransitionRefusedError, match="decided about a feature request yet"):
        desk.transition(code, "offer", desk.ada, note="For 500, on the phone.")
    assert desk.decided(code) == []
    with pytest.raises(ManagersOnlyError):
        decide(desk, code, reference, by=desk.ben)
    decide(desk, code, reference)
    assert issues_of(desk, code) == []
    offer = desk.offer(code, desk.ada, price="500")
    assert state(desk, code) == "offered"
    assert [mail["To"] for mail in desk.work() if mail["X-Paidsupport-Kind"] == "offer"]
    desk.answer(code, offer, "approved", word="Go ahead.")
    ticket = desk.ticket(code)
    assert (ticket.state, ticket.part, ticket.price_minor) == ("delivering", "pending", 50_000)
    assert (ticket.owner_id, ticket.lease_until) == (desk.ada.id, None)
    (issue,) = issues_of(desk, code)
    assert (issue.state, issue.owner_id, issue.kind, issue.summary) == ("new", None, "feature", WISH.summary)
    with desk.ctx() as ctx:
        tags = ctx.session.scalars(select(IssueTag.name).where(IssueTag.issue_id == issue.id)).all()
    assert tags == ["Customer"]
    assert wishes_of(desk, code)[0].issue_id == issue.id
    assert desk.items(code) == {}
    with pytest.raises(TransitionRefusedError, match="waiting for isn't solved"):
        desk.transition(code, "win", desk.ada, reason="paid", note="They have it.")
    desk.transition(code, "lose", desk.ada, reason="declined", note="They changed their mind.")
    assert waiting(desk, code) == [False]
    desk.transition(code, "reopen", desk.ada, note="They changed it again.")
    desk.claim(code, desk.ada)
    desk.transition(code, "offer", desk.ada, note="As before.")
    desk.transition(code, "agree", desk.ada, note="On the phone.")
    assert waiting(desk, code) == [True]
    assert [row.id for row in issues_of(desk, code)] == [issue.id]
    assert desk.broken() == {}


def test_what_was_accepted_waits_as_long_as_it_takes_and_its_customer_can_be_told(desk: Desk) -> None:
    """The claim does not lapse, emails leave, and the end has a reason."""
    code = lead(desk)
    desk.work()
    offer = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, offer, "approved")
    desk.clock.forward(days=300)
    desk.work()
    assert state(desk, code) == "delivering"
    desk.write(code, desk.ada, "It is there.\n\nAda")
    assert desk.ticket(code).lease_until is None
    with pytest.raises(TransitionRefusedError, match="still waiting or stuck"):
        desk.transition(code, "win", desk.ada, reason="paid", note="They have it.")
    desk.work()
    with pytest.raises(TransitionRefusedError, match="reason"):
        desk.transition(code, "win", desk.ada, note="They have it.")
    desk.transition(code, "win", desk.ada, reason="paid", note="They have it.")
    assert (state(desk, code), desk.ticket(code).end_reason) == ("won", "paid")
    assert desk.broken() == {}


def test_a_no_goes_back_to_whoever_qualifies_it_with_the_customers_words(desk: Desk) -> None:
    """Their owner is told, and a new offer takes the place of the old one."""
    code = lead(desk)
    first = desk.offer(code, desk.ada, price="900")
    desk.work()
    desk.answer(code, first, "declined", word="Too much for us.")
    ticket = desk.ticket(code)
    assert (ticket.state, ticket.owner_id, ticket.price_minor, ticket.awaits) == (
        "qualifying",
        desk.ada.id,
        0,
        "desk",
    )
    assert desk.decided(code)[0].word == "Too much for us."
    mails = [mail for mail in desk.work() if "ada@example.org" in str(mail["To"])]
    assert mails, "the owner was not told"
    second, third = desk.offer(code, desk.ada, price="700"), desk.offer(code, desk.ada, price="600")
    assert [row.answer for row in desk.decided(code)] == ["declined", "withdrawn", ""]
    desk.work()
    with pytest.raises(PaidSupportError):
        desk.answer(code, second, "approved")
    desk.answer(code, third, "approved")
    assert desk.ticket(code).price_minor == 60_000
    with pytest.raises(TransitionRefusedError, match="make an offer for this lead"):
        desk.offer(code, desk.ada)
    assert desk.broken() == {}


def test_one_click_counts_however_often_it_is_sent(desk: Desk) -> None:
    """The same form again changes nothing; an offer that was sent twice is one."""
    code = lead(desk)
    decide(desk, code, wish(desk, code))
    offer = desk.offer(code, desk.ada)
    desk.work()
    key = new_key()
    for _ in range(2):
        desk.answer(code, offer, "approved", key=key)
    assert len(issues_of(desk, code)) == 1
    assert desk.happened(code).count("accept") == 1
    desk.clock.forward(days=1)
    with pytest.raises(TransitionRefusedError):
        desk.answer(code, offer, "declined")


@pytest.mark.postgres
def test_of_many_answers_at_once_one_opens_one_issue(pg_desk: Desk) -> None:
    """A yes and a no from several tabs: exactly one counts, and the lead stands where it says."""
    code = lead(pg_desk)
    decide(pg_desk, code, wish(pg_desk, code))
    offer = pg_desk.offer(code, pg_desk.ada)
    pg_desk.work()

    def click(number: int) -> str:
        try:
            return pg_desk.answer(code, offer, "declined" if number % 2 else "approved").answer
        except PaidSupportError:
            return ""

    with ThreadPoolExecutor(6) as pool:
        given = [answer for answer in pool.map(click, range(6)) if answer]
    assert len(given) == 1
    assert len(issues_of(pg_desk, code)) == (given[0] == "approved")
    assert state(pg_desk, code) == {"approved": "delivering", "declined": "qualifying"}[given[0]]
    assert pg_desk.broken() == {}


def test_the_first_letter_of_a_lead_can_be_the_offer_they_called_for(desk: Desk) -> None:
    """From a phone call: no email has to go before; it is the one first contact, and it says the code."""
    take_calls(desk)
    code = call(desk, purpose="sales", take=True).code
    desk.offer(code, desk.ada)
    texts = [mail.get_body(("plain",)).get_content() for mail in desk.work()]  # type: ignore[union-attr]
    (text,) = [text for text in texts if "Here is our offer" in text]
    assert code in text
    assert "order" not in text.split("Please accept")[0].replace("doesn't order anything", "")
    assert [row.kind for row in desk.emails(code) if row.contact] == ["offer"]
    assert desk.broken() == {}


def test_what_is_free_of_charge_is_built_at_once(desk: Desk) -> None:
    """The manager's decision opens the issue and moves the lead on, if nothing else is open."""
    code = lead(desk)
    first, second = wish(desk, code), wish(desk, code)
    decide(desk, code, first, GIVE)
    assert (state(desk, code), len(issues_of(desk, code))) == ("qualifying", 1)
    decide(desk, code, second, REFUSE)
    assert state(desk, code) == "qualifying"
    with pytest.raises(TransitionRefusedError, match="already decided about this"):
        decide(desk, code, second, GIVE)
    desk.transition(code, "give", desk.ada)
    assert state(desk, code) == "delivering"
    alone = lead(desk, sender="li@bank.example")
    key = new_key()
    for _ in range(2):
        decide(desk, alone, wishes_of(desk, alone)[0].reference if _ else wish(desk, alone), GIVE, key=key)
    assert (state(desk, alone), len(issues_of(desk, alone))) == ("delivering", 1)
    assert desk.broken() == {}


def test_nothing_personal_gets_into_an_issue(desk: Desk) -> None:
    """Neither when it is noted nor when it is decided; what is to be built must be said, and why."""
    code = lead(desk)
    with pytest.raises(InvalidInputError) as refused:
        wish(desk, code, typed=replace(WISH, details="As Jane Doe wants it."))
    assert set(refused.value.problems) == {"details"}
    reference = wish(desk, code)
    with pytest.raises(InvalidInputError) as refused:
        decide(desk, code, reference, Decided("offer", "", "For jane@shop.example", ""))
    assert set(refused.value.problems) == {"reason", "summary", "details"}
    assert wishes_of(desk, code)[0].decision == ""


def test_a_yes_is_not_refused_for_what_counts_as_personal_since(lite_desk: Desk) -> None:
    """Management has read the texts when it decided: the customer can accept whatever happened meanwhile."""
    desk = lite_desk
    code = lead(desk)
    decide(desk, code, wish(desk, code))
    offer = desk.offer(code, desk.ada)
    desk.work()
    with desk.ctx() as ctx:
        tickets.lock(ctx.session, code).customer_name = "Receipts Example"
    desk.answer(code, offer, "approved")
    assert [issue.summary for issue in issues_of(desk, code)] == [WISH.summary]
    other = lead(desk, sender="Receipts Example <li@bank.example>")
    with pytest.raises(InvalidInputError):
        wish(desk, other)


def test_nothing_more_is_offered_once_it_is_delivered(lite_desk: Desk) -> None:
    """A later wish is given or refused: no offer could be made for it any more."""
    desk = lite_desk
    code = lead(desk)
    decide(desk, code, wish(desk, code), GIVE)
    assert state(desk, code) == "delivering"
    late = wish(desk, code)
    with pytest.raises(InvalidInputError, match="already accepted"):
        decide(desk, code, late)
    decide(desk, code, late, GIVE)
    assert len(issues_of(desk, code)) == 2


def test_a_refusal_is_a_letter_to_start_from_and_then_lost_with_a_reason(desk: Desk) -> None:
    """The draft contains the reason of management, for the owner to edit."""
    code = lead(desk)
    reference = wish(desk, code)
    with desk.ctx(desk.ada) as ctx, pytest.raises(NotFoundError):
        wishes.refusal(ctx, tickets.lock(ctx.session, code), reference)
    decide(desk, code, reference, REFUSE)
    with desk.ctx(desk.ada) as ctx:
        text = wishes.refusal(ctx, tickets.lock(ctx.session, code), reference)
    assert REFUSE.reason in text
    desk.write(code, desk.ada, text)
    desk.work()
    with pytest.raises(TransitionRefusedError, match="reason"):
        desk.transition(code, "lose", desk.ada, note="Told.")
    desk.transition(code, "lose", desk.ada, reason="refused", note="Told.")
    assert (state(desk, code), issues_of(desk, code)) == ("lost", [])
    with pytest.raises(TransitionRefusedError, match="has ended"):
        wish(desk, code)
    assert desk.broken() == {}


def test_blockers_are_solved_by_somebody_or_with_their_issue(desk: Desk) -> None:
    """Who and when stands there; the one that waits for an issue ends with it, and comes back with it."""
    code, other = lead(desk), lead(desk, sender="li@bank.example")
    decide(desk, other, wish(desk, other), GIVE)
    (issue,) = issues_of(desk, other)
    by_hand = block(desk, code)
    block(desk, code, "Photos", kind="feature", issue=issue.code.lower())
    with pytest.raises(InvalidInputError) as refused:
        block(desk, code, " ", kind="love", issue="IS-2222-2222")
    assert set(refused.value.problems) == {"blocker", "blocker_kind", "issue"}
    assert hindered(desk, code) == [True, True]
    with desk.ctx(desk.ben) as ctx:
        blockers.solve(ctx, code, by_hand, solved=True, key=new_key())
    with desk.ctx() as ctx:
        ctx.session.execute(
            update(Issue).where(Issue.id == issue.id).values(state="closed", ended_at=ctx.now)
        )
    assert hindered(desk, code) == [False, False]
    with desk.ctx(desk.ben) as ctx:
        blockers.solve(ctx, code, by_hand, solved=False, key=new_key())
        assert rows.board(ctx.session, blocked=True).leads[0].ticket.code == code
    assert hindered(desk, code) == [True, False]
    assert desk.happened(code)[-4:] == ["blocker-noted", "blocker-noted", "blocker-solved", "blocker-back"]


def test_a_private_issue_is_not_given_away_by_a_blocker(desk: Desk) -> None:
    """A person who may not see it cannot name it, and sees nothing of it where a colleague has named it."""
    code, other = lead(desk), lead(desk, sender="li@bank.example", by=desk.mia)
    decide(desk, other, wish(desk, other, by=desk.mia), GIVE)
    (issue,) = issues_of(desk, other)
    with desk.ctx() as ctx:
        ctx.session.execute(update(Issue).where(Issue.id == issue.id).values(private=True))
    with pytest.raises(InvalidInputError, match="no such issue"):
        block(desk, code, issue=issue.code)
    with desk.ctx(desk.mia) as ctx:
        blockers.note(ctx, code, "feature", "Photos", issue=issue.code, key=new_key())
    for by, seen in ((desk.ada, False), (desk.mia, True)):
        with desk.ctx(by) as ctx:
            (row,) = rows.hindrances(ctx.session, tickets.lock(ctx.session, code), ctx.by)
            assert (row.issue is not None) is seen


def test_the_board_has_leads_by_stage_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest first, without gap or double; ended ones newest first. More leads cost no more queries."""
    monkeypatch.setattr(rows, "PAGE", 3)
    codes = []
    for number in range(7):
        codes.append(lead(desk, sender=f"a{number}@shop.example"))
        desk.clock.forward(minutes=number % 2)
    block(desk, codes[2])
    desk.transition(codes[6], "lose", desk.ada, reason="other", note="Nothing.")
    seen, after = [], None
    with desk.ctx(desk.ada) as ctx:
        while True:
            board = rows.board(ctx.session, after=after)
            seen += [row.ticket.code for row in board.leads]
            after = board.following
            if after is None:
                break
        assert seen == codes[:6]
        assert board.counts == {"qualifying": 6}
        assert [row.ticket.code for row in rows.board(ctx.session, "lost").leads] == [codes[6]]
        assert [row.ticket.code for row in rows.board(ctx.session, blocked=True).leads] == [codes[2]]
        assert rows.board(ctx.session, mine=desk.ben.id).leads == []
    with desk.ctx(desk.ada) as ctx, desk.statements() as many:
        rows.board(ctx.session)
    monkeypatch.setattr(rows, "PAGE", 1)
    with desk.ctx(desk.ada) as ctx, desk.statements() as few:
        rows.board(ctx.session)
    assert len(many) == len(few), many


def test_a_lead_that_nobody_tends_is_free_again_unless_it_was_accepted(desk: Desk) -> None:
    """Before acceptance, the clock releases it when its owner forgets it."""
    code = lead(desk)
    desk.clock.forward(days=60)
    desk.work()
    assert state(desk, code) == "lead"
    assert desk.broken() == {}
