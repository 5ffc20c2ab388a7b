"""Phone calls: what becomes of them, who is found again, and what is refused (T6)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.intake.calls import operations as calls
from paidsupport.intake.calls.operations import GUIDANCE
from paidsupport.intake.calls.queries import EMAIL, MOST, PHONE, WORDS
from paidsupport.intake.guides.tables import Guide, GuideEdition
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError, KeyReusedError
from paidsupport.kernel.staff.tables import Person
from paidsupport.ops.erasure import erasure
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.tables import Annotation
from paidsupport.tickets.queries import pages
from paidsupport.tickets.relations.operations import merging
from paidsupport.tickets.tables import Event, Ticket
from tests.calling import CALL, call, earlier, offer, same, take_calls
from tests.ops.erasure.test_erasure import traces
from tests.people import Desk

pytestmark = pytest.mark.row("T6")


@pytest.fixture
def calling(desk: Desk) -> Desk:
    """A desk whose catalogue takes calls."""
    take_calls(desk)
    return desk


@pytest.fixture
def lite_calling(lite_desk: Desk) -> Desk:
    """The same where the database makes no difference."""
    take_calls(lite_desk)
    return lite_desk


def page_of(desk: Desk, code: str) -> pages.DeskPage:
    """All of a ticket."""
    with desk.ctx() as ctx:
        found = pages.for_desk(ctx, code)
        # each part is read when it is asked for, and this session ends here
        parts = *pages.PARTS, *ctx.services.capabilities.parts("ticket")
        _ = [found[part] for part in parts], found.annotations
        return found


def refused(desk: Desk, **changed: Any) -> dict[str, list[str]]:  # noqa: ANN401  # fields of a Call
    """What stands against a call, by field."""
    with pytest.raises(InvalidInputError) as caught:
        call(desk, **changed)
    return dict(caught.value.problems)


@pytest.mark.row("T1")
def test_a_call_becomes_a_request_with_all_that_was_said(calling: Desk) -> None:
    """It has no owner and records how it came in, and the caller gets the code by email."""
    made = call(calling, called_at="2034-03-14T08:30")
    page = page_of(calling, made.code)
    assert (page.ticket.workflow, page.ticket.state, page.ticket.owner_id) == ("request", "new", None)
    assert (page.ticket.summary, page.ticket.details) == (CALL.subject, CALL.notes)
    assert (page.ticket.customer_name, page.ticket.customer_email) == (CALL.name, CALL.email)
    intake = page.came.intake
    assert intake is not None
    assert (intake.channel, intake.purpose, intake.caller) == ("phone", "support", "merchant")
    assert (intake.organisation, intake.phone, intake.digits) == ("Example Shop", CALL.phone, "01234567")
    assert intake.called_at is not None
    assert f"{intake.called_at:%Y-%m-%d %H:%M %Z}" == "2034-03-14 08:30 UTC"
    assert page.came.taken_by == "Ada"
    assert calling.happened(made.code) == ["received"]
    (mail,) = calling.work()
    assert mail["To"] == CALL.email
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Thank you for your call." in body.get_content()
    assert "Price" not in body.get_content()
    assert calling.broken() == {}


def test_who_spoke_with_the_customer_can_go_on(calling: Desk) -> None:
    """The claim is made with the ticket, or neither is."""
    made = call(calling, calling.ben, take=True, confirm=False)
    ticket = calling.ticket(made.code)
    assert (ticket.state, ticket.owner_id, ticket.claim_number) == ("triage", calling.ben.id, 1)
    assert calling.happened(made.code) == ["received", "claim"]
    assert calling.work() == []
    lead = call(calling, purpose="sales", take=True)
    assert (lead.workflow, lead.state) == ("sales", "qualifying")
    assert calling.broken() == {}


def test_a_note_to_management_is_for_nobody_else(calling: Desk) -> None:
    """Every manager except the one who took the call gets an email; the customer neither gets nor sees it."""
    made = call(calling, purpose="management", notes="They threaten to leave.")
    page = page_of(calling, made.code)
    assert page.came.intake is not None
    assert page.came.intake.purpose == "management"
    assert page.ticket.details == ""
    assert [note.body for note in page.annotations] == ["They threaten to leave."]
    (mail,) = calling.work()
    assert mail["To"].addresses[0].username == "mia"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Ada took a phone call that is for managers: The shop cannot show photos" in body.get_content()
    assert "threaten" not in body.get_content()
    call(calling, calling.mia, purpose="management")
    assert calling.work() == []
    assert calling.broken() == {}


def test_what_is_missing_is_said_at_its_field(lite_calling: Desk) -> None:
    """All of it in one go, and nothing is kept."""
    found = refused(
        lite_calling,
        **dict.fromkeys(("name", "caller", "email", "phone", "subject", "called_at", "purpose"), ""),
    )
    assert set(found) == {"name", "caller", "phone", "subject", "called_at", "purpose"}
    assert {"name", "subject", "organisation"} == set(
        refused(lite_calling, name="\N{ZERO WIDTH SPACE}", subject="a\nb", organisation="x" * 201)
    )
    for phone in ("no idea", "12", "1" * 61):
        assert set(refused(lite_calling, phone=phone)) == {"phone"}
    for email in ("=?utf-8?q?a?=@example.com", "a@example.com\nBcc: b"):
        assert set(refused(lite_calling, email=email)) == {"email"}
    for moment in (
        "yesterday",
        "2034-03-15T09:00",
        "2033-01-01 10:00",
        "9999-12-31T23:59-14:00",
        "2034-02-30",
    ):
        assert set(refused(lite_calling, called_at=moment)) == {"called_at"}, moment
    assert set(refused(lite_calling, notes="The password: hunter2-Xy")) == {"notes"}
    assert "private page" in refused(lite_calling, subject="password: hunter2-Xy")["subject"][0]
    with lite_calling.ctx() as ctx:
        assert ctx.session.scalars(select(Ticket)).all() == []
    assert call(lite_calling, email="").customer_email == ""
    assert call(lite_calling, phone="").customer_email == CALL.email


def test_a_catalogue_that_takes_no_calls_says_so(lite_desk: Desk) -> None:
    """Without a service for requests, for leads, or without managers."""
    offer(lite_desk, "question", "talk", active=False)
    assert "the catalogue has no service" in refused(lite_desk)["purpose"][0]
    offer(lite_desk, "question", active=True)
    assert call(lite_desk).workflow == "request"
    assert "no service for leads" in refused(lite_desk, purpose="sales")["purpose"][0]
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(update(Person).where(Person.name == "Mia").values(active=False))
    assert "s no manager yet" in refused(lite_desk, purpose="management")["purpose"][0]


def test_a_form_that_is_sent_again_makes_one_ticket(calling: Desk) -> None:
    """Also for the claim and the emails; with other content the key is used up, for others it is not."""
    key = new_key()
    moment = "2034-03-14 08:30"
    made = [call(calling, key=key, take=True, called_at=moment).code for _ in range(3)]
    assert len(set(made)) == 1
    assert len(calling.work()) == 1
    with pytest.raises(KeyReusedError):
        call(calling, key=key, take=True, called_at=moment, notes="Something else.")
    assert call(calling, calling.ben, key=key, called_at=moment).code not in made


@pytest.mark.postgres
def test_the_same_form_twice_at_once_makes_one_ticket(pg_desk: Desk) -> None:
    """Several threads send it together; all of them get the one ticket."""
    take_calls(pg_desk)
    key, barrier = new_key(), threading.Barrier(4)
    made: list[str] = []

    def send() -> None:
        barrier.wait(120)
        made.append(call(pg_desk, key=key, take=True, called_at="2034-03-14 08:30").code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(made) == 4
    assert len(set(made)) == 1
    with pg_desk.ctx() as ctx:
        assert len(ctx.session.scalars(select(Ticket)).all()) == 1
    assert len(pg_desk.work()) == 1
    assert pg_desk.broken() == {}


def test_the_same_matter_is_an_annotation(calling: Desk) -> None:
    """On any ticket that is there, once a form; the customer never sees it."""
    code = calling.order()
    key = new_key()
    for _ in range(2):
        same(calling, code.lower(), key=key, called_at="2034-03-14 08:30")
    (note,) = page_of(calling, code).annotations
    assert note.body == (
        "Phone call with Jane Doe, Example Shop, jane@shop.example.com, +49 (0)30 1234567"
        f" on 2034-03-14 08:30 UTC\n\n{CALL.subject}\n\n{CALL.notes}"
    )
    assert calling.happened(code) == ["submitted", "annotated"]
    # during a call a name and a word must do
    same(calling, code, caller="", email="", phone="", subject="", notes="Still white.")
    assert len(page_of(calling, code).annotations) == 2
    assert calling.broken() == {}


def test_what_cannot_be_added_is_said_and_nothing_is_kept(calling: Desk) -> None:
    """A ticket that is not there, or erased; a password; a credential that the customer gave."""
    code, gone = calling.order(), calling.order(email="gone@example.com")
    calling.transition(gone, "reject", calling.mia, reason="spam", note="Spam.")
    with calling.ctx(calling.mia) as ctx:
        erasure.erase(ctx, "gone@example.com")
    calling.claim(code, calling.ben)
    calling.give(code, "correct-Horse-9")
    cases: list[tuple[str, str, dict[str, Any]]] = [
        ("PS-2222-2222", "same", {}),
        ("'; --", "same", {}),
        (gone, "same", {}),
        (code, "notes", {"notes": "The password: hunter2-Xy"}),
        (code, "notes", {"notes": "They say correct-Horse-9 does not work."}),
        (code, "notes", {"notes": " ", "subject": ""}),
        (code, "name", {"name": ""}),
    ]
    for wanted, field, changed in cases:
        with pytest.raises(InvalidInputError) as caught:
            same(calling, wanted, **changed)
        assert set(caught.value.problems) == {field}, (wanted, changed)
    with calling.ctx() as ctx:
        assert ctx.session.scalars(select(Annotation).where(Annotation.about == "")).all() == []


def test_whoever_calls_again_is_found(calling: Desk) -> None:
    """By address, then by number however it is spelled, then by words; each ticket once, newest first."""
    words = call(calling, name="Jane Doe", email="", phone="040 999 8888", organisation="").code
    number = call(calling, name="J.", email="", organisation="").code
    theirs = calling.order(email="Jane@shop.example.com", name="Somebody")
    newer = calling.order(email="jane@shop.example.com", name="Somebody")
    other = calling.order(email="bob@example.com", name="Bob", details="Mine.")
    who = {"name": "jane do", "email": CALL.email, "phone": "030/1234567", "organisation": "Example Shop"}
    assert earlier(calling, **who) == [(newer, EMAIL), (theirs, EMAIL), (number, PHONE), (words, WORDS)]
    for spelled in ("+49 30 1234567", "0049-30-123 45 67", "(030) 123 45 67", "Tel. 030 1234567 ext. 9"):
        assert earlier(calling, phone=spelled) == [(number, PHONE)], spelled
    assert earlier(calling, name="Bob") == [(other, WORDS)]
    # no address, no number, words that say nothing
    for nothing in (
        {},
        {"phone": "1"},
        {"name": "J"},
        {"email": " "},
        {"name": "' OR 1=1 --"},
        {"phone": "x"},
    ):
        assert earlier(calling, **nothing) == [], nothing
    for _ in range(MOST):
        call(calling, email="", name="Other")
    assert len(earlier(calling, **who)) == MOST
    assert [code for code, _ in earlier(calling, **who)][:2] == [newer, theirs]


def test_looking_somebody_up_takes_three_queries_that_an_index_serves(calling: Desk) -> None:
    """However many tickets there are: neither the tickets nor the numbers are read through."""
    for _ in range(3):
        call(calling)
    with calling.ctx() as ctx:
        postgres = ctx.session.get_bind().dialect.name == "postgresql"
        for column, table, value in (
            ("customer_address", "paidsupport_ticket", CALL.email),
            ("digits", "paidsupport_intake", "01234567"),
        ):
            if postgres:
                ctx.session.execute(text("SET LOCAL enable_seqscan = off"))
            explain = "EXPLAIN" if postgres else "EXPLAIN QUERY PLAN"
            rows = ctx.session.execute(
                text(f"{explain} SELECT 1 FROM {table} WHERE {column} = :value"),  # noqa: S608  # ours
                {"value": value},
            )
            assert f"ix_{table}_{column}" in str(rows.all())
    with calling.statements() as seen:
        assert len(earlier(calling, name=CALL.name, email=CALL.email, phone=CALL.phone)) == 3
    assert len(seen) <= 3, seen


def test_nothing_of_a_caller_is_left_after_an_erasure(calling: Desk) -> None:
    """By their address, or by their number where there is no address; the search forgets."""
    mark = "xqzzjv"
    marked: dict[str, Any] = {
        "name": f"Jane {mark}",
        "organisation": f"Shop {mark}",
        "subject": mark,
        "notes": f"Of {mark}.",
    }
    codes = [
        call(calling, email=f"{mark}@example.com", phone="+49 30 7654321", **marked).code,
        call(calling, email="", phone="+49 30 7654321", purpose="management", **marked).code,
    ]
    other = call(calling, email="", phone="+44 200 765 4321", name="Other").code
    same(calling, codes[1], email=f"{mark}@example.com", phone="+49 30 7654321", **marked)
    assert "paidsupport_intake.organisation" in traces(calling, mark)
    calling.work()
    for code in codes:
        calling.transition(code, "spam", calling.mia, note="Spam.")
    with calling.ctx(calling.mia) as ctx:
        assert erasure.found(ctx, "030 7654321") == codes
        assert erasure.erase(ctx, f"{mark}@example.com").codes == codes[:1]
        assert erasure.erase(ctx, "030 765 43 21").codes == codes[1:]
        assert erasure.found(ctx, "no number") == []
    assert traces(calling, mark) == set()
    assert earlier(calling, name=f"Jane {mark}", phone="+49 30 7654321") == [(other, PHONE)]
    with calling.ctx() as ctx:
        kept = ctx.session.execute(select(Intake.phone, Intake.digits).order_by(Intake.id)).all()
    # who only has the same last digits is somebody else
    assert [tuple(row) for row in kept] == [("", ""), ("", ""), ("+44 200 765 4321", "07654321")]
    assert calling.ticket(other).erased_at is None
    assert calling.broken() == {}


def test_the_doctor_misses_what_is_missing(lite_calling: Desk) -> None:
    """Finds a call without its time, a number that is not indexed, and the number of an erased customer."""
    call(lite_calling)
    for values in ({"called_at": None}, {"digits": "1"}):
        with lite_calling.ctx() as ctx:
            ctx.session.execute(update(Intake).values(**values))
        assert list(lite_calling.broken()) == ["calls can be found"]
        lite_calling.clock.forward(minutes=1)
        with lite_calling.ctx() as ctx:
            ctx.session.execute(update(Intake).values(called_at=ctx.now, digits="01234567"))
    assert lite_calling.broken() == {}


def test_the_guidance_is_the_guide_of_that_name(lite_desk: Desk) -> None:
    """The shipped one, as it reads now; without it, our own words."""
    with lite_desk.ctx(lite_desk.ada) as ctx, set_aside(ctx.session):
        assert "Promise nothing" in calls.guidance(ctx.session)
        assert "spelled out" in calls.guidance(ctx.session)
        ctx.session.execute(delete(GuideEdition))
        ctx.session.execute(delete(Guide))
        assert calls.guidance(ctx.session) == GUIDANCE


def test_history_keeps_nothing_that_was_typed(calling: Desk) -> None:
    """Of a call it says that there was one, and where it went."""
    made = call(calling)
    with calling.ctx() as ctx:
        ticket = tickets.lock(ctx.session, made.code)
        (data,) = ctx.session.scalars(select(Event.data).where(Event.ticket_id == ticket.id))
    assert data == {"service": "question", "price": 0, "kind": "phone"}


@pytest.mark.row("T9")
def test_a_lead_without_an_address_can_be_won(calling: Desk) -> None:
    """What was said on the phone stands in the notes; two callers without one are never merged."""
    code, other = (call(calling, purpose="sales", email="", take=True).code for _ in range(2))
    calling.transition(code, "offer", calling.ada, note="A flat 900 a year, on the phone.")
    calling.transition(code, "agree", calling.ada, note="They said yes on the phone.")
    calling.transition(code, "win", calling.ada, reason="contract", note="It is set up.")
    assert calling.ticket(code).state == "won"
    with calling.ctx(calling.ada) as ctx:
        assert "different customers" in merging.weigh(ctx, other, code).against[0]
    assert calling.broken() == {}
