"""Requests are sorted, each by one person; pages answer them; claims on them lapse (T2, T5)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, text

from paidsupport.intake.gaps.operations import documented
from paidsupport.intake.gaps.operations.documented import Page
from paidsupport.intake.guides import operations as guides
from paidsupport.intake.guides import queries as guide_queries
from paidsupport.intake.requests.tables import Pointer
from paidsupport.intake.triage import operations as triage
from paidsupport.intake.triage.queries import upcoming
from paidsupport.kernel.actors import CUSTOMER, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    NotTheOwnerError,
    StaleThreadError,
    StaleTicketError,
    TransitionRefusedError,
)
from paidsupport.ops.erasure import erasure
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.deadlines.tables import Deadline
from paidsupport.tickets.notices.tables import Notice
from paidsupport.tickets.operations import claims
from paidsupport.tickets.tables import Claim, Ticket
from tests.intake.mail.incoming import answer as reply
from tests.intake.mail.incoming import deliver, mail, thread
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("T2")

GUIDE = "photos-do-not-upload"


def asked(desk: Desk, text: str = "My photos do not upload.", **headers: str) -> str:
    """A request that came by mail; returns its code. Its acknowledgement has left."""
    code = deliver(desk, mail(text, **headers)).ticket
    desk.work()
    assert code
    return code


def decide(desk: Desk, code: str, by: Actor, decision: str, note: str = "") -> Ticket:
    """Say what a request is, as it is now."""
    with desk.ctx(by) as ctx:
        version = tickets.lock(ctx.session, code).version
        return triage.decide(ctx, code, decision, version=version, key=new_key(), note=note)


def point(desk: Desk, code: str, by: Actor, slug: str = GUIDE, url: str = "") -> Ticket:
    """Point the customer to a page with the email as it is drafted; it leaves with the next work."""
    with desk.ctx(by) as ctx:
        ticket = tickets.lock(ctx.session, code)
        page = documented.chosen(ctx, slug, url)
        body = documented.draft(ctx, ticket, page).body
        email = Draft(body, ticket.claim_number, ticket.thread, new_key())
        return documented.point(ctx, code, page, email, version=ticket.version)


def pointers(desk: Desk, code: str) -> list[tuple[str, str, bool]]:
    """Address and answer of every page that a customer was pointed to, and whether it is a guide."""
    wanted = select(Pointer).join(Ticket, Ticket.id == Pointer.ticket_id).where(Ticket.code == code)
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(wanted.order_by(Pointer.id))
        return [(row.url, row.answer, row.guide_id is not None) for row in rows]


def answered(desk: Desk, code: str, choice: str, words: str = "", **more: object) -> Ticket:
    """The customer's answer on their page, as it is now."""
    with desk.ctx(CUSTOMER) as ctx:
        ticket = tickets.lock(ctx.session, code)
        sent = {"words": words, "version": ticket.version, "key": new_key()} | more
        return documented.answer(ctx, ticket, choice, **sent)  # type: ignore[arg-type]


def test_the_oldest_that_waits_comes_first_and_skipped_ones_stay(desk: Desk) -> None:
    """By its time, behind a key; what is sorted or paid for is not there."""
    first = asked(desk, "One.")
    desk.clock.forward(hours=1)
    second = asked(desk, "Two.\n\n> a\n> b\n> c")
    desk.order()
    with desk.ctx(desk.ada) as ctx:
        found = upcoming(ctx.session)
        assert found is not None
        assert (found.ticket.code, found.number) == (first, 2)
        assert [message.body for message in found.messages] == ["One."]
        assert found.intake is not None
        # the paid order of the same address, and the other request
        assert {other.workflow for other in found.others} == {"paid", "request"}
        behind = upcoming(ctx.session, (found.ticket.submitted_at, found.ticket.id))
        assert behind is not None
        assert behind.ticket.code == second
        assert upcoming(ctx.session, (behind.ticket.submitted_at, behind.ticket.id)) is None
    decide(desk, first, desk.ada, "spam")
    with desk.ctx(desk.ada) as ctx:
        left = upcoming(ctx.session)
        assert left is not None
        assert (left.ticket.code, left.number) == (second, 1)


@pytest.mark.parametrize("many", [4_000, pytest.param(20_000, marks=pytest.mark.soak)])
def test_many_thousand_requests_are_sorted_by_their_indexes(pg_desk: Desk, many: int) -> None:
    """Neither the next one, nor the count, nor the sender's other tickets are looked for row by row."""
    code = asked(pg_desk)
    with pg_desk.ctx() as ctx:
        row = ctx.session.execute(select(Ticket.__table__).where(Ticket.code == code)).one()._mapping
        common = {key: value for key, value in row.items() if key != "id"}
        lines = [
            common | {"code": f"X{n}", "reference": f"X{n}", "customer_address": f"n{n}@example.net"}
            for n in range(many)
        ]
        ctx.session.execute(insert(Ticket.__table__), lines)  # type: ignore[arg-type]
        ctx.session.execute(text("ANALYZE paidsupport_ticket"))
    with pg_desk.statements() as seen, pg_desk.ctx(pg_desk.ada) as ctx:
        found = upcoming(ctx.session)
        assert found is not None
        assert found.number == 1001
    assert len(seen) == 4
    for query in (
        """SELECT * FROM paidsupport_ticket WHERE workflow = 'request' AND part = 'unassigned'
        ORDER BY submitted_at, id LIMIT 1""",
        "SELECT * FROM paidsupport_ticket WHERE customer_address = 'n7@example.net'",
    ):
        with pg_desk.ctx() as ctx:
            plan = ctx.session.scalars(text(f"EXPLAIN {query}")).all()
        assert "Index" in " ".join(plan), plan


def test_each_decision_is_one_move(desk: Desk) -> None:
    """A bug is claimed with it and says where it is followed; commercial goes on as a lead; spam ends."""
    bug, lead, spam, mine = (asked(desk, f"Number {n}.") for n in range(4))
    with pytest.raises(InvalidInputError) as refused:
        decide(desk, bug, desk.ada, "bug", "  ")
    assert list(refused.value.problems) == ["note"]
    assert desk.ticket(bug).owner_id is None
    ticket = decide(desk, bug, desk.ada, "bug", "#4711")
    assert (ticket.state, ticket.owner_id) == ("following", desk.ada.id)
    assert desk.happened(bug)[-2:] == ["claim", "follow"]
    ticket = decide(desk, lead, desk.ada, "commercial")
    assert (ticket.workflow, ticket.state, ticket.owner_id) == ("sales", "lead", None)
    ticket = decide(desk, spam, desk.ben, "spam")
    assert (ticket.state, ticket.part) == ("spam", "closed")
    ticket = decide(desk, mine, desk.ben, "take")
    assert (ticket.state, ticket.owner_id) == ("triage", desk.ben.id)
    with pytest.raises(InvalidInputError):
        decide(desk, mine, desk.ben, "everything")
    assert desk.broken() == {}


def test_spam_is_undone(desk: Desk) -> None:
    """It waits again, at its old place."""
    code = asked(desk)
    version = decide(desk, code, desk.ada, "spam").version
    with desk.ctx(desk.ada) as ctx:
        triage.undo_spam(ctx, code, version=version, key=new_key())
    assert desk.ticket(code).state == "new"
    with desk.ctx() as ctx:
        found = upcoming(ctx.session)
        assert found is not None
        assert found.ticket.code == code


@pytest.mark.row("N1")
def test_of_many_who_sort_at_once_exactly_one_decides(desk: Desk) -> None:
    """Whatever each of them wants; the others are told, and their decisions leave nothing behind."""
    code = asked(desk)
    version = desk.ticket(code).version
    barrier = threading.Barrier(8)

    def click(number: int) -> str:
        person = (desk.ada, desk.ben, desk.mia)[number % 3]
        decision = ("bug", "commercial", "spam", "take")[number % 4]
        barrier.wait(120)
        try:
            with desk.ctx(person) as ctx:
                triage.decide(ctx, code, decision, version=version, key=new_key(), note="#1")
        except StaleTicketError:
            return ""
        return decision

    with ThreadPoolExecutor(8) as pool:
        won = [decision for decision in pool.map(click, range(8)) if decision]
    assert len(won) == 1
    assert desk.broken() == {}


def test_a_decision_that_is_sent_again_is_one(desk: Desk) -> None:
    """The same form twice; with other content it is refused."""
    code = asked(desk)
    sent = {"version": desk.ticket(code).version, "key": new_key()}
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            triage.decide(ctx, code, "bug", note="#1", **sent)  # type: ignore[arg-type]
    assert desk.happened(code).count("follow") == 1
    with desk.ctx(desk.ada) as ctx, pytest.raises(KeyReusedError):
        triage.decide(ctx, code, "bug", note="#2", **sent)  # type: ignore[arg-type]


@pytest.mark.row("T5", "N1")
def test_pointing_claims_writes_and_waits_in_one_go(desk: Desk) -> None:
    """The email is the first contact; it names the page and asks; the request waits for the answer."""
    code = asked(desk)
    ticket = point(desk, code, desk.ada)
    assert (ticket.state, ticket.owner_id, ticket.awaits) == ("waiting", desk.ada.id, "customer")
    assert desk.happened(code)[-3:] == ["claim", "message-out", "point"]
    email = desk.emails(code)[-1]
    assert (email.kind, email.contact, email.claim_number) == ("pointer", "first", 1)
    [out] = desk.work()
    body = out.get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert f"/support/help/{GUIDE}" in said
    assert "Does it help?" in said
    assert "I'm Ada" in said
    assert pointers(desk, code) == [(f"http://127.0.0.1:5000/support/help/{GUIDE}", "", True)]
    # nobody writes a first contact after it
    desk.transition(code, "not-helped", desk.ada)
    assert desk.write(code, desk.ada, "More.").kind == "message"
    assert pointers(desk, code)[0][1] == "not-helped"
    assert desk.broken() == {}


@pytest.mark.row("T5")
def test_a_page_elsewhere_needs_an_address_that_is_safe(desk: Desk) -> None:
    """Only https, without a password in it, and it must stand in the email."""
    code = asked(desk)
    for wrong in ("", "http://example.com", "javascript:alert(1)", "https://a:b@example.com", "https://"):
        with pytest.raises(InvalidInputError) as refused:
            point(desk, code, desk.ada, "", wrong)
        assert list(refused.value.problems) == ["url"]
    with pytest.raises(NotFoundError):
        point(desk, code, desk.ada, "ending-well")
    email, page = Draft("See the page.", 0, 1, new_key()), Page("https://example.com/x")
    with pytest.raises(InvalidInputError) as refused, desk.ctx(desk.ada) as ctx:
        documented.point(ctx, code, page, email, version=1)
    assert list(refused.value.problems) == ["body"]
    assert desk.ticket(code).owner_id is None
    point(desk, code, desk.ada, "", "https://example.com/x")
    assert pointers(desk, code) == [("https://example.com/x", "", False)]


@pytest.mark.row("T5", "N1")
def test_a_letter_that_is_late_leaves_nothing_behind(desk: Desk) -> None:
    """Because a colleague owns it, the customer has written, or the form was sent twice."""
    code = asked(desk)
    with desk.ctx(desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        page = documented.chosen(ctx, GUIDE, "")
        email = Draft(documented.draft(ctx, ticket, page).body, 0, ticket.thread, new_key())
        version = ticket.version
    desk.receive(code, "It is version 3.")
    with pytest.raises(StaleThreadError), desk.ctx(desk.ada) as ctx:
        documented.point(ctx, code, page, email, version=version)
    assert desk.ticket(code).owner_id is None
    email = replace(email, thread=2)
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            documented.point(ctx, code, page, email, version=version)
    assert desk.happened(code).count("point") == 1
    assert len(pointers(desk, code)) == 1
    with pytest.raises(StaleTicketError), desk.ctx(desk.ben) as ctx:
        documented.point(ctx, code, page, replace(email, key=new_key()), version=version)
    now = desk.ticket(code)
    again = replace(email, key=new_key(), claim=now.claim_number, thread=now.thread)
    with pytest.raises(NotTheOwnerError), desk.ctx(desk.ben) as ctx:
        documented.point(ctx, code, page, again, version=now.version)
    assert desk.broken() == {}


@pytest.mark.row("T5")
def test_a_yes_on_the_page_resolves_it_and_a_no_brings_it_back(desk: Desk) -> None:
    """Its owner is told either way; what is said with a no is a message."""
    happy, sad = asked(desk), asked(desk, "Another one.")
    for code in (happy, sad):
        point(desk, code, desk.ada)
    desk.work()
    ticket = answered(desk, happy, "helped")
    assert (ticket.state, ticket.part, ticket.awaits) == ("resolved", "closed", "")
    ticket = answered(desk, sad, "not-helped", "There is no such panel.")
    assert (ticket.state, ticket.awaits, ticket.owner_id) == ("triage", "desk", desk.ada.id)
    assert thread(desk, sad)[-1] == "There is no such panel."
    desk.work()
    assert [desk.emails(code)[-1].kind for code in (happy, sad)] == ["notice", "notice"]
    assert [pointers(desk, code)[0][1] for code in (happy, sad)] == ["helped", "not-helped"]
    with pytest.raises(TransitionRefusedError):
        answered(desk, happy, "not-helped")
    with pytest.raises(InvalidInputError):
        answered(desk, sad, "perhaps")
    assert desk.broken() == {}


@pytest.mark.row("T5")
def test_the_two_buttons_count_once(desk: Desk) -> None:
    """Pressed twice, and pressed over something that has gone on."""
    code = asked(desk)
    version = point(desk, code, desk.ada).version
    sent = {"version": version, "key": new_key()}
    for _ in range(2):
        answered(desk, code, "not-helped", "No.", **sent)
    assert thread(desk, code).count("No.") == 1
    assert desk.happened(code).count("not-helped") == 1
    point(desk, code, desk.ada)
    with pytest.raises(StaleTicketError):
        answered(desk, code, "helped", version=version)
    assert desk.ticket(code).state == "waiting"


@pytest.mark.row("T5")
@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Yes, it helped!\n\nJane", "resolved"),
        ("Danke, hat geholfen.", "resolved"),
        ("Merci beaucoup", "resolved"),
        ("Sí, muchas gracias", "resolved"),
        ("Thanks, but it still fails.", "triage"),
        ("Yes?", "triage"),
        ("No.", "triage"),
        ("Ja, aber ich finde das Menü nicht", "triage"),
    ],
)
def test_an_answer_by_mail_is_a_yes_only_if_it_says_nothing_else(
    lite_desk: Desk, said: str, state: str
) -> None:
    """In four languages; everything else is for its owner to read. The mail is in the thread in any case."""
    code = asked(lite_desk)
    point(lite_desk, code, lite_desk.ada)
    [email] = lite_desk.work()
    assert deliver(lite_desk, reply(email, said)).state == "filed"
    assert lite_desk.ticket(code).state == state
    assert thread(lite_desk, code)[-1] == said
    lite_desk.work()
    told = [each.kind for each in lite_desk.emails(code) if each.audience == "person"]
    assert told == ["notice"]
    assert lite_desk.broken() == {}


@pytest.mark.row("T5")
def test_an_automatic_answer_is_none(lite_desk: Desk) -> None:
    """Out of office neither resolves nor brings back."""
    code = asked(lite_desk)
    point(lite_desk, code, lite_desk.ada)
    [email] = lite_desk.work()
    deliver(lite_desk, reply(email, "Yes", Auto_Submitted="auto-replied"))
    assert lite_desk.ticket(code).state == "waiting"


def test_claims_on_requests_lapse_later_where_somebody_else_is_waited_for(desk: Desk) -> None:
    """After two days while it is sorted, after two weeks while the customer or a fix is waited for."""
    taken, waiting, bug = (asked(desk, f"Number {n}.") for n in range(3))
    decide(desk, taken, desk.ada, "take")
    point(desk, waiting, desk.ada)
    decide(desk, bug, desk.ada, "bug", "#1")
    desk.clock.forward(hours=49)
    desk.work()
    assert [desk.ticket(code).state for code in (taken, waiting, bug)] == ["new", "waiting", "following"]
    desk.clock.forward(days=13)
    desk.work()
    assert [desk.ticket(code).state for code in (taken, waiting, bug)] == ["new", "new", "new"]
    assert desk.broken() == {}


def test_the_rest_of_a_requests_life_is_that_of_any_ticket(desk: Desk) -> None:
    """Resolved, released, handed over, reopened; a message after the end asks for reopening."""
    code = asked(desk)
    decide(desk, code, desk.ada, "take")
    desk.write(code, desk.ada, "Is it version 3?")
    desk.work()
    desk.transition(code, "hand-over", desk.ada, colleague=desk.ben.id, note="Knows it better.")
    assert desk.write(code, desk.ben).kind == "handover"
    desk.work()
    ticket = desk.transition(code, "resolve", desk.ben)
    assert (ticket.state, ticket.part) == ("resolved", "closed")
    desk.receive(code, "It is back.")
    assert desk.ticket(code).awaits == "desk"
    ticket = desk.transition(code, "reopen", desk.mia, note="It is back.")
    assert (ticket.state, ticket.owner_id, ticket.awaits) == ("new", None, "desk")
    decide(desk, code, desk.ada, "take")
    assert desk.transition(code, "release", desk.ada).state == "new"
    assert desk.broken() == {}


def test_a_first_letter_on_a_request_says_nothing_about_payment(lite_desk: Desk) -> None:
    """Nor does the confirmation of one that came through the form."""
    code = lite_desk.order(service="question", host_url="", acknowledged=frozenset(), answers={})
    [confirmation] = lite_desk.work()
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.write(code, lite_desk.ada)
    [first] = lite_desk.work()
    for out in (confirmation, first):
        body = out.get_body(("plain",))
        assert body is not None
        said = body.get_content()
        assert code in said
        assert "USD" not in said
        assert "PayPal" not in said
        assert "order" not in said.replace("in order", "")
        assert "developer" not in said
    assert lite_desk.emails(code)[-1].kind == "first-contact"


def test_a_customer_without_a_mail_address_gets_no_letter(lite_desk: Desk) -> None:
    """The desk says so instead of losing it."""
    code = asked(lite_desk)
    with lite_desk.ctx() as ctx:
        tickets.change(ctx.session, tickets.lock(ctx.session, code), customer_email="")
    decide(lite_desk, code, lite_desk.ada, "take")
    with pytest.raises(TransitionRefusedError, match="Call them"):
        lite_desk.write(code, lite_desk.ada, "Hello.")
    with lite_desk.ctx(lite_desk.ada) as ctx:
        assert not correspondence.can_be_reached(tickets.lock(ctx.session, code))


@pytest.mark.row("P13")
def test_erasing_takes_the_address_of_a_page_too(lite_desk: Desk) -> None:
    """A person typed it; that a page was pointed to, and the answer, are figures."""
    code = asked(lite_desk)
    point(lite_desk, code, lite_desk.ada, "", "https://example.com/for-jane")
    lite_desk.work()
    answered(lite_desk, code, "helped")
    lite_desk.work()
    with lite_desk.ctx(lite_desk.mia) as ctx:
        assert erasure.erase(ctx, "jane@example.com").codes == [code]
    assert pointers(lite_desk, code) == [("", "helped", False)]
    assert lite_desk.broken() == {}


def test_published_guides_are_found_best_first(lite_desk: Desk) -> None:
    """Those with all words before those with some; the title counts; what is not public is not there."""
    with lite_desk.ctx(lite_desk.ada) as ctx:
        guides.add(ctx, "", title="Secret uploads", body="Photos upload.")
        guides.add(ctx, "", title="Slow pages", body="Photos 100%_ upload slowly.", public=True)
        everything = [guide.slug for guide in guide_queries.published(ctx.session)]
        assert everything == [GUIDE, "title-colours-and-language", "slow-pages"]
        found = [guide.slug for guide in guide_queries.published(ctx.session, "photos upload")]
        assert found == [GUIDE, "slow-pages"]
        some = [guide.slug for guide in guide_queries.published(ctx.session, "My photos do not upload, why?")]
        assert some[0] == GUIDE
        assert guide_queries.published(ctx.session, "xylophone %_") == []
        guide = guide_queries.find(ctx.session, "slow-pages")
        kept = guides.keep(ctx, guide.slug, title=guide.title, body=guide.body, seen=1, public=False)
        assert (kept.public, kept.edition) == (False, 1)
        assert "public = true" in guides.dump(ctx.session)[GUIDE]
        with pytest.raises(InvalidInputError, match="public"):
            guides.load(ctx, {"x": '+++\ntitle = "X"\npublic = "yes"\n+++\nText.'})


def test_a_claim_is_taken_once_for_a_deed(lite_desk: Desk) -> None:
    """`ensure` takes what is free, leaves what is held, and never takes over what has gone on."""
    code = asked(lite_desk)
    with lite_desk.ctx(lite_desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        assert claims.ensure(ctx, ticket, ticket.version - 1) == ticket.version - 1
        assert ticket.owner_id is None
        assert claims.ensure(ctx, ticket, 1) == 2
        assert claims.ensure(ctx, ticket, 2) == 2
        count = select(func.count()).select_from(Claim).where(Claim.ticket_id == ticket.id)
        assert ctx.session.scalar(count) == 1


def told(desk: Desk, code: str) -> set[str]:
    """What people were told of."""
    wanted = select(Notice.kind).join(Ticket, Ticket.id == Notice.ticket_id).where(Ticket.code == code)
    with desk.ctx() as ctx:
        return set(ctx.session.scalars(wanted))


@pytest.mark.row("P8", "P9")
def test_a_request_that_has_become_a_lead_is_told_of_due_and_shown(desk: Desk) -> None:
    """Whatever was read of its history only now, and whatever it was called before."""
    code = asked(desk, "How much is it for ten sites?")
    assert told(desk, code) == {"received"}
    desk.claim(code, desk.ada)
    desk.transition(code, "dismiss", desk.ada, reason="other", note="A slip.")
    desk.transition(code, "reopen", desk.ben, note="It was none.")
    decide(desk, code, desk.ben, "commercial")
    desk.tell()
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        due = ctx.session.scalars(select(Deadline).where(Deadline.ticket_id == ticket.id)).all()
        assert (ticket.workflow, ticket.state) == ("sales", "lead")
    assert {row.kind for row in due if row.done_at is None} == {"first-contact"}
    assert {"reopen", "commercial"} <= told(desk, code)
    assert sign_in(desk.app, "ada").get(f"/support/desk/tickets/{code}").status_code == 200
    assert desk.broken() == {}


@pytest.mark.row("T5")
def test_what_is_said_with_a_yes_is_read_as_well(lite_desk: Desk) -> None:
    """It asks to open the request again."""
    code = asked(lite_desk)
    point(lite_desk, code, lite_desk.ada)
    lite_desk.work()
    ticket = answered(lite_desk, code, "helped", "Yes, but now the titles are gone.")
    assert (ticket.state, lite_desk.ticket(code).awaits) == ("resolved", "desk")
    assert thread(lite_desk, code)[-1] == "Yes, but now the titles are gone."
