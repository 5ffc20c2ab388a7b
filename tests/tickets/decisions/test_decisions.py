"""Consents and offers: exactly one answer to exactly one text, and what follows from it (G14, G17, N4)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import update

from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    NotTheOwnerError,
    PaidSupportError,
    StaleThreadError,
    TransitionRefusedError,
)
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.money import MOST_MINOR
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Event, Ticket
from tests.people import ASK, OFFER, Desk

pytestmark = pytest.mark.row("N4")

#: The line of the checklist that waits for consent.
ITEM = "configuration"
EVIDENCE = {"done": "Apache restarted."}
#: Answers given at once.
AT_ONCE = 8


def asked(desk: Desk, item: str = ITEM) -> tuple[str, Decision]:
    """A ticket under work whose customer has received a request for approval."""
    code = desk.risky(desk.ada)
    decision = desk.ask(code, desk.ada, item)
    desk.work()
    return code, decision


def offered(desk: Desk, **changed: Any) -> tuple[str, Decision]:  # noqa: ANN401  # fields of an Offer
    """A ticket under work whose customer has received an offer."""
    code = desk.in_progress(desk.ada)
    decision = desk.offer(code, desk.ada, **changed)
    desk.work()
    return code, decision


def text_of(mail: EmailMessage) -> str:
    """What a mail says."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def tick(desk: Desk, code: str) -> None:
    """Try to tick the line that waits for consent."""
    desk.tick(code, desk.ada, ITEM, **EVIDENCE)


def newest_event(desk: Desk, code: str, kind: str) -> Event:
    """The last event of this kind."""
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        rows = ctx.session.query(Event).filter_by(ticket_id=ticket.id, kind=kind).order_by(Event.number)
        return rows.all()[-1]


def withdraw(desk: Desk, code: str, decision: Decision, by: Any, key: str = "") -> Decision:  # noqa: ANN401
    """Take a question back."""
    with desk.ctx(by) as ctx:
        return decisions.withdraw(ctx, code, decision.reference, key=key or new_key())


@pytest.mark.row("G14")
def test_the_letter_says_what_why_at_which_risk_and_how_it_is_undone(desk: Desk) -> None:
    """It is a message of the thread, tells that a mail is no consent, and holds the link and no button."""
    code = desk.risky(desk.ada)
    desk.ask(code, desk.ada, ITEM)
    (mail,) = desk.work()
    text = text_of(mail)
    for words in (ASK.what, ASK.why, ASK.risk, ASK.undo, "Nothing happens until you decide", "/t/"):
        assert words in text
    assert "An email isn't enough" in text
    assert code in mail["Subject"]
    data = newest_event(desk, code, "consent-asked").data
    (decision,) = desk.decided(code)
    assert data == {
        "decision": decision.reference,
        "number": 1,
        "hash": decision.text_hash,
        "item": ITEM,
    }
    assert decision.text_hash == decisions.text_hash(decision)
    assert (desk.ticket(code).awaits, desk.ticket(code).thread) == ("customer", 2)
    assert desk.broken() == {}


@pytest.mark.row("G14")
def test_a_line_that_wants_consent_is_ticked_after_a_yes_and_not_before(desk: Desk) -> None:
    """Not unasked, not unanswered; the yes is on record with its time and the hash of the text."""
    code = desk.risky(desk.ada)
    with pytest.raises(TransitionRefusedError, match="Ask the customer for approval first"):
        tick(desk, code)
    decision = desk.ask(code, desk.ada, ITEM)
    desk.work()
    with pytest.raises(TransitionRefusedError, match="has not answered"):
        tick(desk, code)
    desk.clock.forward(hours=3)
    given = desk.answer(code, decision, "approved", word="At night, please.")
    assert (given.answer, given.answered_at, given.word) == (
        "approved",
        desk.clock.now,
        "At night, please.",
    )
    assert newest_event(desk, code, "consent-approved").data["hash"] == decision.text_hash
    tick(desk, code)
    assert desk.items(code)[ITEM].state == "done"
    assert desk.broken() == {}


@pytest.mark.row("G14")
def test_a_no_locks_the_line_for_good(desk: Desk) -> None:
    """It cannot be ticked, skipped, opened or asked about again, and closing no longer waits for it."""
    code, decision = asked(desk)
    desk.answer(code, decision, "declined")
    assert desk.items(code)[ITEM].state == "refused"
    with pytest.raises(TransitionRefusedError, match="stays undone"):
        tick(desk, code)
    with pytest.raises(TransitionRefusedError, match="A no is final"):
        desk.ask(code, desk.ada, ITEM, what="Only reload Apache")
    with desk.ctx(desk.ada) as ctx:
        checklists.set_traits(ctx, code, [], key=new_key())
    assert desk.items(code)[ITEM].state == "refused"
    assert desk.finish(code, desk.ada).state == "closed"
    assert desk.broken() == {}


@pytest.mark.row("G14")
@pytest.mark.parametrize("answered", [False, True])
def test_another_question_for_the_same_line_needs_another_answer(
    lite_desk: Desk,
    answered: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """What was open is withdrawn; what was approved counts no longer, not even once the new one is gone."""
    desk = lite_desk
    code, first = asked(desk)
    if answered:
        desk.answer(code, first, "approved")
    second = desk.ask(code, desk.ada, ITEM, what="Restart Apache and PHP")
    email = [mail for mail in desk.work() if mail["To"] == "jane@example.com"][-1]
    assert "replaces my earlier question “Restart Apache”" in text_of(email)
    assert desk.decided(code)[0].answer == ("approved" if answered else "withdrawn")
    with pytest.raises(TransitionRefusedError, match=r"already|withdrawn this"):
        desk.answer(code, first, "approved")
    with pytest.raises(TransitionRefusedError, match="has not answered"):
        tick(desk, code)
    withdraw(desk, code, second, desk.ada)
    with pytest.raises(TransitionRefusedError, match="Ask the customer"):
        tick(desk, code)
    third = desk.ask(code, desk.ada, ITEM)
    desk.work()
    desk.answer(code, third, "approved")
    tick(desk, code)
    assert desk.broken() == {}


@pytest.mark.row("G14")
def test_consent_is_asked_only_for_what_waits_for_it(lite_desk: Desk) -> None:
    """Not for other lines, not for settled ones, not for lines that are not there."""
    desk = lite_desk
    code, decision = asked(desk)
    plain = next(name for name, item in desk.items(code).items() if not item.consent)
    with pytest.raises(TransitionRefusedError, match="needs no approval"):
        desk.ask(code, desk.ada, plain)
    with pytest.raises(NotFoundError):
        desk.ask(code, desk.ada, "nothing")
    desk.answer(code, decision, "approved")
    tick(desk, code)
    with pytest.raises(TransitionRefusedError, match="settled already"):
        desk.ask(code, desk.ada, ITEM)


@pytest.mark.row("G14")
@pytest.mark.parametrize("field", ["what", "why", "risk", "undo"])
@pytest.mark.parametrize("typed", ["", " \n ", "\u200b", "x\x00"])
def test_a_question_without_what_why_risk_and_undo_is_not_asked(
    lite_desk: Desk, field: str, typed: str
) -> None:
    """Each of the four is required, and the sentence stands at its field."""
    code = lite_desk.in_progress(lite_desk.ada)
    with pytest.raises(InvalidInputError) as refused:
        lite_desk.ask(code, lite_desk.ada, **{field: typed})
    assert list(refused.value.problems) == [field]
    assert lite_desk.decided(code) == []
    assert lite_desk.ticket(code).thread == 1


def test_only_the_owner_asks_under_their_claim_over_the_thread_they_saw(lite_desk: Desk) -> None:
    """Not a colleague, not a manager, not before the first contact, not over a message that is new."""
    desk = lite_desk
    code = desk.order()
    desk.claim(code, desk.ada)
    for ask in (desk.ask, desk.offer):
        with pytest.raises(TransitionRefusedError, match="have not heard from you"):
            ask(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    for person in (desk.ben, desk.mia):
        for ask in (desk.ask, desk.offer):
            with pytest.raises(NotTheOwnerError):
                ask(code, person)
    desk.receive(code, "Wait!")
    with pytest.raises(StaleThreadError), desk.ctx(desk.ada) as ctx:
        decisions.ask_consent(ctx, code, ASK, claim=1, thread=1, key=new_key())
    with pytest.raises(NotTheOwnerError, match="lost"), desk.ctx(desk.ada) as ctx:
        decisions.make_offer(ctx, code, OFFER, claim=7, thread=2, key=new_key())
    assert desk.decided(code) == []


def test_the_same_form_asks_once(desk: Desk) -> None:
    """A resent key brings the same question, also minutes later; with other content it is refused."""
    code = desk.in_progress(desk.ada)
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            first = decisions.make_offer(ctx, code, OFFER, claim=1, thread=1, key="once")
        desk.clock.forward(days=1)
    with pytest.raises(KeyReusedError), desk.ctx(desk.ada) as ctx:
        decisions.make_offer(ctx, code, replace(OFFER, price="21"), claim=1, thread=1, key="once")
    assert [row.id for row in desk.decided(code)] == [first.id]
    assert desk.ticket(code).thread == 2


@pytest.mark.row("G17")
def test_an_accepted_offer_raises_the_price_and_adds_a_line(desk: Desk) -> None:
    """The email names the price and until when; closing waits for the line that was added."""
    code = desk.in_progress(desk.ada)
    desk.receive(code, "Oh, can you also add e-cards?")
    decision = desk.offer(code, desk.ada, about=2)
    (mail,) = [mail for mail in desk.work() if mail["To"] == "jane@example.com"]
    text = text_of(mail)
    for words in (OFFER.what, "USD 20.00", "28 Mar 2034", "You asked for something more on 14 March 2034"):
        assert words in text
    desk.answer(code, decision, "approved")
    ticket = desk.ticket(code)
    assert (ticket.price_minor, ticket.awaits, ticket.thread) == (6500, "desk", 3)
    extra = desk.items(code)["extra-1"]
    assert (extra.text, extra.state, desk.decided(code)[0].item_id) == (OFFER.what, "open", extra.id)
    data = newest_event(desk, code, "offer-accepted").data
    assert (data["price"], data["currency"], data["item"]) == (2000, "USD", "extra-1")
    receipt, told = sorted(desk.work(), key=lambda mail: str(mail["To"]), reverse=True)
    assert told["To"].addresses[0].display_name == "Ada"
    assert "You've accepted this offer for USD 20.00" in text_of(receipt)
    assert "New total: USD 65.00" in text_of(receipt)
    with pytest.raises(TransitionRefusedError, match="checklist"):
        desk.transition(code, "close", desk.ada)
    assert desk.broken() == {}
    assert desk.finish(code, desk.ada).state == "closed"


@pytest.mark.row("G17")
def test_a_declined_offer_changes_nothing(lite_desk: Desk) -> None:
    """Neither price nor checklist; the same can be offered again."""
    code, decision = offered(lite_desk)
    lite_desk.answer(code, decision, "declined")
    assert lite_desk.ticket(code).price_minor == 4500
    assert "extra-1" not in lite_desk.items(code)
    assert lite_desk.offer(code, lite_desk.ada, price="10").number == 2
    assert lite_desk.broken() == {}


@pytest.mark.row("G17")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"price": ""}, "price"),
        ({"price": "-5"}, "price"),
        ({"price": "1.234"}, "price"),
        ({"price": "21474836.00"}, "price"),
        ({"days": 0}, "days"),
        ({"days": 91}, "days"),
        ({"what": ""}, "what"),
        ({"why": ""}, "why"),
    ],
)
def test_an_offer_that_cannot_stand_is_not_made(lite_desk: Desk, changed: dict[str, Any], field: str) -> None:
    """A price that can be kept, 1 to 90 days, and what it is about."""
    code = lite_desk.in_progress(lite_desk.ada)
    with pytest.raises(InvalidInputError) as refused:
        lite_desk.offer(code, lite_desk.ada, **changed)
    assert list(refused.value.problems) == [field]


@pytest.mark.row("G17")
def test_an_offer_answers_a_message_of_the_customer_alone(lite_desk: Desk) -> None:
    """Not one of ours, not one that is not there."""
    code = lite_desk.in_progress(lite_desk.ada)
    for number in (1, 99):
        with pytest.raises(NotFoundError):
            lite_desk.offer(code, lite_desk.ada, about=number)


@pytest.mark.row("G17")
def test_an_offer_ends_in_its_time(desk: Desk) -> None:
    """Until the moment before it can be accepted, and never after."""
    code, decision = offered(desk, days=1)
    desk.clock.forward(days=1)
    with desk.ctx() as ctx:
        assert decisions.open_ones(ctx, tickets.lock(ctx.session, code)) == []
    with pytest.raises(TransitionRefusedError, match="no longer valid"):
        desk.answer(code, decision, "approved")
    with pytest.raises(TransitionRefusedError, match="not open any more"):
        withdraw(desk, code, decision, desk.ada)
    desk.clock.now -= timedelta(microseconds=1)
    assert desk.answer(code, decision, "approved").answer == "approved"


@pytest.mark.row("G17")
def test_two_offers_that_fit_alone_and_not_together(desk: Desk) -> None:
    """What the database could not keep as a price is said before it is tried."""
    code = desk.in_progress(desk.ada)
    most = str((MOST_MINOR - 4500) // 100)
    rows = [desk.offer(code, desk.ada, price=most) for _ in range(2)]
    desk.work()
    desk.answer(code, rows[0], "approved")
    with pytest.raises(TransitionRefusedError, match="too high to accept"):
        desk.answer(code, rows[1], "approved")


def test_an_answer_to_another_text_is_none(desk: Desk) -> None:
    """Whatever was changed after it was read: the answer names the hash of what was read."""
    code, decision = asked(desk)
    with desk.ctx() as ctx:
        row = ctx.session.get(Decision, decision.id)
        assert row is not None
        row.what = "Delete everything"
        row.text_hash = decisions.text_hash(row)
        assert row.text_hash != decision.text_hash
    with pytest.raises(TransitionRefusedError, match="text has changed"):
        desk.answer(code, decision, "approved")
    assert desk.decided(code)[0].answer == ""


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("what", "Restart PHP"),
        ("why", "Because."),
        ("risk", "None."),
        ("undo", "Not at all."),
        ("price_minor", 2001),
        ("currency", "EUR"),
        ("number", 2),
        ("kind", "consent"),
    ],
)
def test_every_word_is_in_the_hash(lite_desk: Desk, column: str, value: object) -> None:
    """A change of any column that is read makes another hash."""
    _, decision = offered(lite_desk)
    before = decisions.text_hash(decision)
    setattr(decision, column, value)
    assert decisions.text_hash(decision) != before


@pytest.mark.parametrize("choice", ["approved", "declined"])
def test_a_double_click_answers_once(desk: Desk, choice: str) -> None:
    """The same form again is the same answer; another one comes too late."""
    code, decision = offered(desk)
    for _ in range(2):
        assert desk.answer(code, decision, choice, key="once").answer == choice
    with pytest.raises(KeyReusedError):
        desk.answer(code, decision, choice, key="once", word="And more.")
    for later in ("approved", "declined"):
        with pytest.raises(TransitionRefusedError, match="already answered"):
            desk.answer(code, decision, later)
    assert desk.ticket(code).price_minor == (6500 if choice == "approved" else 4500)
    assert sorted(mail["To"].addresses[0].username for mail in desk.work()) == ["ada", "jane"]
    assert desk.broken() == {}


@pytest.mark.parametrize("which", [asked, offered])
def test_of_all_answers_at_once_exactly_one_counts(
    desk: Desk, which: Callable[[Desk], tuple[str, Decision]]
) -> None:
    """Yes and no from many tabs in the same moment: one answer, one event, one consequence, one email."""
    code, decision = which(desk)
    barrier = threading.Barrier(AT_ONCE)

    def click(number: int) -> str:
        choice = ("approved", "declined")[number % 2]
        barrier.wait(120)
        try:
            return desk.answer(code, decision, choice).answer
        except PaidSupportError:
            return ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        given = [choice for choice in pool.map(click, range(AT_ONCE)) if choice]
    assert given == [desk.decided(code)[0].answer]
    told = [kind for kind in desk.happened(code) if kind in set(decisions.EVENTS.values())]
    assert len(told) == 1
    accepted = decision.kind == "offer" and given == ["approved"]
    assert desk.ticket(code).price_minor == (6500 if accepted else 4500)
    assert desk.broken() == {}


@pytest.mark.postgres
def test_an_answer_and_a_withdrawal_at_once(pg_desk: Desk) -> None:
    """Either the customer was faster, or the owner: never both."""
    desk = pg_desk
    for _ in range(5):
        code, decision = asked(desk)
        barrier = threading.Barrier(2)

        def run(act: Callable[[], object], barrier: threading.Barrier = barrier) -> bool:
            barrier.wait(120)
            try:
                act()
            except TransitionRefusedError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            said = pool.submit(run, lambda c=code, d=decision: desk.answer(c, d, "approved"))  # type: ignore[misc]
            gone = pool.submit(run, lambda c=code, d=decision: withdraw(desk, c, d, desk.ada))  # type: ignore[misc]
        assert said.result() != gone.result()
        assert desk.decided(code)[0].answer == ("approved" if said.result() else "withdrawn")
        assert desk.broken() == {}


@pytest.mark.parametrize("state", ["queued", "failed", "withdrawn"])
def test_what_never_left_cannot_be_answered(lite_desk: Desk, state: str) -> None:
    """No one with a link can find it, whatever else they know."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    if state != "queued":
        with pytest.MonkeyPatch.context() as patch:
            refuse = NotSentError("No such mailbox.", permanent=True)
            patch.setattr(desk.transport, "send", lambda _mail: (_ for _ in ()).throw(refuse))
            desk.work()
    if state == "withdrawn":
        desk.settle(code, desk.ada, "withdrawn")
    assert desk.emails(code)[-1].state == state
    with pytest.raises(NotFoundError):
        desk.answer(code, decision, "approved")


def test_what_may_have_arrived_can_be_answered(lite_desk: Desk) -> None:
    """An uncertain email may have been read."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.transport, "send", lambda _mail: (_ for _ in ()).throw(UnclearError("It broke.")))
        desk.work()
    assert desk.emails(code)[-1].state == "uncertain"
    assert desk.answer(code, decision, "declined").answer == "declined"


def test_nobody_but_this_customer_answers(lite_desk: Desk) -> None:
    """Not the owner, not the customer of another ticket, not with another word than yes or no."""
    desk = lite_desk
    code, decision = asked(desk)
    other = desk.in_progress(desk.ada)
    given, ticket = {"word": "", "text_hash": decision.text_hash, "key": new_key()}, desk.ticket(code)
    for person in (desk.ada, desk.mia):
        with pytest.raises(NotFoundError), desk.ctx(person) as ctx:
            decisions.answer(ctx, ticket, decision.reference, "approved", **given)
    with pytest.raises(NotFoundError):
        desk.answer(other, decision, "approved")
    for choice in ("", "yes", "withdrawn", "APPROVED"):
        with pytest.raises(InvalidInputError):
            desk.answer(code, decision, choice)
    with pytest.raises(NotFoundError), desk.ctx(CUSTOMER) as ctx:
        decisions.withdraw(ctx, code, decision.reference, key=new_key())
    assert desk.decided(code)[0].answer == ""


@pytest.mark.parametrize(
    ("word", "accepted"),
    [
        ("Fine.\nAt night.", True),
        ("x" * 2000, True),
        ("x" * 2001, False),
        ("The password is hunter2", False),
        ("a\x00b", False),
    ],
)
def test_a_word_can_be_added_and_no_password(lite_desk: Desk, word: str, *, accepted: bool) -> None:
    """At most 2,000 characters; what looks like a login is refused at its field."""
    code, decision = asked(lite_desk)
    if accepted:
        assert lite_desk.answer(code, decision, "approved", word=word).word == word
        assert lite_desk.work()[0].get_content_type() == "multipart/alternative"
    else:
        with pytest.raises(InvalidInputError) as refused:
            lite_desk.answer(code, decision, "approved", word=word)
        assert list(refused.value.problems) == ["word"]
        assert lite_desk.decided(code)[0].answer == ""


def test_the_owner_is_told_without_the_customers_word(lite_desk: Desk) -> None:
    """The email says which question and what was answered; the word is read on the desk."""
    code, decision = asked(lite_desk)
    lite_desk.answer(code, decision, "declined", word="Not on my watch.")
    mail, receipt = sorted(lite_desk.work(), key=lambda each: str(each["To"].addresses[0].username))
    text = text_of(mail)
    assert "You haven't approved this step, so it's left out: Restart Apache" in text_of(receipt)
    assert mail["To"].addresses[0].display_name == "Ada"
    assert "The customer did not approve a step, no. 1: “Restart Apache”." in text
    assert "Leave it undone: a no is final." in text
    assert "watch" not in text


def test_a_reply_by_mail_or_message_is_no_answer(lite_desk: Desk) -> None:
    """“Yes” in the thread leaves the question open and the line locked."""
    code, _ = asked(lite_desk)
    lite_desk.receive(code, "Yes, please restart Apache!")
    with pytest.raises(TransitionRefusedError, match="has not answered"):
        tick(lite_desk, code)


@pytest.mark.row("G8")
@pytest.mark.parametrize("choice", ["approved", "declined"])
def test_an_answer_agrees_to_nothing_but_its_question(lite_desk: Desk, choice: str) -> None:
    """Work that was not agreed on does not start with it, whatever was written before."""
    desk = lite_desk
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    desk.receive(code, "What would more albums cost?")
    decision = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, decision, choice)
    with pytest.raises(TransitionRefusedError, match="Wait for the customer's reply"):
        desk.transition(code, "start", desk.ada)


@pytest.mark.row("G11")
def test_after_an_answer_the_desk_is_waited_for(lite_desk: Desk) -> None:
    """As after a reply: before work has started the claim has the shorter time again."""
    desk = lite_desk
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    decision = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, decision, "declined")
    assert desk.ticket(code).awaits == "desk"
    assert desk.ticket(code).lease_until == desk.clock.now + timedelta(hours=48)


def test_what_is_open_is_taken_back_by_the_owner_or_a_manager(desk: Desk) -> None:
    """Once, and not by a colleague; the customer cannot answer it any more."""
    for person in (desk.ada, desk.mia):
        code, decision = asked(desk)
        with pytest.raises(TransitionRefusedError, match="Only the owner"):
            withdraw(desk, code, decision, desk.ben)
        for _ in range(2):
            assert withdraw(desk, code, decision, person, "once").answer == "withdrawn"
        with pytest.raises(TransitionRefusedError, match="not open any more"):
            withdraw(desk, code, decision, person)
        with pytest.raises(TransitionRefusedError, match="withdrawn this"):
            desk.answer(code, decision, "approved")
        assert desk.happened(code)[-1] == "decision-withdrawn"
    with pytest.raises(NotFoundError), desk.ctx(desk.ada) as ctx:
        decisions.withdraw(ctx, code, "nothing", key=new_key())
    assert desk.broken() == {}


def test_a_question_that_is_taken_back_in_time_does_not_leave(lite_desk: Desk) -> None:
    """Its email is withdrawn with it."""
    code = lite_desk.in_progress(lite_desk.ada)
    decision = lite_desk.ask(code, lite_desk.ada)
    withdraw(lite_desk, code, decision, lite_desk.ada)
    assert lite_desk.work() == []
    assert lite_desk.emails(code)[-1].state == "withdrawn"
    assert lite_desk.broken() == {}


@pytest.mark.row("G6", "G11")
@pytest.mark.parametrize("transition", ["release", "hand-over"])
def test_what_reached_the_customer_outlives_a_claim_and_nothing_else(desk: Desk, transition: str) -> None:
    """The next owner takes over what is open; what had not left is withdrawn with its email."""
    code, arrived = asked(desk)
    late = desk.offer(code, desk.ada)
    filled: dict[str, Any] = {"note": "No time."} | (
        {"colleague": desk.ben.id} if transition == "hand-over" else {}
    )
    desk.transition(code, transition, desk.ada, **filled)
    assert [row.answer for row in desk.decided(code)] == ["", "withdrawn"]
    with pytest.raises(NotFoundError):
        desk.answer(code, late, "approved")
    if transition == "release":
        with pytest.raises(TransitionRefusedError, match="finding you a new developer"):
            desk.answer(code, arrived, "approved")
        desk.claim(code, desk.ben)
    desk.work()
    desk.answer(code, arrived, "approved")
    told = [mail for mail in desk.work() if mail["To"] != "jane@example.com"]
    assert [mail["To"].addresses[0].display_name for mail in told] == ["Ben"]
    assert desk.broken() == {}


@pytest.mark.row("G9")
@pytest.mark.parametrize("way", ["abandon", "reject"])
def test_with_the_end_of_the_work_nothing_waits_any_more(desk: Desk, way: str) -> None:
    """Abandoned, or called invalid after a release: what was open is withdrawn."""
    code, decision = asked(desk)
    if way == "reject":
        desk.transition(code, "release", desk.ada, note="No time.")
        desk.transition(code, "reject", desk.ben, reason="spam", note="Indeed.")
    else:
        desk.transition(code, "abandon", desk.ada, reason="no-response", note="Nothing heard.")
    assert desk.decided(code)[0].answer == "withdrawn"
    with pytest.raises(TransitionRefusedError):
        desk.answer(code, decision, "approved")
    assert desk.broken() == {}


@pytest.mark.row("G11")
def test_a_claim_that_lapses_takes_back_what_had_not_left(lite_desk: Desk) -> None:
    """The clock does as a release does."""
    desk = lite_desk
    code, _ = asked(desk)
    with desk.ctx() as ctx:
        values = {"lease_until": desk.clock.now + timedelta(hours=1), "lease_warned": True}
        ctx.session.execute(update(Ticket).where(Ticket.code == code).values(**values))
    desk.clock.forward(hours=2)
    desk.work()
    assert desk.ticket(code).part == "unassigned"
    assert [row.answer for row in desk.decided(code)] == [""]
    assert desk.broken() == {}


def test_what_is_open_is_listed_for_whoever_asks(lite_desk: Desk) -> None:
    """Open questions by number, without those that were answered."""
    desk = lite_desk
    code, first = asked(desk)
    second = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, first, "approved")
    with desk.ctx() as ctx:
        rows = decisions.open_ones(ctx, tickets.lock(ctx.session, code))
    assert [row.id for row in rows] == [second.id]


@pytest.mark.row("G14")
@pytest.mark.parametrize("when", ["answered", "unanswered"])
def test_a_line_that_appears_goes_by_what_was_asked_before(desk: Desk, when: str) -> None:
    """One operation ties the question to it, answered or not.

    Nobody is asked again, and it serves one line.
    """
    code = desk.in_progress(desk.ada)
    decision = desk.ask(code, desk.ada)
    desk.work()
    if when == "answered":
        desk.answer(code, decision, "approved")
    with desk.ctx(desk.ada) as ctx:
        checklists.set_traits(ctx, code, ["configuration"], key=new_key())
    with pytest.raises(TransitionRefusedError, match="Ask the customer for approval first"):
        tick(desk, code)
    for _ in range(2):
        with desk.ctx(desk.ben) as ctx:
            decisions.use_consent(ctx, code, decision.reference, ITEM, key="once")
    data = newest_event(desk, code, "consent-used").data
    assert (data["decision"], data["item"], data["hash"]) == (decision.reference, ITEM, decision.text_hash)
    if when == "unanswered":
        with pytest.raises(TransitionRefusedError, match="has not answered"):
            tick(desk, code)
        desk.answer(code, decision, "approved")
    with pytest.raises(TransitionRefusedError, match="can't be used"), desk.ctx(desk.ada) as ctx:
        decisions.use_consent(ctx, code, decision.reference, ITEM, key=new_key())
    tick(desk, code)
    assert desk.happened(code).count("consent-asked") == desk.happened(code).count("consent-used") == 1
    assert desk.broken() == {}


@pytest.mark.row("G14")
def test_what_is_no_free_yes_serves_no_line(lite_desk: Desk) -> None:
    """Neither a no, nor an offer, nor a yes from before a question for the line that was taken back."""
    desk = lite_desk
    code = desk.risky(desk.ada)
    old, no, offer = desk.ask(code, desk.ada), desk.ask(code, desk.ada), desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, old, "approved")
    desk.answer(code, no, "declined")
    withdraw(desk, code, desk.ask(code, desk.ada, ITEM), desk.ada)
    for decision in (old, no, offer):
        with pytest.raises(TransitionRefusedError, match="can't be used"), desk.ctx(desk.ada) as ctx:
            decisions.use_consent(ctx, code, decision.reference, ITEM, key=new_key())


@pytest.mark.row("G13", "G17")
def test_an_extra_waits_for_what_the_main_work_waits_for(desk: Desk) -> None:
    """It is not ticked before the backup, says so in the same words, and the backup then stays ticked."""
    code = desk.in_progress(desk.ada, service="upgrade", answers={"from_version": ["1.5"], "disk": ["yes"]})
    decision = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, decision, "approved")
    with pytest.raises(TransitionRefusedError, match="First: Back up the old gallery and all albums"):
        desk.tick(code, desk.ada, "extra-1")
    desk.tick(code, desk.ada, "backup", where="/home/jane", size="2 GB", verified="tar -t")
    assert desk.tick(code, desk.ada, "extra-1").state == "done"
    seen = checklists.Tick("backup", desk.items(code)["backup"].version, new_key())
    with pytest.raises(TransitionRefusedError, match="was done because of this"), desk.ctx(desk.ada) as ctx:
        checklists.untick(ctx, code, seen)


def test_only_an_answer_answers_the_customer(desk: Desk) -> None:
    """Neither a request for approval nor an offer does, nor what they decide about it; a message does."""
    code = desk.risky(desk.ada)
    desk.receive(code, "When will you be done?")
    consent = desk.ask(code, desk.ada, ITEM)
    desk.offer(code, desk.ada)
    desk.work()
    assert desk.ticket(code).awaits == "desk"
    desk.answer(code, consent, "approved")
    with desk.ctx(desk.ada) as ctx:
        assert pages.for_desk(ctx, code).unanswered
    assert desk.broken() == {}
    desk.write(code, desk.ada, "On Friday.")
    assert desk.ticket(code).awaits == "customer"
    desk.receive(code, "Fine.")
    desk.write(code, desk.ada, "Good.")
    desk.ask(code, desk.ada, what="Restart it again")
    assert desk.ticket(code).awaits == "customer", "nothing was open any more"
    assert desk.broken() == {}
