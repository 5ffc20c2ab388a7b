"""From the outbox to a real mail server: once, under the claim it was written in, or never (G6, N1)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from paidsupport.issues.operations import access
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import KeyReusedError, NotFoundError, TransitionRefusedError
from paidsupport.kernel.mail.transports import (
    MemoryTransport,
    NotSentError,
    SmtpTransport,
    Transport,
    UnclearError,
)
from paidsupport.kernel.outbox.operations import BACK_OFF, LOST_AFTER
from paidsupport.kernel.worker import Worker
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.emails import holding
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails import sending as outbox
from paidsupport.tickets.emails.operations import DECISIONS
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.sending import Emails
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket
from tests.kernel.mail.servers import Mailbox, RawServer, serving
from tests.people import Desk
from tests.postgres import free_port


@contextmanager
def sending_by(desk: Desk, transport: Transport) -> Iterator[None]:
    """Send by `transport` meanwhile."""
    mount = mount_of(desk.app)
    before, mount.transport = mount.transport, transport
    try:
        yield
    finally:
        mount.transport = before


def written(desk: Desk) -> str:
    """A ticket with Ada's first contact in the outbox, and nothing before it."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.work()
    desk.write(code, desk.ada)
    return code


def newest(desk: Desk, code: str) -> Email:
    """The newest email of a ticket."""
    return desk.emails(code)[-1]


class Failing:
    """A transport that ends as told."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.tried = 0

    def send(self, _mail: EmailMessage) -> None:
        """Fail."""
        self.tried += 1
        raise self.error


@pytest.mark.row("N1")
def test_a_letter_leaves_once_and_history_says_so(desk: Desk) -> None:
    """By a real mail server, under its stable Message-ID."""
    mailbox = Mailbox()
    code = written(desk)
    with serving(mailbox) as url, sending_by(desk, SmtpTransport(url)):
        desk.work()
        desk.work()
    email = newest(desk, code)
    assert [mail["Message-ID"] for mail in mailbox.mails] == [f"<{email.reference}@example.org>"]
    assert (email.state, email.attempts, email.sent_at) == ("sent", 1, desk.clock.now)
    assert email.taken_under == email.claim_number == 1
    assert desk.happened(code)[-1] == "letter-sent"
    assert desk.broken() == {}


def test_a_dead_server_loses_nothing(desk: Desk) -> None:
    """Longer and longer waits, then everything leaves as soon as it is back, under the same Message-ID."""
    mailbox, port = Mailbox(), free_port()
    code = written(desk)
    with sending_by(desk, SmtpTransport(f"smtp://127.0.0.1:{port}")):
        for wait in BACK_OFF[:3]:
            desk.work()
            email = newest(desk, code)
            assert (email.state, email.due_at) == ("queued", desk.clock.now + wait)
            assert "could not be reached" in email.problem
            desk.clock.now += wait - timedelta(seconds=1)
            desk.work()
            assert newest(desk, code).attempts == email.attempts
            desk.clock.forward(seconds=1)
        with serving(mailbox, port):
            desk.work()
    assert [mail["Message-ID"] for mail in mailbox.mails] == [f"<{newest(desk, code).reference}@example.org>"]
    email = newest(desk, code)
    assert (email.state, email.problem) == ("sent", "")
    assert desk.broken() == {}


def test_after_the_last_attempt_a_person_decides(lite_desk: Desk) -> None:
    """An email does not try for ever."""
    desk = lite_desk
    code = written(desk)
    failing = Failing(NotSentError("Busy.", permanent=False))
    with sending_by(desk, failing):
        for wait in (*BACK_OFF, timedelta()):
            desk.work()
            desk.annotate(code, desk.ada)
            desk.clock.now += wait
    assert failing.tried == len(BACK_OFF) + 1
    assert newest(desk, code).state == "failed"
    assert desk.broken() == {}


@pytest.mark.parametrize(("answer", "state"), [("451 later", "queued"), ("554 no such user", "failed")])
def test_a_refusal_is_kept_with_its_words(desk: Desk, answer: str, state: str) -> None:
    """For now: it is tried again. For ever: it is shown to a person."""
    code = written(desk)
    mailbox = Mailbox(answer)
    with serving(mailbox) as url, sending_by(desk, SmtpTransport(url)):
        desk.work()
        email = newest(desk, code)
        assert (email.state, answer in email.problem) == (state, True)
        desk.clock.forward(minutes=2)
        desk.work()
    assert len(mailbox.mails) == (1 if state == "queued" else 0)
    assert desk.broken() == {}


@pytest.mark.row("N1")
@pytest.mark.parametrize("decision", DECISIONS)
def test_an_unclear_letter_waits_for_a_person(desk: Desk, decision: str) -> None:
    """The connection broke before the answer: it is never sent again by itself, whatever is decided."""
    code = written(desk)
    with RawServer("DATA") as server, sending_by(desk, SmtpTransport(server.url)):
        for _ in range(4):
            desk.work()
            desk.clock.forward(hours=9)
    assert len(server.taken) == 1
    unclear = newest(desk, code)
    assert (unclear.state, unclear.attempts) == ("uncertain", 1)
    with desk.ctx(desk.ben) as ctx:
        assert emails.decisions(ctx, desk_ticket(ctx, code), unclear) == []
    with desk.ctx(desk.ada) as ctx:
        assert emails.decisions(ctx, desk_ticket(ctx, code), unclear) == list(DECISIONS)
    with pytest.raises(TransitionRefusedError, match="Only the owner or a manager"):
        desk.settle(code, desk.ben, decision)
    desk.settle(code, desk.ada, decision)
    again = [mail["Message-ID"] for mail in desk.work()]
    email = newest(desk, code)
    assert again == ([f"<{unclear.reference}@example.org>"] if decision == "again" else [])
    assert email.state == {"sent": "sent", "again": "sent", "withdrawn": "withdrawn"}[decision]
    # what may have been read was the first contact, whatever is decided about it
    assert email.contact == "first"
    with pytest.raises(TransitionRefusedError, match="decided about already"):
        desk.settle(code, desk.mia, decision)
    assert desk.broken() == {}


def desk_ticket(ctx: Context, code: str) -> Ticket:
    """The ticket, in this context."""
    return tickets.lock(ctx.session, code)


def test_a_decision_is_made_once(desk: Desk) -> None:
    """The same form twice is one decision; another one under its key is refused, and unknown ones too."""
    code = written(desk)
    with sending_by(desk, Failing(UnclearError("Broken."))):
        desk.work()
    reference, key = newest(desk, code).reference, new_key()
    for _ in range(2):
        with desk.ctx(desk.mia) as ctx:
            emails.settle(ctx, code, reference, "again", key=key)
    assert desk.happened(code).count("letter-settled") == 1
    with pytest.raises(KeyReusedError), desk.ctx(desk.mia) as ctx:
        emails.settle(ctx, code, reference, "withdrawn", key=key)
    for bad in ((reference, "burn"), ("made-up", "again")):
        with pytest.raises(NotFoundError), desk.ctx(desk.mia) as ctx:
            emails.settle(ctx, code, *bad, key=new_key())
    assert desk.broken() == {}


@pytest.mark.row("G6", "N1")
def test_a_letter_whose_claim_is_lost_while_it_is_retried_never_leaves(desk: Desk) -> None:
    """It was being sent when the claim was lost, came back, and is withdrawn instead of sent again."""
    code = written(desk)
    desk.hush()

    class LosesItsClaim:
        def send(self, _mail: EmailMessage) -> None:
            desk.transition(code, "hand-over", desk.mia, colleague=desk.ben.id)
            raise NotSentError("Busy.", permanent=False)

    with sending_by(desk, LosesItsClaim()):
        desk.work()
    assert newest(desk, code).state == "queued"
    desk.clock.forward(hours=1)
    assert desk.work() == []
    email = newest(desk, code)
    assert (email.state, email.contact) == ("withdrawn", None)
    assert "claim it was written under was lost" in email.problem
    assert desk.broken() == {}


@pytest.mark.row("N1")
def test_a_database_that_is_away_before_sending_leaves_no_doubt(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No server was asked, so the first contact is tried again and is not uncertain for ever."""

    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("the database is away"))

    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.work()
    lite_desk.write(code, lite_desk.ada)
    with monkeypatch.context() as patch:
        patch.setattr(Emails, "_refuse_late", away)
        assert lite_desk.work() == []
    assert newest(lite_desk, code).state == "queued"
    lite_desk.clock.forward(minutes=10)
    assert [str(mail["X-Paidsupport-Kind"]) for mail in lite_desk.work()] == ["first-contact"]
    assert lite_desk.broken() == {}


@pytest.mark.row("T13")
@pytest.mark.parametrize("when", ["queued", "taken"])
def test_a_letter_that_names_what_has_become_private_never_leaves(
    lite_desk: Desk, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was public when the email was written; also if it is hidden after a worker has taken the email."""
    desk = lite_desk
    desk.hush()
    hidden, public = desk.open_issue(desk.ada), desk.open_issue(desk.ada)
    code = desk.order(service="question", acknowledged=frozenset(), answers={}, host_url="")
    desk.claim(code, desk.ada)
    desk.work()
    desk.write(code, desk.ada, f"We look into it: /issues/{hidden.lower()} and {public}.")

    def hide(*made: Any) -> Any:  # noqa: ANN401
        with desk.ctx(desk.ada) as ctx:
            access.set_private(ctx, hidden, private=True, key=new_key())
        return make(*made) if made else None

    make = outbox._made
    if when == "taken":
        monkeypatch.setattr(outbox, "_made", hide)
    else:
        hide()
    assert desk.work() == []
    email = newest(desk, code)
    assert (email.state, email.contact) == ("withdrawn", None)
    assert "has become private" in email.problem
    monkeypatch.undo()
    desk.write(code, desk.ada, f"We look into it: {public}.")
    assert len(desk.work()) == 1
    assert desk.broken() == {}


@pytest.mark.row("N1")
def test_a_worker_that_was_given_up_says_nothing_about_the_next_attempt(desk: Desk) -> None:
    """It was slow, not dead: by the time it ends, another worker has the email."""
    code = written(desk)
    begun, go_on = threading.Event(), threading.Event()

    class Patient(MemoryTransport):
        def send(self, mail: EmailMessage) -> None:
            begun.set()
            go_on.wait(120)
            super().send(mail)

    second = Patient()
    mount = mount_of(desk.app)

    def send_again() -> None:
        with desk.app.app_context():
            Emails(mount.services, mount.database, second, desk.clock).send_next()

    class Slow:
        def send(self, _mail: EmailMessage) -> None:
            desk.clock.now += LOST_AFTER + timedelta(seconds=1)
            Emails(mount.services, mount.database, self, desk.clock).give_up_lost()
            desk.settle(code, desk.ada, "again")
            pool.submit(send_again)
            begun.wait(120)
            raise NotSentError("Busy.", permanent=False)

    with ThreadPoolExecutor(1) as pool, desk.app.app_context():
        Emails(mount.services, mount.database, Slow(), desk.clock).send_next()
        assert newest(desk, code).state == "sending"
        go_on.set()
    assert newest(desk, code).state == "sent"
    desk.clock.forward(hours=1)
    assert desk.work() == []
    assert len(second.sent) == 1
    assert desk.broken() == {}


def test_a_letter_that_cannot_be_made_stops_no_other(desk: Desk) -> None:
    """Its file is gone, its address is none: it is shown to a person, and the rest leaves."""
    first, second, third = written(desk), desk.order(), desk.order()
    with desk.ctx() as ctx:
        email = desk_newest(ctx, first)
        file = {"reference": "r", "audience": "customer", "name": "a", "size": 1, "sha256": "0" * 64}
        key = {"storage_key": "0" * 40, "message_id": email.message_id, "ticket_id": email.ticket_id}
        ctx.session.add(File(**file, **key, at=ctx.now))
        ctx.session.execute(
            update(Email).where(Email.id == desk_newest(ctx, second).id).values(to_address="nobody")
        )
    with serving(mailbox := Mailbox()) as url, sending_by(desk, SmtpTransport(url)):
        desk.work()
    assert [newest(desk, code).state for code in (first, second, third)] == ["failed", "failed", "sent"]
    assert [mail["X-Paidsupport-Code"] for mail in mailbox.mails] == [third]
    assert all(newest(desk, code).problem for code in (first, second))


def test_a_letter_that_cannot_be_taken_waits_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is parked under its own name, tried again, and forgotten when it is withdrawn meanwhile."""
    withdrawn = desk.order()
    desk.claim(withdrawn, desk.ada)
    bad = written(desk)
    desk.write(withdrawn, desk.ada)
    good = desk.order()
    spoilt = [newest(desk, code).reference for code in (withdrawn, bad)]
    repeats = holding.repeats

    def fail(ctx: Context, ticket: Ticket, email: Email) -> bool:
        if email.reference in spoilt:
            raise ZeroDivisionError
        return repeats(ctx, ticket, email)

    monkeypatch.setattr(holding, "repeats", fail)
    assert [mail["X-Paidsupport-Code"] for mail in desk.work()] == [good]
    parked = desk.broken()["no job of a worker is parked"]
    assert sorted(line.split(":")[0] for line in parked) == sorted(f"send letters {each}" for each in spoilt)
    desk.transition(withdrawn, "release", desk.ada)
    monkeypatch.undo()
    assert desk.work() == []
    desk.clock.forward(minutes=1)
    assert [mail["X-Paidsupport-Code"] for mail in desk.work()] == [bad]
    assert newest(desk, withdrawn).state == "withdrawn"
    assert desk.broken() == {}


def desk_newest(ctx: Context, code: str) -> Email:
    """The newest email of a ticket, in this context."""
    ticket = tickets.lock(ctx.session, code)
    wanted = select(Email).where(Email.ticket_id == ticket.id).order_by(Email.id.desc()).limit(1)
    found: Email = ctx.session.scalars(wanted).one()
    return found


@pytest.mark.row("N1", "P3")
def test_two_workers_at_once_send_every_letter_once(desk: Desk) -> None:
    """A hundred emails of many tickets: none is left out, none is sent twice."""
    codes = [desk.order(email=f"{number}@example.com") for number in range(10)]
    with desk.ctx() as ctx:
        for code in codes:
            for number in range(9):
                ticket = tickets.lock(ctx.session, code)
                emails.to_customer(ctx, ticket, EmailKind.LINK, f"{number}", "Text.")
    mount, transport = mount_of(desk.app), MemoryTransport()
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait(120)
        with desk.app.app_context():
            worker = Worker(mount.services, mount.database, transport, desk.clock)
            while worker.once():
                pass

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work) for _ in range(2)]:
            done.result(60)
    assert len(transport.sent) == 100
    assert len({mail["Message-ID"] for mail in transport.sent}) == 100
    assert desk.broken() == {}


def test_a_letter_whose_worker_died_is_given_up_after_a_while(desk: Desk) -> None:
    """Not before: it might still be on its way."""
    code = written(desk)

    class Dies:
        def send(self, _mail: EmailMessage) -> None:
            raise KeyboardInterrupt

    with sending_by(desk, Dies()), pytest.raises(KeyboardInterrupt):
        desk.work()
    assert newest(desk, code).state == "sending"
    desk.clock.now += LOST_AFTER
    desk.work()
    assert newest(desk, code).state == "sending"
    desk.clock.forward(seconds=1)
    assert desk.work() == []
    email = newest(desk, code)
    assert email.state == "uncertain"
    assert "it may have arrived, or not" in email.problem
    assert desk.happened(code)[-1] == "letter-uncertain"
    assert desk.broken() == {}
