"""The proof that nobody is contacted twice: many developers, killed processes, a crashing database (N1, P3).

Web servers, workers and PostgreSQL run as real processes; mail goes to a real SMTP server that counts.
While clients claim, write, release and hand over as fast as they can, processes get SIGKILL and the
database crashes. `PAIDSUPPORT_PROOF_SECONDS` makes the run longer.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from paidsupport.demo import content as demo
from paidsupport.demo import create_app
from paidsupport.demo.users import db, ensure
from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.mail.transports import MemoryTransport
from paidsupport.kernel.outbox.operations import LOST_AFTER
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.worker import Worker
from paidsupport.ops.doctor import doctor
from paidsupport.testing import mount_of
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Claim, Ticket
from tests.concurrency.processes import Fleet, Mailbox, in_threads, letting_go, mail_server, wait_until
from tests.conftest import guard
from tests.people import Desk
from tests.people import field as field_of
from tests.postgres import Postgres, find_bindir

SECONDS = float(os.environ.get("PAIDSUPPORT_PROOF_SECONDS", "8"))
#: A storm that has not put enough at stake by then proves nothing; a busy machine needs a while for it.
LONGEST = max(SECONDS, 600.0)
#: Seconds a client waits for an answer.
PATIENCE = 120
#: Seconds that a fault waits at most until something was done since the one before.
BREATHER = 60
#: A fault proves something only where so much was acknowledged under load before it struck.
AT_STAKE = 10
DEVELOPERS = 24
CLIENTS = 200
TICKETS = 60
FIRST = "first-contact"
_ROW = re.compile(r'name="version" value="(\d+)" formaction="[^"]*/tickets/([^/"]+)/claim"')


@dataclass
class Notes:
    """What the clients were told had been done: none of it may be lost, whatever crashed."""

    claims: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    in_browser: int = 0
    emails: set[str] = field(default_factory=set)
    refused: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def claimed(self) -> int:
        """How many claims the clients were told of."""
        with self.lock:
            return self.claims.total() + self.in_browser

    @property
    def acknowledged(self) -> int:
        """How many claims and emails the clients were told of."""
        with self.lock:
            return self.claims.total() + self.in_browser + len(self.emails)

    def __str__(self) -> str:
        answers = ", ".join(f"{number} × {code}" for code, number in sorted(self.refused.items()))
        return f"{self.claimed} claims, {len(self.emails)} letters, answers {answers}"


@dataclass
class Toll:
    """How much had been acknowledged under load since the last fault of a kind, whenever one struck."""

    faults: dict[str, list[int]] = field(default_factory=lambda: {"database crash": [], "outbox killed": []})

    def since(self, kind: str, acknowledged: int) -> int:
        """How much of this has been acknowledged since the last fault of this kind."""
        return acknowledged - sum(self.faults[kind])

    def count(self, kind: str, acknowledged: int) -> None:
        """A fault is about to strike; so much has been acknowledged since the beginning."""
        self.faults[kind].append(self.since(kind, acknowledged))

    @property
    def is_enough(self) -> bool:
        """Whether enough was at stake for this to be a proof."""
        return all(sum(struck) >= AT_STAKE for struck in self.faults.values())


@dataclass
class Told:
    """All that has been acknowledged, by servers and by the outbox, and what it was before each fault."""

    notes: Notes
    mailbox: Mailbox
    toll: Toll
    _last: tuple[int, int] = (0, 0)

    def wait_for_more(self, *, mails: bool) -> None:
        """Let the next fault strike at work: where processes need long to return, nobody would do any."""
        end = time.monotonic() + BREATHER
        while time.monotonic() < end and not (
            self.notes.acknowledged > self._last[0]
            and (not mails or len(self.mailbox.message_ids) > self._last[1])
        ):
            time.sleep(0.1)
        self._last = self.notes.acknowledged, len(self.mailbox.message_ids)


class Client:
    """One developer's program or browser, which tries again when a server dies under it."""

    def __init__(self, number: int, ports: list[int], tokens: list[str], notes: Notes) -> None:
        self._random = random.Random(number)  # noqa: S311  # the same in every run
        self._ports = ports
        self._number = number % DEVELOPERS
        self._http = requests.Session()
        self._tokens = tokens
        self._notes = notes
        self._csrf = ""
        self._refused = False

    def sign_in(self) -> None:
        """As a browser does, with the form of the site."""
        url = f"http://127.0.0.1:{self._ports[0]}/login"
        token = field_of(self._http.get(url, timeout=PATIENCE).text, "csrf_token")
        data = {"email": f"dev{self._number}@example.org", "password": "demo", "csrf_token": token}
        assert self._http.post(url, data=data, timeout=PATIENCE).ok
        self._csrf = token

    def live(self, over: threading.Event) -> None:
        """Claim, write, release, hand over, until it is over."""
        while not over.is_set():
            code = self._claim_in_browser() if self._csrf else self._claim_by_program()
            if code:
                self._do_something_with(code)
            else:
                self._release_something()
            if (
                self._refused
            ):  # by a server that was killed: two hundred who ask on leave it no time to return
                over.wait(0.5)

    def _claim_in_browser(self) -> str:
        page = self._send("GET", "/support/desk/")
        rows = _ROW.findall(page.text) if page is not None else []
        if not rows:
            return ""
        version, code = self._random.choice(rows)
        data = {"csrf_token": self._csrf, "version": version, "key": new_key()}
        path = f"/support/desk/tickets/{code}/claim"
        answer = self._send("POST", path, data=data, allow_redirects=False)
        if answer is None or answer.status_code != 303:
            return ""
        with self._notes.lock:
            self._notes.in_browser += 1
        return str(code)

    def _claim_by_program(self) -> str:
        listed = self._send("GET", "/support/api/v1/tickets?part=unassigned")
        rows = listed.json()["items"] if listed is not None and listed.ok else []
        if not rows:
            return ""
        row = self._random.choice(rows)
        answer = self._deed(f"/{row['code']}/claim", row["version"], {})
        if answer is None or not answer.ok:
            return ""
        with self._notes.lock:
            self._notes.claims[row["code"], answer.json()["claim_number"], f"Dev {self._number}"] += 1
        return str(row["code"])

    def _release_something(self) -> None:
        """As the manager does, so that there is always something to claim."""
        listed = self._send("GET", "/support/api/v1/tickets?part=pending")
        rows = listed.json()["items"] if listed is not None and listed.ok else []
        # not too often, or nobody would hold anything for long enough to write
        for row in self._random.sample(rows, min(len(rows), self._random.choice((0, 0, 0, 1)))):
            note = {"note": "Nobody seems to be at it."}
            self._deed(f"/{row['code']}/moves/release", row["version"], note, token=self._tokens[-1])

    def _do_something_with(self, code: str) -> None:
        seen = self._send("GET", f"/support/api/v1/tickets/{code}")
        if seen is None or not seen.ok:
            return
        ticket = seen.json()
        # now and then an email is written although the claim may be gone: it must not leave
        for _ in range(self._random.choice((0, 1, 1, 2))):
            self._write(code, ticket)
        choice = self._random.random()
        if choice < 0.55:
            self._deed(f"/{code}/moves/release", ticket["version"], {"note": "Somebody else, please."})
        elif choice < 0.75:
            colleague = str(self._random.randrange(1, DEVELOPERS))
            self._deed(f"/{code}/moves/hand-over", ticket["version"], {"colleague": colleague})
            self._write(code, ticket)
        elif choice < 0.85:
            self._deed(f"/{code}/moves/start", ticket["version"], {"note": "Agreed on the phone."})
        elif choice < 0.9:
            sent = {"reason": "no-response", "note": "Nobody answered."}
            self._deed(f"/{code}/moves/abandon", ticket["version"], sent)
            self._deed(f"/{code}/moves/reopen", ticket["version"] + 1, {"note": "They answered."})

    def _write(self, code: str, ticket: dict[str, Any]) -> None:
        body = f"Hello, {code}, USD 45.00, PayPal: dev{self._number}@example.org. {new_key()}"
        sent = {"body": body, "claim": ticket["claim_number"], "thread": ticket["thread"]}
        answer = self._deed(f"/{code}/messages", None, sent)
        if answer is not None and answer.status_code == 201:
            ticket["thread"] += 1
            with self._notes.lock:
                self._notes.emails.add(answer.json()["letter"])

    def _deed(
        self, path: str, version: int | None, sent: dict[str, Any], token: str = ""
    ) -> requests.Response | None:
        """A POST that is sent again under the same key until somebody answers."""
        headers = {"Idempotency-Key": new_key()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        for _ in range(8):
            answer = self._send("POST", f"/support/api/v1/tickets{path}", json=sent, headers=headers)
            if answer is not None and answer.status_code < 500:
                return answer
            time.sleep(0.3)
        return None

    def _send(self, method: str, path: str, **options: Any) -> requests.Response | None:  # noqa: ANN401
        port = self._random.choice(self._ports)
        headers = {"Authorization": f"Bearer {self._tokens[self._number]}", **options.pop("headers", {})}
        try:
            answer = self._http.request(
                method, f"http://127.0.0.1:{port}{path}", headers=headers, timeout=PATIENCE, **options
            )
        except requests.RequestException:
            self._refused = True
            return None
        self._refused = False
        with self._notes.lock:
            self._notes.refused[answer.status_code] += 1
            # pages the server made itself are those of a host whose own session died while it was torn down
            if answer.status_code == 500 and "generated by server" not in answer.text:
                self._notes.failures.append(f"{method} {path}: {answer.text[:300]}")
        return answer


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.row("N1", "P3", "G6")
def test_no_customer_is_contacted_twice_whatever_crashes(tmp_path: Path) -> None:
    """At most one first contact per ticket, nothing acknowledged is lost, and the doctor finds nothing."""
    if find_bindir() is None:
        guard("postgres", "apt-get install postgresql, or set PG_BINDIR")
    server = Postgres().start(durable=True)
    mailbox, notes, toll = Mailbox(), Notes(), Toll()
    try:
        with mail_server(mailbox) as mail_url:
            environment = _environment(server.create_database("proof"), mail_url, tmp_path)
            app, desk, tokens = _prepared(environment)
            fleet = Fleet(environment, tmp_path / "log", servers=2, workers=2)
            with letting_go(app):
                try:
                    fleet.start()
                    _storm(fleet, server, tokens, Told(notes, mailbox, toll))
                    _calm(app)
                finally:
                    fleet.stop()
                    print(f"{notes}, {fleet.kills} kills, acknowledged before each fault {toll.faults}")  # noqa: T201
                    print(fleet.last_words())  # noqa: T201
                server.restart()  # cuts off what is still being done for those that were killed
                _settle(app)
        with letting_go(app):
            _check(desk, mailbox, notes)
        assert notes.claimed > SECONDS
        assert fleet.kills >= len(fleet)
        assert toll.is_enough, f"too little was acknowledged before the faults: {toll.faults}"
        assert not notes.failures, "a server failed without a sentence"
    finally:
        server.close()


def _environment(uri: str, mail_url: str, folder: Path) -> dict[str, str]:
    return {
        "FLASK_SQLALCHEMY_DATABASE_URI": uri,
        "FLASK_SECRET_KEY": "a secret of the proof",
        "FLASK_PAIDSUPPORT_MAIL_URL": mail_url,
        "FLASK_PAIDSUPPORT_FILES": str(folder),
        "FLASK_PAIDSUPPORT_ORDERS_PER_HOUR": "100000",
    }


def _prepared(environment: dict[str, str]) -> tuple[Any, Desk, list[str]]:
    config: dict[str, object] = {name.removeprefix("FLASK_"): value for name, value in environment.items()}
    config["PAIDSUPPORT_ORDERS_PER_HOUR"] = 100_000
    app = create_app(config)
    with app.app_context():
        demo.prepare(0)
        users = [ensure(f"dev{n}@example.org", f"Dev {n}", "demo") for n in range(DEVELOPERS)]
        db.session.commit()
        ids = [user.id for user in users]
    mount = mount_of(app)
    desk = Desk(app, mount.clock, MemoryTransport())  # type: ignore[arg-type]  # the real clock
    with desk.ctx(desk.mia) as ctx:
        for number, user_id in enumerate(ids):
            people.add(
                ctx,
                host_user_id=str(user_id),
                name=f"Dev {number}",
                email=f"dev{number}@example.org",
                role="developer",
                payment=f"PayPal: dev{number}@example.org",
            )
        tokens = [
            people.new_token(ctx, f"dev{n}@example.org", "proof", 1, "write") for n in range(DEVELOPERS)
        ]
        tokens.append(people.new_token(ctx, "mia@example.org", "proof", 1, "manage"))
    for number in range(TICKETS):
        desk.order(email=f"customer{number}@example.com")
    return app, desk, tokens


def _storm(fleet: Fleet, server: Postgres, tokens: list[str], told: Told) -> None:
    notes, toll = told.notes, told.toll
    clients = [Client(number, fleet.ports, tokens, notes) for number in range(CLIENTS)]
    for client in clients[:DEVELOPERS]:
        client.sign_in()
    over = threading.Event()

    def chaos() -> None:
        begun, step = time.monotonic(), 0
        # a slow machine gets the time it needs for each of them to die once, and for enough to be at stake
        while (lasted := time.monotonic() - begun) < SECONDS - 2 or (
            lasted < LONGEST and (step < len(fleet) or not toll.is_enough or notes.claimed <= SECONDS)
        ):
            time.sleep(2)
            step += 1
            told.wait_for_more(mails=fleet.is_worker(step))
            if fleet.is_worker(step):
                toll.count("outbox killed", len(told.mailbox.message_ids.copy()))
            fleet.kill(step)
            if step % 4 == 2:  # in turns
                toll.count("database crash", notes.acknowledged)
                server.restart(immediate=True)

    def run(number: int) -> None:
        if number < CLIENTS:
            clients[number].live(over)
            return
        try:
            chaos()
        finally:
            over.set()

    in_threads(run, CLIENTS + 1)


def _calm(app: Any) -> None:  # noqa: ANN401  # a Flask application
    """Let the workers empty the outbox."""
    mount = mount_of(app)
    mount.database.engine.dispose()  # its connections died with the server

    def nothing_due() -> bool:
        with app.app_context(), mount.database.reading() as session:
            now = mount.clock()
            due = select(Email.id).where(Email.state == EmailState.QUEUED, Email.due_at <= now)
            return session.scalar(due.limit(1)) is None

    with letting_go(app):
        wait_until(nothing_due, "an empty outbox")


def _settle(app: Any) -> None:  # noqa: ANN401  # a Flask application
    """Give up the emails that died with their workers, and try again what failed while others died."""
    mount = mount_of(app)
    with letting_go(app), app.app_context():
        later = mount.clock() + LOST_AFTER + timedelta(minutes=1)
        Worker(mount.services, mount.database, mount.transport, lambda: later).once()


def _check(desk: Desk, mailbox: Mailbox, notes: Notes) -> None:
    first_contacts = Counter({code: n for (code, kind), n in mailbox.kinds.items() if kind == FIRST})
    assert first_contacts, "nobody was contacted at all"
    assert _more_than_once(first_contacts) == {}, "customers were contacted twice"
    assert _more_than_once(mailbox.message_ids) == {}, "mails left twice"
    winners = Counter((code, number) for code, number, _ in notes.claims)
    assert _more_than_once(winners) == {}, "two developers were told of the same claim"
    with desk.ctx() as ctx:
        emails = {email.reference: email.state for email in ctx.session.scalars(select(Email))}
        logged = {
            (code, number, name)
            for code, number, name in ctx.session.execute(
                select(Ticket.code, Claim.number, Person.name)
                .join(Claim, Claim.ticket_id == Ticket.id)
                .join(Person, Person.id == Claim.person_id)
            )
        }
        broken = {name: lines for name, lines in doctor.examine(_as_clock(ctx)).items() if lines}
    left = {reference: emails.get(reference) for reference in mailbox.message_ids}
    assert broken == {}, "the doctor finds something"
    assert set(notes.claims) - logged == set(), "an acknowledged claim is missing"
    assert notes.emails - set(emails) == set(), "an acknowledged letter is missing"
    ended = (EmailState.SENT, EmailState.UNCERTAIN)
    strange = {reference: state for reference, state in left.items() if state not in ended}
    assert strange == {}, "a mail left that is in no outbox, or of which the outbox does not know"
    said = {reference for reference, state in emails.items() if state == EmailState.SENT}
    assert said - set(left) == set(), "an email is said to have left that did not"


def _more_than_once(counted: Counter[Any]) -> dict[Any, int]:
    return {what: number for what, number in counted.items() if number > 1}


def _as_clock(ctx: Context) -> Context:
    return Context(ctx.services, ctx.session, CLOCK, ctx.now)
