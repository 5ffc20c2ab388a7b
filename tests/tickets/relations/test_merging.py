"""Merging duplicates, and separating them again: nothing is lost, and no email is sent (P7)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from paidsupport.intake.mail import inbound
from paidsupport.kernel.actors import CUSTOMER, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    NotTheOwnerError,
    PaidSupportError,
    StaleTicketError,
    TransitionRefusedError,
)
from paidsupport.kernel.mail.transports import UnclearError
from paidsupport.ops.erasure import erasure
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import CustomerPage, DeskPage
from paidsupport.tickets.relations.operations import merging
from tests.intake.mail.incoming import answer, contacted, deliver, mail, thread
from tests.paying import begun_payment
from tests.people import Desk
from tests.tickets.test_pages import stick

pytestmark = pytest.mark.row("P7")


def merge(desk: Desk, code: str, other: str, by: Actor | None = None, key: str = "") -> None:
    """Merge `code` into `other`, as both are now; by Ben, unless another person is named."""
    seen = {"version": desk.ticket(code).version, "other_version": 0}
    if code != other:
        with desk.ctx() as ctx:
            found = merging.weigh(ctx, code, other).other
            seen["other_version"] = found.version if found else 0
    with desk.ctx(by or desk.ben) as ctx:
        merging.merge(ctx, code, other, key=key or new_key(), **seen)


def apart(desk: Desk, code: str, by: Actor | None = None, key: str = "") -> None:
    """Take a duplicate out again, as it is now."""
    version = desk.ticket(code).version
    with desk.ctx(by or desk.mia) as ctx:
        merging.take_apart(ctx, code, version=version, key=key or new_key())


def page(desk: Desk, code: str) -> DeskPage:
    """A ticket as the desk sees it."""
    with desk.ctx() as ctx:
        found = pages.for_desk(ctx, code)
        # each part is read when it is asked for, and this session ends here
        _ = [found[part] for part in pages.PARTS], found.annotations
        return found


def private(desk: Desk, token: str) -> CustomerPage:
    """What the customer sees behind a private link."""
    with desk.ctx(CUSTOMER) as ctx:
        named = submissions.by_link(ctx, token)
        return pages.for_customer(ctx, tickets.living(ctx.session, named))


def against(desk: Desk, code: str, other: str, by: Actor | None = None) -> str:
    """What the page before a merge says against it; the operation says the same."""
    with desk.ctx(by or desk.ben) as ctx:
        said = merging.weigh(ctx, code, other).against
    if not said:
        return ""
    with pytest.raises(TransitionRefusedError) as refused:
        merge(desk, code, other, by)
    assert refused.value.sentences == said
    return " ".join(said)


def bodies(spoken: list[pages.Spoken]) -> list[str]:
    """What was said."""
    return [each.message.body for each in spoken]


def test_a_duplicate_ends_and_is_read_on_the_other_ticket(desk: Desk) -> None:
    """By the existing transition; both histories record it, no email is sent, no claim is lost."""
    code, other = desk.order(details="My albums, again."), desk.order()
    desk.receive(code, "Are you there?")
    desk.claim(other, desk.ada)
    before = [len(desk.emails(each)) for each in (code, other)]
    merge(desk, code, other.lower().replace("-", " "))
    ticket, kept = desk.ticket(code), desk.ticket(other)
    assert (ticket.state, ticket.end_reason, ticket.merged_into_id) == ("invalid", "duplicate", kept.id)
    assert (kept.state, kept.owner_id, kept.version, kept.claim_number) == ("pending", desk.ada.id, 2, 1)
    assert desk.happened(code) == ["submitted", "message-in", "reject", "merged"]
    assert desk.happened(other) == ["submitted", "claim", "merged-here"]
    assert [len(desk.emails(each)) for each in (code, other)] == before
    shown = page(desk, other)
    assert [(each.ticket.code, bodies(each.thread)) for each in shown.merged] == [(code, ["Are you there?"])]
    assert (shown.thread, shown.into) == ([], None)
    mine = page(desk, code)
    assert mine.into is not None
    assert (mine.into.code, mine.merged, bodies(mine.thread)) == (other, [], ["Are you there?"])
    assert desk.broken() == {}


def test_taken_apart_it_is_open_again_and_nothing_is_missing(desk: Desk) -> None:
    """Its claim ended with the merge and does not come back; what came in meanwhile stays where it is."""
    desk.hush()
    code, other = desk.order(), desk.order()
    desk.receive(code, "First.")
    desk.claim(code, desk.ben)
    token = desk.token(code)
    merge(desk, code, other)
    assert private(desk, token).ticket.code == other
    desk.receive(other, "Meanwhile.")
    apart(desk, code)
    ticket = desk.ticket(code)
    assert (ticket.state, ticket.part, ticket.owner_id, ticket.ended_at) == ("open", "unassigned", None, None)
    assert ticket.merged_into_id is None
    assert bodies(private(desk, token).thread) == ["First."]
    assert (bodies(page(desk, other).thread), page(desk, other).merged) == (["Meanwhile."], [])
    assert desk.happened(code)[-2:] == ["reopen", "taken-apart"]
    assert desk.happened(other)[-1] == "taken-apart"
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    assert {sent["To"] for sent in desk.work()} == {"jane@example.com"}
    assert desk.broken() == {}


def test_a_form_sent_twice_acts_once(desk: Desk) -> None:
    """Merging and taking apart; with another ticket the key is used up."""
    code, other, third = desk.order(), desk.order(), desk.order()
    keys = new_key(), new_key()
    for _ in range(2):
        merge(desk, code, other, key=keys[0])
    with pytest.raises(KeyReusedError):
        merge(desk, code, third, key=keys[0])
    for _ in range(2):
        apart(desk, code, key=keys[1])
    assert desk.happened(code) == ["submitted", "reject", "merged", "reopen", "taken-apart"]
    assert desk.happened(other) == ["submitted", "merged-here", "taken-apart"]


@pytest.mark.parametrize("stale", ["code", "other", "apart"])
def test_who_saw_an_old_page_merges_nothing(desk: Desk, stale: str) -> None:
    """Either ticket has moved on since; the sentence names it and who has it."""
    code, other = desk.order(), desk.order()
    seen = {"version": 1, "other_version": 1}
    if stale == "apart":
        merge(desk, code, other)
        apart(desk, code)
        with pytest.raises(StaleTicketError), desk.ctx(desk.ben) as ctx:
            merging.take_apart(ctx, code, version=2, key=new_key())
        return
    moved = code if stale == "code" else other
    desk.claim(moved, desk.ada)
    with pytest.raises(StaleTicketError, match=f"{moved} .* Ada"), desk.ctx(desk.ben) as ctx:
        merging.merge(ctx, code, other, key=new_key(), **seen)
    assert page(desk, other).merged == []


@pytest.mark.parametrize(
    ("other", "said"),
    [("itself", "into itself"), ("PS-2222-2222", "no ticket with this code"), ("nonsense", "no ticket")],
)
def test_a_wrong_code_is_told_at_its_field(desk: Desk, other: str, said: str) -> None:
    """Before the merge and by the merge."""
    code = desk.order()
    typed = code if other == "itself" else other
    with pytest.raises(InvalidInputError, match=said) as refused:
        merge(desk, code, typed)
    assert set(refused.value.problems) == {"other"}
    with desk.ctx(desk.ben) as ctx:
        assert said in merging.weigh(ctx, code, typed).against[0]
        with pytest.raises(NotFoundError):
            merging.weigh(ctx, "PS-2222-2222", code)


class TestRefused:
    """What is not merged, with a sentence that says what to do instead."""

    def test_another_customers_ticket(self, desk: Desk) -> None:
        """Each would read what the other wrote; the same address in capitals is the same customer."""
        code, other = desk.order(), desk.order(email="john@example.com")
        assert "different customers" in against(desk, code, other)
        assert "Link the two" in against(desk, code, other)
        assert against(desk, code, desk.order(email="JANE@Example.com")) == ""

    def test_an_order_under_another_account(self, desk: Desk) -> None:
        """A signed-in user finds their orders without the email: an address they typed proves nothing."""
        code, other = desk.order(), desk.order(user_id="7")
        for pair in ((code, other), (other, code), (other, desk.order(user_id="8"))):
            assert "account of the site" in against(desk, *pair)
        assert against(desk, other, desk.order(user_id="7")) == ""

    def test_chains(self, desk: Desk) -> None:
        """Neither into a duplicate nor with duplicates inside; several into one are fine."""
        one, two, three, four = (desk.order() for _ in range(4))
        merge(desk, one, two)
        assert f"itself merged into {two}. Merge this one into that" in against(desk, three, one)
        assert f"{one} was merged into this ticket" in against(desk, two, three)
        assert "merged into another one already" in against(desk, one, four)
        merge(desk, three, two)
        assert [each.ticket.code for each in page(desk, two).merged] == [one, three]
        assert desk.broken() == {}

    def test_what_a_colleague_has(self, desk: Desk) -> None:
        """Its owner or a manager can; the owner of the other one does not matter."""
        code, other = desk.order(), desk.order()
        desk.claim(code, desk.ada)
        desk.claim(other, desk.ada)
        assert "This ticket has another owner" in against(desk, code, other, desk.ben)
        merge(desk, code, other, desk.ada)
        apart(desk, code, desk.ben)
        desk.claim(code, desk.ada)
        merge(desk, code, other, desk.mia)
        assert desk.broken() == {}

    def test_what_has_ended(self, desk: Desk) -> None:
        """Nothing is left to merge, and messages there would not be read."""
        code, other = desk.order(), desk.order()
        desk.transition(code, "reject", desk.ada, reason="spam", note="Spam.")
        assert "This ticket has ended" in against(desk, code, other)
        assert f"{code} has ended. Open it again first" in against(desk, other, code)

    def test_work_that_has_begun(self, desk: Desk) -> None:
        """Under way, or given back with a checklist."""
        code, other = desk.in_progress(desk.ada), desk.order()
        assert "Work has begun" in against(desk, code, other, desk.ada)
        desk.transition(code, "release", desk.ada, note="No time.")
        assert "Work has begun" in against(desk, code, other)
        merge(desk, other, code)

    def test_access_and_agreements(self, desk: Desk) -> None:
        """Also what is destroyed already: its customer must be able to read who looked."""
        other = desk.order()
        given, offered = desk.order(), desk.order()
        for code in (given, offered):
            desk.claim(code, desk.ada)
            desk.write(code, desk.ada)
        desk.claim(other, desk.ada)
        desk.write(other, desk.ada)
        desk.work()
        desk.take_back(given, desk.give(given, "correct Horse"))
        offer = desk.offer(offered, desk.ada)
        desk.work()
        assert against(desk, offered, other, desk.ada) == ""
        desk.answer(offered, offer, "approved")
        for code in (given, offered):
            assert "Work has begun" in against(desk, code, other, desk.ada)

    @pytest.mark.row("N1")
    def test_a_customer_who_would_be_contacted_twice(self, desk: Desk) -> None:
        """One who heard from us about the duplicate alone would get a second first contact."""
        code, other = desk.order(), desk.order()
        desk.claim(code, desk.ada)
        desk.write(code, desk.ada)
        desk.work()
        assert "is never contacted twice" in against(desk, code, other, desk.ada)
        merge(desk, other, code)
        # its owner hears of the duplicate, its customer does not
        assert [sent["To"] for sent in desk.work()] == ["Ada <ada@example.org>"]

    @pytest.mark.row("P13")
    def test_erased_tickets(self, desk: Desk) -> None:
        """They stay as they are."""
        code, other = desk.order(), desk.order(email="gone@example.com")
        desk.transition(other, "reject", desk.ada, reason="spam", note="Spam.")
        with desk.ctx(desk.mia) as ctx:
            erasure.erase(ctx, "gone@example.com")
        assert f"{other} was erased" in against(desk, code, other)
        assert f"{other} was erased" in against(desk, other, code)

    def test_moves_out_of_a_duplicate(self, desk: Desk) -> None:
        """It cannot be opened, written from or taken apart twice: the merge is undone first."""
        code, other = desk.order(), desk.order()
        merge(desk, code, other)
        with pytest.raises(TransitionRefusedError, match="Take the two apart first"):
            desk.transition(code, "reopen", desk.ada, note="Again.")
        with desk.ctx(desk.ada) as ctx:
            assert transitions.possible(ctx, tickets.lock(ctx.session, code)) == []
        apart(desk, code)
        with pytest.raises(TransitionRefusedError, match="not merged"):
            apart(desk, code)


def test_what_has_not_left_is_withdrawn_and_questions_are_taken_back(desk: Desk) -> None:
    """As with any end: the email of a lost claim, an open offer; what is written too late is refused."""
    code, other = desk.order(), desk.order()
    for each in (code, other):
        desk.claim(each, desk.ada)
        desk.write(each, desk.ada)
    desk.work()
    offer = desk.offer(code, desk.ada)
    desk.work()
    desk.write(code, desk.ada, "One more thing.")
    merge(desk, code, other, desk.ada)
    assert [sent["To"] for sent in desk.work()] == []
    assert [row.answer for row in desk.decided(code)] == ["withdrawn"]
    assert desk.emails(code)[-1].state == "withdrawn"
    with pytest.raises(NotTheOwnerError), desk.ctx(desk.ada) as ctx:
        correspondence.write(ctx, code, Draft("Late.", 1, 3, new_key()))
    # the link in the mail about the offer says what became of it, and no answer counts
    with pytest.raises(TransitionRefusedError, match="withdrawn this"):
        desk.answer(other, offer, "approved")
    assert desk.broken() == {}


@pytest.mark.row("N1")
def test_an_uncertain_letter_stays_to_be_decided_and_never_leaves_again(desk: Desk) -> None:
    """The claim it was written under is over."""
    code, other = desk.order(), desk.order()
    for each in (code, other):
        desk.claim(each, desk.ada)
        desk.write(each, desk.ada)
    desk.work()
    desk.write(code, desk.ada, "It broke on the way.")
    stick(desk, UnclearError("It broke."))
    merge(desk, code, other, desk.ada)
    with pytest.raises(TransitionRefusedError, match="has ended, so it can't be sent again"):
        desk.settle(code, desk.mia, "again")
    email = desk.settle(code, desk.mia, "withdrawn")
    assert (email.state, desk.work()) == ("withdrawn", [])
    with desk.ctx(desk.mia) as ctx:
        assert emails.decisions(ctx, tickets.lock(ctx.session, code), email) == []
    assert desk.broken() == {}


@pytest.mark.row("P4")
class TestMailAfterwards:
    """What the customer writes by mail, with the proof that it always takes."""

    def test_an_answer_to_the_duplicate_is_filed_where_things_go_on(self, desk: Desk) -> None:
        """By the token in its address, by the email it answers; after the two are apart, there again."""
        kept, _ = contacted(desk)
        code, email = contacted(desk)
        merge(desk, code, kept, desk.ada)
        assert deliver(desk, answer(email, "By both.")).ticket == kept
        assert deliver(desk, mail("By the token.", To=str(email["Reply-To"]))).ticket == kept
        by_email = answer(email, "By the letter.", To="support@example.org")
        assert deliver(desk, by_email).ticket == kept
        assert thread(desk, kept) == ["By both.", "By the token.", "By the letter."]
        assert thread(desk, code) == []
        assert desk.ticket(code).awaits == ""
        apart(desk, code)
        assert deliver(desk, answer(email, "Apart.")).ticket == code
        assert desk.broken() == {}

    def test_a_stranger_is_held_back_as_ever(self, desk: Desk) -> None:
        """And the owner of the ticket that stays is told."""
        kept, _ = contacted(desk)
        code, email = contacted(desk)
        merge(desk, code, kept, desk.ada)
        held = deliver(desk, answer(email, From="eve@example.net"))
        assert (held.state, held.ticket) == ("quarantined", kept)
        assert [sent["To"] for sent in desk.work()] == ["Ada <ada@example.org>"]
        assert thread(desk, kept) == thread(desk, code) == []

    def test_a_mail_that_comes_while_the_two_are_merged_is_read_again(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It found the duplicate a moment before the merge: it waits, and is filed where things go on."""
        kept, _ = contacted(desk)
        code, email = contacted(desk)
        merge(desk, code, kept, desk.ada)
        with monkeypatch.context() as before:
            before.setattr(tickets, "living", lambda _session, ticket: ticket)
            assert deliver(desk, answer(email, "Just now.")).state == "kept"
        assert thread(desk, kept) == thread(desk, code) == []
        desk.clock.now += inbound.LOST_AFTER + timedelta(seconds=1)
        mount = mount_of(desk.app)
        with desk.app.app_context():
            assert inbound.resume(mount.by_clock) == 1
        assert (thread(desk, kept), thread(desk, code)) == (["Just now."], [])
        assert desk.broken() == {}


class TestLinks:
    """Both private links, and both codes."""

    def test_both_lead_to_the_ticket_that_stays_as_long_as_it_lasts(self, desk: Desk) -> None:
        """Also long after the end of the duplicate; made void, one does not take the other with it."""
        code, other = desk.order(), desk.order()
        tokens = desk.token(code), desk.token(other)
        merge(desk, code, other)
        desk.clock.now += timedelta(days=1000)
        for token in tokens:
            shown = private(desk, token)
            assert (shown.ticket.code, [each.ticket.code for each in shown.merged]) == (other, [code])
        with desk.ctx(desk.mia) as ctx:
            correspondence.renew_link(ctx, code)
        with pytest.raises(NotFoundError):
            private(desk, tokens[0])
        assert private(desk, tokens[1]).ticket.code == other
        assert private(desk, desk.token(code)).ticket.code == other

    def test_whoever_asks_by_the_code_is_told_who_has_it(self, desk: Desk) -> None:
        """By either code."""
        code, other = desk.order(), desk.order()
        merge(desk, code, other)
        desk.claim(other, desk.ada)
        with desk.ctx() as ctx:
            told = [claims.who_holds(ctx, each) for each in (code, other)]
        assert told[0] == told[1]
        assert (told[0].known, told[0].name) == (True, "Ada")

    def test_the_lost_link_is_sent_again(self, desk: Desk) -> None:
        """It opens the ticket that stays."""
        code, other = desk.order(), desk.order()
        merge(desk, code, other)
        desk.work()
        with desk.ctx() as ctx:
            correspondence.send_links(ctx, "jane@example.com", key=new_key())
        (sent,) = desk.work()
        assert desk.token(other) in sent.get_content() if not sent.is_multipart() else str(sent)


@pytest.mark.row("G15")
def test_what_was_written_on_the_duplicate_is_not_quoted_either(desk: Desk) -> None:
    """A password in it would leave with an email about the other ticket."""
    code, other = desk.order(), desk.order()
    desk.receive(code, "The password: tulip-Field-9")
    merge(desk, code, other)
    desk.claim(other, desk.ada)
    with pytest.raises(InvalidInputError, match="reveals a login"):
        desk.annotate(other, desk.ada, "Log in with tulip-Field-9.")


@pytest.mark.row("P13")
def test_the_customer_is_erased_from_both(desk: Desk) -> None:
    """Also the message on the duplicate; afterwards the two stay as they are."""
    code, other = desk.order(email="Gone@example.com"), desk.order(email="gone@example.com")
    desk.receive(code, "I am the zebra.")
    merge(desk, code, other)
    desk.transition(other, "reject", desk.ada, reason="spam", note="Spam.")
    with desk.ctx(desk.mia) as ctx:
        assert sorted(erasure.erase(ctx, "gone@example.com").codes) == sorted([code, other])
    (inside,) = page(desk, other).merged
    assert bodies(inside.thread) == ["(erased)"]
    with pytest.raises(TransitionRefusedError, match="erased"):
        apart(desk, code)
    assert desk.broken() == {}


def at_once(desk: Desk, *deeds: Callable[[], object]) -> list[object]:
    """Do all at the same moment; what each raised, or nothing."""
    barrier = threading.Barrier(len(deeds))

    def act(deed: Callable[[], object]) -> object:
        barrier.wait(120)
        try:
            deed()
        except PaidSupportError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(act, deeds))


def test_merged_into_each_other_at_once_one_wins(desk: Desk) -> None:
    """The later one is told that something has changed; neither waits for ever."""

    def one_into(code: str, other: str, by: Actor) -> Callable[[], None]:
        def act() -> None:
            with desk.ctx(by) as ctx:
                merging.merge(ctx, code, other, version=1, other_version=1, key=new_key())

        return act

    for _ in range(4):
        desk.clock.forward(hours=2)
        one, two, three = desk.order(), desk.order(), desk.order()
        ends = at_once(
            desk,
            one_into(one, two, desk.ada),
            one_into(two, one, desk.ben),
            one_into(two, three, desk.mia),
        )
        assert ends.count(None) in {1, 2}
        assert set(ends) <= {None, StaleTicketError, TransitionRefusedError}
        assert desk.broken() == {}


def test_a_message_that_comes_while_the_two_are_merged_is_not_lost(desk: Desk) -> None:
    """It is on one of them, or its writer is asked to send it again, to where things go on then."""
    for _ in range(4):
        desk.clock.forward(hours=2)
        code, other = desk.order(), desk.order()

        def write(code: str = code) -> None:
            with desk.ctx(CUSTOMER) as ctx:
                named = ctx.session.merge(desk.ticket(code), load=False)
                correspondence.receive(ctx, named, "Hello?", key=new_key())

        def act(code: str = code, other: str = other) -> None:
            with desk.ctx(desk.ada) as ctx:
                merging.merge(ctx, code, other, version=1, other_version=1, key=new_key())

        ends = at_once(desk, write, act)
        said = bodies(page(desk, code).thread)
        assert (ends[0], said) in [(None, ["Hello?"]), (StaleTicketError, [])]
        assert desk.broken() == {}


@pytest.mark.row("P9")
def test_a_question_on_the_duplicate_waits_on_the_other_ticket(desk: Desk) -> None:
    """Its owner sees that an answer is due, and is told."""
    code, _ = contacted(desk)
    assert desk.ticket(code).awaits == "customer"
    double = desk.order()
    desk.receive(double, "Why does it need no answer?")
    merge(desk, double, code)
    ticket = desk.ticket(code)
    assert (ticket.awaits, ticket.due_kind) == ("desk", "answer")
    desk.tell()
    assert desk.broken() == {}


def test_a_renewed_link_closes_those_of_duplicates_too(desk: Desk) -> None:
    """The link of a duplicate, if it was found by a stranger, stops working as well."""
    code, other = desk.order(), desk.order()
    merge(desk, code, other)
    tokens = desk.token(code), desk.token(other)
    with desk.ctx() as ctx:
        correspondence.renew_link(ctx, other)
    for token in tokens:
        with pytest.raises(NotFoundError):
            private(desk, token)
    assert private(desk, desk.token(code)).ticket.code == other
    assert desk.broken() == {}


def test_what_was_paid_for_stays_where_it_is(desk: Desk) -> None:
    """The money of a duplicate would belong to a ticket that nobody looks at any more."""
    code, other = desk.order(), desk.order()
    with desk.ctx() as ctx:
        begun_payment(ctx, tickets.lock(ctx.session, code))
    assert "a payment" in against(desk, code, other)
    assert against(desk, other, code) == ""
