"""Erasing a customer: nothing of them is found anywhere, everything else is as before (P13)."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, select, text
from sqlalchemy.orm import Session

from paidsupport.connect.connections.tables import Connection, ConnectionState, ConnectionTask
from paidsupport.connect.webhooks import operations as deliveries
from paidsupport.connect.webhooks.queries import failed
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.db.marks import erased_columns
from paidsupport.kernel.errors import NotEndedError, NotFoundError, TransitionRefusedError
from paidsupport.kernel.files import Upload
from paidsupport.kernel.mail.transports import NotSentError
from paidsupport.ops.doctor import doctor
from paidsupport.ops.erasure import erasure
from paidsupport.ops.rating import operations as rating
from paidsupport.sales.leads.tables import Blocker, Wish
from paidsupport.sales.payments.bank.tables import BankLine
from paidsupport.sales.payments.tables import Payment, PaymentRefund, PaymentTask
from paidsupport.testing import mount_of, take_over
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.tables import Entry, Item
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails.tables import Email, Reminder
from paidsupport.tickets.queries import pages
from paidsupport.tickets.relations.operations import links as relations
from paidsupport.tickets.tables import Event, Ticket
from paidsupport.tickets.vault.tables import Look, Secret
from tests.ops.test_worker import PATIENCE, environment
from tests.people import Desk, sign_in
from tests.sites import site
from tests.tickets.test_pages import at, words

pytestmark = pytest.mark.row("P13")

#: Stands in everything that is personal; no two letters of it occur anywhere by themselves.
MARK = "xqzzjv"
ADDRESS = f"{MARK}.Jörg@example.com"


def customer(desk: Desk, **changed: Any) -> str:  # noqa: ANN401  # fields of an Order
    """An order in which every field carries the mark."""
    marked = {
        "name": f"Jane {MARK}",
        "email": ADDRESS,
        "host_url": f"https://{MARK}.example.com/",
        "host_access": f"SSH to {MARK}",
        "details": f"A gallery for {MARK}.",
        "answers": {"php": [f"8.2 {MARK}"], "database": ["PostgreSQL"]},
        "user_id": f"user-{MARK}",
    }
    return desk.order(**(marked | changed))


def ended(desk: Desk) -> str:
    """A ticket with something personal in every table that can hold it, closed."""
    code = customer(desk)
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        upload = Upload(f"{MARK}.txt", 1, io.BytesIO(f"content {MARK}".encode()))
        correspondence.receive(ctx, ticket, f"Go ahead, {MARK}.", key=new_key(), uploads=[upload])
    desk.transition(code, "start", desk.ada, note=f"On the phone with {MARK}.")
    desk.annotate(code, desk.ben, f"{MARK} is nice.", uploads=[Upload(f"{MARK}.png", 1, io.BytesIO(b"y"))])
    desk.write(code, desk.ada, f"Hello {MARK}, it is done.")
    desk.work()
    desk.finish(code, desk.ada, note=f"Thanked {MARK}.")
    with desk.ctx(CUSTOMER) as ctx:
        rating.rate(ctx, tickets.lock(ctx.session, code), "great", f"It was {MARK}.", key=new_key())
    desk.work()
    furnish(desk, code)
    return code


def furnish(desk: Desk, code: str) -> None:
    """Rows in the tables of the work on the host, and history as if it had been told of freely."""
    with desk.ctx() as ctx:  # nobody of the desk: the secret among the rows is none that opens
        session, ticket = ctx.session, tickets.lock(ctx.session, code)
        email = session.scalars(select(Email).where(Email.ticket_id == ticket.id)).first()
        messages = [row.message.id for row in pages.for_desk(ctx, code).thread]
        assert email
        key = ctx.services.files.keep(io.BytesIO(f"data key of {MARK}".encode())).key
        common = {"ticket_id": ticket.id}
        item = Item(
            **common,
            name="extra-1",
            position=1,
            text=f"E-cards for {MARK}",
            reason=MARK,
            told=f"E-cards for {MARK}",
            phase="work",
            gates=[],
            evidence=[],
            consent=False,
            skippable=True,
            guide="",
            answers=[{"name": "where", "label": "Where", "kind": "text", "value": MARK}],
            because=MARK,
        )
        secret = Secret(
            **common,
            reference="a-secret",
            kind="password",
            label=f"Panel of {MARK}",
            account=MARK,
            public_key=f"ssh-ed25519 AAAA {MARK}",
            sealed=MARK.encode(),
            key_reference=key,
            given_at=ctx.now,
        )
        session.add_all([item, secret])
        session.flush()
        who = {"person_id": desk.ada.id, "person_name": "Ada"}
        session.add_all(
            [
                Entry(**common, **who, machine=f"{MARK}.example.com", what=MARK, started_at=ctx.now),
                Look(**common, **who, secret_id=secret.id, claim_number=1, reason=MARK, at=ctx.now),
                Reminder(**common, kind="password", due_at=ctx.now),
                Blocker(
                    **common,
                    reference="a-blocker",
                    kind="other",
                    what=MARK,
                    noted_by_name="Ada",
                    noted_at=ctx.now,
                ),
                Wish(
                    **common,
                    **dict.fromkeys(("what", "summary", "details", "reason"), MARK),
                    reference="a-wish",
                    decision="refuse",
                    noted_by_name="Ada",
                    noted_at=ctx.now,
                    decided_at=ctx.now,
                ),
                # an operation of the site's own may tell more than it should
                Delivery(
                    **common,
                    reference="a-delivery",
                    event="told",
                    body=json.dumps({"id": "a-delivery", "who": MARK}),
                    state="queued",
                    created_at=ctx.now,
                    due_at=ctx.now,
                    problem=MARK,
                ),
                *(_decision(ctx.now, ticket, item, message, n) for n, message in enumerate(messages[:2])),
            ]
        )
        _pay(session, ticket, ctx.now)
        _connect(session, ticket, ctx.now)


def _connect(session: Session, ticket: Ticket, now: datetime) -> None:
    """A request to another program that says more than it should."""
    with set_aside(session):
        connection = Connection(
            reference="a-connection",
            kind="gone",
            name="A program",
            active=False,
            values={},
            sealed={},
            created_at=now,
            changed_at=now,
        )
        session.add(connection)
        session.flush()
    session.add(ConnectionState(connection_id=connection.id, watermark={}))
    session.add(
        ConnectionTask(
            reference="a-task",
            connection_id=connection.id,
            what="deliver",
            ticket_id=ticket.id,
            body=MARK,
            state="failed",
            created_at=now,
            due_at=now,
            ended_at=now,
            problem=MARK,
        )
    )


def _pay(session: Session, ticket: Ticket, now: datetime) -> None:
    """A payment that came to nothing, with all that was asked about it, and a line of a statement."""
    common = {"ticket_id": ticket.id, "problem": MARK}
    payment = Payment(
        **common,
        provider="paypal",
        reference="a-payment",
        amount_minor=100,
        currency=ticket.currency,
        step="ended",
        payee="",
        noted_by="",
        noted_at=now,
        address=f"https://pay.example.org/{MARK}",
        uri=f"taler://pay/{MARK}",
    )
    session.add(payment)
    session.flush()
    common["payment_id"] = payment.id
    refund = PaymentRefund(
        **common,
        reference="a-refund",
        amount_minor=1,
        state="failed",
        reason=MARK,
        asked_by="Mia",
        asked_at=now,
    )
    task = PaymentTask(**common, reference="a-task", what="look", state="failed", created_at=now, due_at=now)
    line = BankLine(
        **dict.fromkeys(("end_to_end", "reference", "text", "name", "iban"), MARK),
        key="0" * 64,
        imported="an-import",
        form="camt",
        imported_at=now,
        account="DE89370400440532013000",
        day=now.date(),
        amount_minor=100,
        currency=ticket.currency,
        is_debit=False,
        is_reversal=False,
        bank_reference="",
        place=0,
        state="reversed",
        reason="",
        ticket_id=ticket.id,
        decided_by="",
    )
    session.add_all([refund, task, line])


def _decision(now: Any, ticket: Ticket, item: Item, message: int, number: int) -> Decision:  # noqa: ANN401
    offer = bool(number)
    return Decision(
        reference=f"decision-{number}",
        ticket_id=ticket.id,
        number=number,
        kind="offer" if offer else "consent",
        item_id=item.id if offer else None,
        message_id=message,
        what=f"For {MARK}",
        why=MARK,
        risk=MARK,
        undo=MARK,
        price_minor=100 if offer else None,
        valid_until=now if offer else None,
        text_hash="f" * 64,
        claim_number=1,
        asked_by_id=ticket.owner_id,
        asked_by_name="Ada",
        asked_at=now,
        answer="approved" if offer else "",
        answered_at=now if offer else None,
        word=f"Yes. {MARK}",
    )


def erase(desk: Desk, address: str = ADDRESS) -> erasure.Erased:
    """Erase a customer."""
    with desk.ctx(desk.mia) as ctx:
        return erasure.erase(ctx, address)


def run(desk: Desk, *args: str, **more: Any) -> Any:  # noqa: ANN401  # what click gives
    """A command."""
    return desk.app.test_cli_runner().invoke(args=["paidsupport", "erase", *args], **more)


def traces(desk: Desk, mark: str = MARK) -> set[str]:
    """Every column of every table of ours, the index, and every file, in which the mark stands."""
    found = set()
    with desk.ctx() as ctx:
        for table in Base.metadata.sorted_tables:
            for row in ctx.session.execute(select(table)).mappings():
                found |= {f"{table.name}.{name}" for name, value in row.items() if mark in _said(value)}
        for words_ in ctx.session.execute(text("SELECT * FROM paidsupport_search")):
            found |= {"the index"} if mark in _said(tuple(words_)) else set()
        folder = Path(ctx.services.settings.files)
    for path in folder.rglob("*"):
        if path.is_file() and mark.encode() in path.read_bytes() + path.name.encode():
            found.add("a file")
    return found


def _said(value: object) -> str:
    """All of a value, bytes and structures too, in small letters."""
    if isinstance(value, bytes):
        return value.decode("latin-1").lower()
    return json.dumps(value, default=str).lower()


def test_the_trap_is_set(desk: Desk) -> None:
    """Before an erasure the mark stands wherever something typed can stand."""
    ended(desk)
    found = traces(desk)
    assert {"the index", "a file"} <= found
    typed = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        if "ticket_id" in table.c or table.name == "paidsupport_ticket"
        for column in erased_columns(table)
        if column.name in MAY_BE_PERSONAL or isinstance(column.type, LargeBinary)
    }
    # no email of this ticket has failed
    assert typed - found <= {"paidsupport_letter.problem"}


#: Names of columns in which something of a customer can stand.
MAY_BE_PERSONAL = {
    *("customer_name", "customer_email", "customer_user_id", "host_url", "host_access", "details", "answers"),
    *("summary", "agreed", "body", "what", "why", "risk", "undo", "word", "because", "machine", "label"),
    *("account", "public_key", "to_name", "to_address", "problem"),
}


def test_nothing_of_the_customer_is_found_anywhere(desk: Desk) -> None:
    """In no column of any table, not in the index, not in a file; the chain holds, the doctor is content."""
    code, other = ended(desk), desk.in_progress(desk.ben)
    desk.receive(other, "I am somebody else.")
    spelled = erase(desk, f"  {MARK.upper()}.Jo\u0308RG@EXAMPLE.com. ")
    assert spelled.codes == [code]
    assert traces(desk) == set()
    assert desk.broken() == {}
    counts = {"message": 4, "file": 2, "secret": 1, "decision": 2, "item": 8, "entry": 1, "look": 1}
    assert counts.items() <= spelled.counts.items()
    assert "somebody else" in desk_says(desk, other)
    assert desk.ticket(other).erased_at is None


def desk_says(desk: Desk, code: str) -> str:
    """The page of a ticket, in words."""
    return words(sign_in(desk.app, "ada").get(at(code)).text)


def test_figures_and_the_shape_of_history_stay(desk: Desk) -> None:
    """Numbers, kinds, moments, actors, hashes; moves are told as before, texts are not guessable any more."""
    code = ended(desk)
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        before = [_shape(event) for event in pages.history(ctx, ticket)]
        figures = _figures(ticket)
    erase(desk)
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        events = pages.history(ctx, ticket)
        assert [_shape(event) for event in events][:-1] == before
        assert events[-1].kind == "erased"
        assert _figures(ticket) == figures
        assert all(event.salt == "" and event.fingerprint is None for event in events[:-1])
        close = next(event for event in events if event.kind == "close")
        assert close.data == {"from": "in-progress", "to": "closed", "claim": 1}
        assert "text" not in next(event for event in events if event.kind == "message-in").data


def _figures(ticket: Ticket) -> tuple[object, ...]:
    return (ticket.price_minor, ticket.service_name, ticket.submitted_at, ticket.ended_at, ticket.thread)


def _shape(event: Event) -> tuple[object, ...]:
    told = (event.number, event.kind, event.at, event.actor_name, event.claim_number)
    return (*told, event.digest, event.hash)


def test_words_of_history_that_are_no_words_of_ours_go(desk: Desk) -> None:
    """Whatever an operation tells: a reason that somebody typed is no reason from a list."""
    events = mount_of(desk.app).events
    told = {"reason": MARK, "why": "x", "kind": "two words", "letter": "aB-_9", "message": None}
    assert events.cut("ticket", "letter-withdrawn", told) == {"letter": "aB-_9"}
    assert events.cut("ticket", "message-cut", told) == {"message": None}
    transition = {"to": "closed", "reason": "spam", "mentions": [7, 9]}
    assert events.cut("ticket", "reject", transition) == transition


def test_links_are_void_and_nothing_leaves_any_more(desk: Desk) -> None:
    """Queued emails are withdrawn, reminders dropped, secrets destroyed by name, questions closed."""
    code = ended(desk)
    token, reply = desk.token(code), mount_of(desk.app).services.links.reply_token(desk.ticket(code))
    with desk.ctx() as ctx:
        correspondence.send_links(ctx, ADDRESS, key=new_key())
    erase(desk)
    assert desk.work() == []
    assert desk.app.test_client().get(f"/support/t/{token}").status_code == 404
    assert mount_of(desk.app).services.links.reply_token(desk.ticket(code)) != reply
    assert desk.emails(code)[-1].state == "withdrawn"
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(Reminder.outcome)).all() == ["dropped"]
        secret = ctx.session.scalars(select(Secret)).one()
        assert (secret.sealed, secret.key_reference, secret.destroyed_by) == (None, None, "Mia")
        assert {row.answer for row in ctx.session.scalars(select(Decision))} == {"withdrawn", "approved"}
        assert ctx.session.scalars(select(Delivery.state)).all() == ["failed"]
        with pytest.raises(NotFoundError):
            deliveries.again(ctx, "a-delivery")
        assert failed(ctx.session) == []
        for row in ctx.session.scalars(select(File)):
            with pytest.raises(NotFoundError):
                ctx.services.files.open(row.storage_key)
        assert search.newest_hits(ctx.session, [MARK], 10) == []


def test_an_erased_ticket_can_be_read_and_stays_as_it_is(desk: Desk) -> None:
    """Its pages are there.

    No transition leads out of it, nobody can be written to, nothing can be ordered.
    """
    code = ended(desk)
    erase(desk)
    ada = sign_in(desk.app, "ada")
    assert "Everything personal was erased" in words(ada.get(at(code)).text)
    assert "Mia erased all personal data" in words(ada.get(at(code, "/history")).text)
    assert "Ada closed it (In progress → Closed)" in words(ada.get(at(code, "/history")).text)
    assert ada.get("/support/dev/mail").status_code == 200
    assert ada.get("/support/desk/?part=closed").status_code == 200
    assert ada.get(at(code, "/moves/reopen")).status_code == 409
    for act in (
        lambda: desk.transition(code, "reopen", desk.ada, note="Again."),
        lambda: _renew(desk, code),
        lambda: _request(desk, code),
    ):
        with pytest.raises(TransitionRefusedError, match="erased"):
            act()
    desk.annotate(code, desk.ada, "Asked for by letter.")
    assert desk.broken() == {}


def _renew(desk: Desk, code: str) -> None:
    with desk.ctx() as ctx:
        correspondence.renew_link(ctx, code)


def _request(desk: Desk, code: str) -> None:
    with desk.ctx(desk.ada) as ctx:
        wanted = {"service": "upgrade", "details": "x", "key": new_key()}
        relations.request_from(ctx, code, message=None, **wanted)


def test_nobody_is_erased_while_something_is_under_way(desk: Desk) -> None:
    """Neither what has ended nor what has not; the sentence names it."""
    code, waiting = ended(desk), customer(desk)
    with pytest.raises(NotEndedError, match=waiting) as refused:
        erase(desk)
    assert refused.value.codes == [waiting]
    assert desk.ticket(code).erased_at is None
    assert traces(desk)
    assert list(mount_of(desk.app).files.remembered()) == []
    desk.transition(waiting, "reject", desk.mia, reason="spam", note="No.")
    assert erase(desk).codes == [code, waiting]
    assert traces(desk) == set()


def test_a_letter_that_is_just_leaving_is_waited_for(desk: Desk) -> None:
    """Its worker may put it back into the queue with the answer of the mail server."""
    code = customer(desk)
    desk.transition(code, "reject", desk.mia, reason="spam", note="No.")
    seen: list[str] = []

    def send(_mail: object) -> None:
        with pytest.raises(TransitionRefusedError, match="being sent right now"):
            erase(desk)
        seen.append("refused")
        raise NotSentError(f"550 {ADDRESS} is unknown", permanent=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.transport, "send", send)
        desk.work()
    assert seen == ["refused"]
    assert "paidsupport_letter.problem" in traces(desk)
    erase(desk)
    assert traces(desk) == set()
    assert desk.emails(code)[-1].state == "withdrawn"
    assert desk.broken() == {}


def test_what_was_cut_is_told_apart_from_what_was_tampered_with(desk: Desk) -> None:
    """An emptied salt counts on erased tickets alone, before their erasure, with nothing but figures left."""
    code, other = ended(desk), desk.in_progress(desk.ben)
    erase(desk)
    desk.annotate(code, desk.ada, "Later.")
    event = Base.metadata.tables["paidsupport_event"]
    ids = {name: desk.ticket(found).id for name, found in (("erased", code), ("other", other))}
    for of, number, values in (
        ("other", 1, {"salt": "", "data": {}}),
        ("erased", 1, {"data": {"service": "two words"}}),
        ("erased", desk.ticket(code).event_count, {"salt": "", "data": {}}),
        ("erased", desk.ticket(code).event_count - 1, {"kind": "annotated"}),
    ):
        with desk.ctx() as ctx:
            where = (event.c.ticket_id == ids[of], event.c.number == number)
            ctx.session.execute(event.update().where(*where).values(**values))
            ctx.session.flush()
            broken = broken_in(ctx)
            ctx.session.rollback()
        assert "histories are unbroken" in broken, (of, number)
    assert desk.broken() == {}


def broken_in(ctx: Context) -> set[str]:
    """What the doctor finds in this session."""
    return {name for name, lines in doctor.examine(ctx).items() if lines}


class TestCommand:
    """`flask paidsupport erase`."""

    def test_it_asks_then_says_what_it_did(self, desk: Desk) -> None:
        """Codes and counts; done twice it finds nothing, and that is no error."""
        code = ended(desk)
        declined = run(desk, ADDRESS, input="n\n")
        assert declined.exit_code == 1
        assert f"Erase all personal data from {code}?" in declined.output
        assert traces(desk)
        done = run(desk, ADDRESS, input="y\n")
        assert done.exit_code == 0, done.output
        assert f"{code}: erased." in done.output
        assert "message 4" in done.output
        again = run(desk, ADDRESS, "--yes")
        assert (again.exit_code, again.output) == (0, "Tickets erased: 0. Rows emptied: none.\n")

    @pytest.mark.parametrize("args", [(), (ADDRESS, "--replay")])
    def test_it_wants_an_address_or_a_replay(self, lite_desk: Desk, args: tuple[str, ...]) -> None:
        """One of them, not both."""
        assert run(lite_desk, *args).exit_code == 2

    def test_what_has_not_ended_is_named(self, lite_desk: Desk) -> None:
        """On one line, with exit code 1."""
        code = customer(lite_desk)
        refused = run(lite_desk, ADDRESS, "--yes")
        assert refused.exit_code == 1
        assert code in refused.output

    def test_not_a_byte_is_left_in_the_files_of_sqlite(self, lite_desk: Desk, tmp_path: Path) -> None:
        """Neither in the database nor in its log."""
        ended(lite_desk)
        assert run(lite_desk, ADDRESS, "--yes").exit_code == 0
        held = [path for path in tmp_path.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]
        assert held == []


def test_a_process_of_its_own_erases_as_well(lite_desk: Desk) -> None:
    """Where nothing has loaded any table but the command itself."""
    code = ended(lite_desk)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "flask",
            "--app",
            "paidsupport.site",
            "paidsupport",
            "erase",
            ADDRESS,
            "--yes",
        ],
        env=environment(lite_desk, "keep:"),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert f"{code}: erased." in done.stdout, done.stderr
    assert traces(lite_desk) == set()


def test_a_restored_backup_is_erased_again(lite_app: Flask, tmp_path: Path) -> None:
    """From the journal beside the files; also a file that came back by itself, also what was open then."""
    desk = Desk(lite_app, *take_over(lite_app))
    code, open_then, other = ended(desk), customer(desk), desk.order()
    with desk.ctx() as ctx:
        keys = list(ctx.session.scalars(select(File.storage_key)))
    paths = [tmp_path / "files" / key[:2] / key for key in keys]
    contents = [path.read_bytes() for path in paths]
    mount_of(lite_app).database.scrub()  # all of it is in one file now
    backup = shutil.copy(tmp_path / "site.sqlite3", tmp_path / "backup.sqlite3")
    desk.transition(open_then, "reject", desk.mia, reason="spam", note="No.")
    assert run(desk, ADDRESS, "--yes").exit_code == 0
    assert run(desk, "--replay").output == "Tickets erased: 0. Rows emptied: none.\n"
    for app in site(f"sqlite:///{backup}", tmp_path, prepare=False):
        restored = Desk(app, *take_over(app))
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        assert traces(restored)
        done = run(restored, "--replay")
        assert done.exit_code == 0, done.output
        assert f"{code}: erased." in done.output
        assert f"{open_then}: has not ended" in done.output
        assert traces(restored) == set()
        assert restored.ticket(other).customer_name == "Jane Doe"
        restored.transition(open_then, "reject", restored.mia, reason="spam", note="Erased.")
        assert restored.broken() == {}
        # files alone come back
        paths[0].write_bytes(b"back again")
        assert set(restored.broken()) == {"erased data is gone"}
        assert run(restored, "--replay").exit_code == 0
        assert restored.broken() == {}


def test_an_erasure_that_fails_at_its_end_is_completed_by_a_replay(desk: Desk) -> None:
    """The journal is written first: what was dropped and what is left never stay apart."""
    code = ended(desk)
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, ADDRESS)
        ctx.session.rollback()
    assert desk.ticket(code).erased_at is None
    assert "files exist" in desk.broken()
    with desk.ctx(desk.mia) as ctx:
        assert erasure.replay(ctx).codes == [code]
    assert traces(desk) == set()
    assert desk.broken() == {}
