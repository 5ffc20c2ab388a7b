"""Deadlines: set with the order, paused, met, warned of, missed, and begun anew (P9)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from sqlalchemy import delete, select

from paidsupport.catalogue.operations import file as catalogue_file
from paidsupport.catalogue.rules.deadlines import DeadlineKind
from paidsupport.catalogue.tables import DeadlineRules
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.mail.transports import NotSentError
from paidsupport.kernel.worker import Worker
from paidsupport.ops.erasure import erasure
from paidsupport.testing import mount_of
from paidsupport.tickets.deadlines.operations import escalations
from paidsupport.tickets.deadlines.rules import LABELS
from paidsupport.tickets.deadlines.tables import NEVER, Deadline
from paidsupport.tickets.tables import Ticket
from tests.people import Desk
from tests.services import publish_all

pytestmark = pytest.mark.row("P9")

#: The desk of these tests works from Monday to Friday, 09:00 to 17:00; it is Tuesday, 09:00.
RULES = {"first-contact": "8h", "answer": "4h", "resolution": "5d", "warn": 50}


@pytest.fixture(autouse=True)
def ruled(desk: Desk) -> Desk:
    """A desk with short deadlines."""
    return rule(desk, RULES)


def rule(desk: Desk, rules: Mapping[str, object]) -> Desk:
    """Let these rules hold for services without rules of their own."""
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(delete(DeadlineRules).where(DeadlineRules.workflow == "paid"))
        if rules:
            ctx.session.add(DeadlineRules(workflow="paid", rules=dict(rules)))
    publish_all(desk)
    return desk


def rows(desk: Desk, code: str) -> dict[str, list[Deadline]]:
    """The deadlines of a ticket, by kind, oldest first."""
    wanted = select(Deadline).join(Ticket).where(Ticket.code == code).order_by(Deadline.id)
    with desk.ctx() as ctx:
        found = list(ctx.session.scalars(wanted))
    return {kind: [row for row in found if row.kind == kind] for kind in DeadlineKind}


def last(desk: Desk, code: str, kind: str) -> Deadline:
    """The newest deadline of a kind."""
    return rows(desk, code)[kind][-1]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in the month of these tests; the 14th is a Tuesday."""
    return datetime(2034, 3, day, hour, minute, tzinfo=UTC)


def told(mails: list[EmailMessage]) -> list[tuple[str, str]]:
    """Who was told of deadlines, and what: name and the subject behind the code."""
    found = [
        (mail["To"].addresses[0].display_name, str(mail["Subject"]).split("] ", 1)[-1]) for mail in mails
    ]
    about = tuple(LABELS.values())
    return sorted((name, subject) for name, subject in found if subject.startswith(about))


def text_of(mail: EmailMessage) -> str:
    """What a mail says."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def nearest(desk: Desk, code: str) -> tuple[datetime, str]:
    """What the ticket itself says to be due."""
    ticket = desk.ticket(code)
    return ticket.due_at, ticket.due_kind


def test_an_order_is_due_for_contact_and_for_its_end(desk: Desk) -> None:
    """In working time; the nearest stands on the ticket."""
    desk.clock.now = at(14, 15)
    code = desk.order()
    assert last(desk, code, "first-contact").due_at == at(15, 15)
    assert last(desk, code, "first-contact").warn_at == at(15, 11)
    assert last(desk, code, "resolution").due_at == at(21, 15)
    assert rows(desk, code)["answer"] == []
    assert nearest(desk, code) == (at(15, 15), "first-contact")
    assert desk.ticket(code).near_at == at(15, 11)
    assert desk.broken() == {}


def test_the_first_letter_is_the_contact_and_pauses_the_rest(desk: Desk) -> None:
    """What is left of the resolution is left, however long the customer takes."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.clock.now = at(14, 13)
    desk.write(code, desk.ada)
    contact, resolution = last(desk, code, "first-contact"), last(desk, code, "resolution")
    assert (contact.outcome, contact.done_at) == ("met", at(14, 13))
    assert (resolution.due_at, resolution.left_minutes) == (None, 36 * 60)
    assert nearest(desk, code) == (NEVER, "")
    desk.clock.now = at(24, 12)
    desk.receive(code, "Yes, please.")
    answer, resolution = last(desk, code, "answer"), last(desk, code, "resolution")
    assert (answer.due_at, resolution.due_at) == (at(24, 16), at(30, 16))
    assert nearest(desk, code) == (at(24, 16), "answer")
    desk.clock.now = at(24, 17)
    desk.write(code, desk.ada, "I begin tomorrow.")
    assert last(desk, code, "answer").outcome == "late"
    assert last(desk, code, "resolution").left_minutes == 31 * 60
    assert desk.broken() == {}


def test_before_the_contact_a_message_asks_for_nothing_more(desk: Desk) -> None:
    """And who waits for an answer gains and loses nothing by writing again."""
    code = desk.order()
    desk.receive(code, "One more thing.")
    assert rows(desk, code)["answer"] == []
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.receive(code, "Yes.")
    due = last(desk, code, "answer").due_at
    desk.clock.forward(hours=1)
    desk.receive(code, "Hello?")
    assert [row.due_at for row in rows(desk, code)["answer"]] == [due]
    assert desk.broken() == {}


def test_the_end_ends_them_all(desk: Desk) -> None:
    """The resolution is met, an unwritten answer is dropped, and no one hears of them any more."""
    done, refused = desk.in_progress(desk.ada), desk.order()
    desk.receive(done, "Please begin.")
    desk.finish(done, desk.ada)
    desk.transition(refused, "reject", desk.ben, reason="spam", note="Advertising.")
    assert last(desk, done, "resolution").outcome == "met"
    assert last(desk, refused, "first-contact").outcome == "dropped"
    assert last(desk, refused, "resolution").outcome == "met"
    for code in (done, refused):
        assert nearest(desk, code) == (NEVER, "")
    desk.receive(done, "It broke again.")
    desk.clock.forward(days=30)
    assert told(desk.work()) == []
    assert desk.broken() == {}


def test_opened_again_the_resolution_begins_anew(desk: Desk) -> None:
    """With all of its time; a word to the customer is due if they had none, or wrote since."""
    done, refused, quiet = desk.in_progress(desk.ada), desk.order(), desk.in_progress(desk.ada)
    for code in (done, quiet):
        desk.finish(code, desk.ada)
    desk.transition(refused, "reject", desk.ben, reason="spam", note="Advertising.")
    desk.receive(done, "It broke again.")
    desk.clock.now = at(20, 9)
    for code in (done, refused, quiet):
        desk.transition(code, "reopen", desk.ben, note="There is more.")
        assert last(desk, code, "resolution").due_at == at(24, 17)
    assert last(desk, done, "answer").due_at == at(20, 13)
    assert last(desk, refused, "first-contact").due_at == at(20, 17)
    assert nearest(desk, quiet) == (at(24, 17), "resolution")
    assert desk.broken() == {}


def test_a_release_begins_nothing_anew(desk: Desk) -> None:
    """What the customer has had they have had; the resolution goes on, for now the desk is waited for."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    desk.clock.forward(days=2)
    desk.transition(code, "release", desk.ada, note="No time.")
    assert last(desk, code, "first-contact").outcome == "met"
    assert last(desk, code, "resolution").due_at == at(22, 17)
    assert nearest(desk, code) == (at(22, 17), "resolution")
    assert desk.broken() == {}


@pytest.mark.parametrize("how", ["release", "hand-over", "withdrawn"])
def test_a_contact_that_never_left_was_none(desk: Desk, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """The deadline goes on as if it had not been written, and so does that of an answer."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    assert last(desk, code, "first-contact").outcome == "met"
    if how == "withdrawn":

        def refuse(_mail: EmailMessage) -> None:
            raise NotSentError("no such mailbox", permanent=True)

        with monkeypatch.context() as patch:
            patch.setattr(desk.transport, "send", refuse)
            desk.work()
        desk.settle(code, desk.ada, "withdrawn")
    else:
        colleague = {"colleague": desk.ben.id} if how == "hand-over" else {}
        desk.transition(code, how, desk.ada, note="No time.", **colleague)
    contact = last(desk, code, "first-contact")
    assert (contact.outcome, contact.due_at) == ("", at(14, 17))
    assert nearest(desk, code) == (at(14, 17), "first-contact")
    assert desk.broken() == {}


def test_of_two_answers_that_never_left_the_first_is_due(desk: Desk) -> None:
    """No customer waits twice for one answer."""
    code = desk.in_progress(desk.ada)
    for text in ("First.", "Second."):
        desk.receive(code, f"{text} What now?")
        desk.clock.forward(minutes=30)
        desk.write(code, desk.ada, text)
    desk.transition(code, "release", desk.ada, note="No time.")
    first, second = rows(desk, code)["answer"]
    assert (first.outcome, second.outcome) == ("", "met")
    assert nearest(desk, code) == (at(14, 13), "answer")
    assert desk.broken() == {}


def test_a_decision_of_the_customer_lets_the_resolution_go_on(desk: Desk) -> None:
    """They are waited for no longer; a click asks for no email."""
    code = desk.risky(desk.ada)
    asked = desk.ask(code, desk.ada, "configuration")
    desk.work()
    assert last(desk, code, "resolution").left_minutes is not None
    desk.clock.forward(days=1)
    desk.answer(code, asked, "approved")
    assert last(desk, code, "resolution").due_at == at(21, 17)
    assert rows(desk, code)["answer"] == []
    assert desk.broken() == {}


def test_a_question_for_consent_is_no_answer(desk: Desk) -> None:
    """The answer stays due and the resolution runs on, until a message answers what the customer asked."""
    code = desk.risky(desk.ada)
    desk.receive(code, "When will you be done?")
    due = nearest(desk, code)
    asked = desk.ask(code, desk.ada, "configuration")
    desk.work()
    assert nearest(desk, code) == due
    assert last(desk, code, "resolution").due_at is not None
    desk.answer(code, asked, "approved")
    assert (due[1], last(desk, code, "answer").outcome) == ("answer", "")
    desk.write(code, desk.ada, "On Friday.")
    assert last(desk, code, "answer").outcome == "met"
    assert last(desk, code, "resolution").left_minutes is not None
    assert desk.broken() == {}


def test_whoever_holds_it_is_warned_once_and_told_with_the_managers_once(desk: Desk) -> None:
    """Before the time is up, and when it is; the history says so."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.work()
    desk.clock.now = at(14, 12, 59)
    assert told(desk.work()) == []
    desk.clock.now = at(14, 13)
    mails = desk.work()
    assert told(mails) == [("Ada", "First contact: 4 h left")]
    assert "14 Mar 2034, 17:00 UTC" in text_of(mails[0])
    assert told(desk.work()) == []
    assert nearest(desk, code) == (at(14, 17), "first-contact")
    desk.clock.now = at(14, 17)
    mails = desk.work()
    missed = "First contact: the deadline was missed"
    assert told(mails) == [("Ada", missed), ("Mia", missed)]
    assert "Ada has the ticket" in text_of(mails[0])
    desk.clock.forward(hours=1)
    assert told(desk.work()) == []
    assert desk.happened(code)[-5:] == [
        "deadline-warning",
        "letter-sent",
        "deadline-missed",
        "letter-sent",
        "letter-sent",
    ]
    desk.write(code, desk.ada)
    assert last(desk, code, "first-contact").outcome == "late"
    assert desk.broken() == {}


def test_where_nobody_holds_it_the_managers_are_warned(desk: Desk) -> None:
    """Who is told is known when it is told: a claim between the two makes the difference."""
    code = desk.order()
    desk.work()
    desk.clock.now = at(14, 13)
    (mail,) = desk.work()
    assert told([mail]) == [("Mia", "First contact: 4 h left")]
    assert "The ticket is unassigned" in text_of(mail)
    desk.claim(code, desk.mia)
    desk.clock.now = at(14, 17)
    assert told(desk.work()) == [("Mia", "First contact: the deadline was missed")]


def test_what_stands_still_warns_nobody(desk: Desk) -> None:
    """However long the customer takes; then there is as much time left as there was."""
    code = desk.in_progress(desk.ada)
    desk.clock.forward(days=10)
    assert told(desk.work()) == []
    desk.receive(code, "Here I am.")
    desk.write(code, desk.ada, "Good.")
    desk.clock.forward(days=10)
    assert told(desk.work()) == []
    assert last(desk, code, "resolution").left_minutes == 5 * 8 * 60
    assert desk.broken() == {}


def test_missed_before_the_pause_is_missed_after_it(desk: Desk) -> None:
    """It says by how much, is reported once, and ends late."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.clock.now = at(22, 9)
    desk.work()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    assert last(desk, code, "resolution").left_minutes == -8 * 60
    desk.work()
    desk.clock.now = at(27, 9)
    desk.receive(code, "Yes.")
    assert last(desk, code, "resolution").due_at == at(23, 17)
    assert told(desk.work()) == []
    desk.transition(code, "abandon", desk.ada, reason="backed-out", note="Too late.")
    assert last(desk, code, "resolution").outcome == "late"
    assert desk.broken() == {}


def test_a_worker_that_was_away_tells_only_that_it_was_missed(desk: Desk) -> None:
    """A warning after the end would say less."""
    desk.order()
    desk.clock.now = at(15, 9)
    assert [subject for _, subject in told(desk.work())] == ["First contact: the deadline was missed"]


def test_two_workers_at_once_write_one_letter(desk: Desk) -> None:
    """The one that gets the ticket's lock first; also for the notice that it was missed."""
    codes = [desk.order() for _ in range(4)]
    desk.work()
    mount = mount_of(desk.app)
    barrier = threading.Barrier(2)

    def one_round() -> None:
        barrier.wait(120)
        with desk.app.app_context():
            Worker(mount.services, mount.database, desk.transport, desk.clock).round()

    for moment, kind in ((at(14, 13), "deadline-warning"), (at(14, 17), "deadline-missed")):
        desk.clock.now = moment
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(one_round) for _ in range(2)]:
                done.result(30)
        for code in codes:
            assert [email.kind for email in desk.emails(code)].count(kind) == 1
            assert desk.happened(code).count(kind) == 1
    assert desk.broken() == {}


def test_done_between_two_looks_is_not_told(desk: Desk) -> None:
    """The clock checks again under the ticket's lock."""
    code = desk.order()
    desk.claim(code, desk.ada)
    row = last(desk, code, "first-contact")
    desk.clock.now = at(14, 13)
    with desk.ctx() as ctx:
        assert escalations.due(ctx) == [row.id]
    desk.write(code, desk.ada)
    with desk.ctx() as ctx:
        assert escalations.tend(ctx, row.id) == ""
    assert "deadline-warning" not in desk.happened(code)


def test_without_rules_nothing_is_due(desk: Desk) -> None:
    """For no ticket, and a ticket from before has what it had."""
    before = desk.order()
    rule(desk, {"answer": "4h"})
    code = desk.order()
    assert rows(desk, code)["first-contact"] == rows(desk, code)["resolution"] == []
    assert nearest(desk, code) == (NEVER, "")
    assert nearest(desk, before) == (at(14, 17), "first-contact")
    desk.claim(code, desk.ada)
    desk.receive(code, "Hello?")
    assert nearest(desk, code) == (at(14, 13), "answer")
    desk.write(code, desk.ada)
    assert last(desk, code, "answer").outcome == "met"
    assert desk.broken() == {}


def test_a_service_may_have_deadlines_of_its_own(desk: Desk) -> None:
    """Those it does not name are its workflow's; the file that is dumped says the same."""
    code = desk.order(
        service="customization", answers={"wish": ["Dates."], "theme": ["Matrix"]}, details="More."
    )
    assert last(desk, code, "first-contact").minutes == 5 * 8 * 60
    assert last(desk, code, "first-contact").warn_left == 5 * 8 * 60 // 2
    with desk.ctx() as ctx:
        file = catalogue_file.dump(ctx)
        assert '[deadlines.paid]\nfirst-contact = "8h"\nanswer = "4h"\nresolution = "5d"\nwarn = 50\n' in file
        assert '[service.deadlines]\nfirst-contact = "5d"\nresolution = "30d"\n' in file
        catalogue_file.load(ctx, file)
        assert catalogue_file.dump(ctx) == file


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ('[deadlines.magic]\nanswer = "4h"', "deadlines “magic”: There is no “magic”."),
        ("[deadlines.paid]\nanswer = 4", "deadlines “paid”: answer: Enter a time like"),
        ("[deadlines]\npaid = 4", "deadlines “paid”: Write it like this: […]"),
        ("deadlines = 4", "deadlines: Write it like this: […]"),
        (
            '[[service]]\nslug = "talk"\n[service.deadlines]\nwarn = 0',
            "service “talk”: deadlines: warn: Enter a number from 1 to 100.",
        ),
    ],
)
def test_wrong_rules_are_refused(desk: Desk, rules: str, said: str) -> None:
    """With the place and what would be right; nothing is loaded."""
    with pytest.raises(InvalidInputError) as refused, desk.ctx() as ctx:
        catalogue_file.load(ctx, rules)
    assert any(
        re.match(rf"Line \d+: {re.escape(said)}", sentence) for sentence in refused.value.problems["file"]
    )


@pytest.mark.row("P13")
def test_nothing_is_due_once_the_customer_is_erased(desk: Desk) -> None:
    """Also on a ticket that a backup brought back before its end."""
    code = desk.order()
    desk.transition(code, "reject", desk.ben, reason="spam", note="Advertising.")
    with desk.ctx() as ctx:
        erasure.erase(ctx, "jane@example.com")
    unended = desk.order(email="jo@example.com")
    with desk.ctx() as ctx:
        ctx.services.files.remember(f'{{"at": "", "codes": ["{unended}"]}}')
    with desk.ctx() as ctx:
        assert erasure.replay(ctx).codes == [unended]
    assert nearest(desk, unended) == (NEVER, "")
    assert {row.outcome for kinds in rows(desk, unended).values() for row in kinds} == {"dropped"}
    assert desk.broken() == {}


def costs(desk: Desk, deed: Callable[[], object]) -> int:
    """How many statements something takes."""
    with desk.statements() as seen:
        deed()
    return len(seen)


def test_an_order_costs_one_statement_more_and_a_claim_none(desk: Desk) -> None:
    """Deadlines are read along with the service, and set together."""
    with desk.statements() as seen:
        code = desk.order()
    assert len([statement for statement in seen if "deadline" in statement.split("FROM")[0]]) >= 1
    assert (
        len([statement for statement in seen if statement.startswith("INSERT INTO paidsupport_deadline")])
        == 1
    )
    with_rules = len(seen)
    rule(desk, {})
    with desk.statements() as seen:
        desk.order()
    assert with_rules == len(seen) + 1
    with desk.statements() as seen:
        desk.claim(code, desk.ada)
    assert not [statement for statement in seen if "paidsupport_deadline" in statement]
