"""The desk as a test uses it: people who act, customers who order, mail that is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from paidsupport.desk import (
    annotation,
    checklists,
    claims,
    correspondence,
    decisions,
    digests,
    doctor,
    letters,
    moves,
    report,
    submissions,
    vault,
)
from paidsupport.desk.checklists import Tick
from paidsupport.desk.correspondence import Draft
from paidsupport.desk.decisions import Ask, Offer
from paidsupport.desk.issues import moves as issue_moves
from paidsupport.desk.issues.opening import Opening, open_issue
from paidsupport.desk.moves import Filled
from paidsupport.desk.submissions import Order
from paidsupport.desk.vault import Credential
from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import CLOCK, CUSTOMER, Actor, Role
from paidsupport.domain.codes import new_key
from paidsupport.domain.notices import Concern, Way
from paidsupport.mail.transports import MemoryTransport
from paidsupport.store import issues, pages, tickets
from paidsupport.store.decisions import Decision
from paidsupport.store.hostwork import Item
from paidsupport.store.issues import Issue
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket
from paidsupport.store.vault import Given, Secret, given
from paidsupport.testing import Clock, mount_of, work, worker_of

VISITOR = Actor("visitor", "a visitor")
#: A complete order for the demonstration's cheapest service.
ORDER = Order(
    service="installation",
    name="Jane Doe",
    email="jane@example.com",
    host_url="https://gallery.example.com",
    host_access="SSH, no root",
    details="A gallery for our club.",
    acknowledged=frozenset({0, 1, 2}),
    answers={"php": ["8.2"], "database": ["PostgreSQL"]},
    key="",
)


#: A question and an offer that can be asked as they are.
ASK = Ask(
    what="Restart Apache",
    why="The new module is not loaded before.",
    risk="All sites on this machine are away for some seconds.",
    undo="Taking the module out and restarting once more.",
)
OFFER = Offer(what="E-cards and the random block", why="Two modules and their settings.", price="20", days=14)
#: Evidence that will do, by its kind.
EVIDENCE = {
    "text": "in order",
    "long text": "in order",
    "number": "12",
    "link": "https://gallery.example.com/test",
    "date": "2034-03-30",
}


class Desk:
    """Verbs on one application's desk, each in a transaction of its own."""

    def __init__(self, app: Flask, clock: Clock, transport: MemoryTransport) -> None:
        self.app = app
        self.clock = clock
        self.transport = transport
        with app.app_context(), mount_of(app).database.reading() as session:
            rows = session.execute(select(Person.id, Person.name, Person.role))
            people = {row.name: Actor("person", row.name, row.id, Role(row.role)) for row in rows}
        self.ada, self.ben, self.mia = people["Ada"], people["Ben"], people["Mia"]

    @contextmanager
    def visit(self, by: Actor = VISITOR) -> Iterator[Visit]:
        """A writing visit that commits at its end."""
        mount = mount_of(self.app)
        with self.app.app_context(), mount.database.writing() as session:
            yield Visit(mount.house, session, by, mount.clock())

    def order(self, **changed: Any) -> str:  # noqa: ANN401  # fields of an Order
        """Order something; returns the code. Each order comes from an address of its own."""
        order = replace(ORDER, key=new_key(), **changed)
        with self.visit() as visit:
            return submissions.submit(visit, order, client=order.key).code

    def ticket(self, code: str) -> Ticket:
        """The ticket as it is now."""
        with self.visit() as visit:
            return tickets.lock(visit.session, code)

    def token(self, code: str) -> str:
        """The token of the customer's private page."""
        return mount_of(self.app).house.links.customer(self.ticket(code))

    def claim(self, code: str, by: Actor) -> Ticket:
        """Claim the ticket as it is now."""
        with self.visit(by) as visit:
            return claims.claim(visit, code, version=self._version(visit, code), key=new_key())

    def move(self, code: str, name: str, by: Actor, **filled: Any) -> Ticket:  # noqa: ANN401
        """Make a move on the ticket as it is now."""
        with self.visit(by) as visit:
            version = self._version(visit, code)
            return moves.make(visit, code, name, version=version, key=new_key(), filled=Filled(**filled))

    def write(self, code: str, by: Actor, body: str | None = None) -> Letter:
        """Write to the customer, from the draft if no text is given."""
        with self.visit(by) as visit:
            ticket = tickets.lock(visit.session, code)
            text = body or correspondence.open_letter(visit, ticket).body
            return correspondence.write(
                visit, code, Draft(text, ticket.claim_number, ticket.thread, new_key())
            )

    def receive(self, code: str, body: str) -> None:
        """A message of the customer."""
        with self.visit(CUSTOMER) as visit:
            correspondence.receive(visit, tickets.lock(visit.session, code), body, key=new_key())

    def annotate(self, code: str, by: Actor, body: str = "A note.", **more: Any) -> Ticket:  # noqa: ANN401
        """Leave a note; `more` can be the uploads with it."""
        with self.visit(by) as visit:
            return annotation.annotate(visit, code, body, key=new_key(), **more)

    def give(self, code: str, secret: str, kind: str = "password", **more: str) -> str:
        """Something the customer gives; returns its reference."""
        credential = Credential(kind, more.get("label", "SSH"), more.get("account", "jane"), secret)
        with self.visit(CUSTOMER) as visit:
            return vault.give(visit, tickets.lock(visit.session, code), credential, key=new_key()).reference

    def look(self, code: str, reference: str, by: Actor, **more: Any) -> str:  # noqa: ANN401
        """A look at it; `more` can be the reason, the claim and the key."""
        with self.visit(by) as visit:
            claim = tickets.lock(visit.session, code).claim_number
            asked: dict[str, Any] = {"reason": "To log in.", "claim": claim, "key": new_key()} | more
            return vault.look(visit, code, reference, **asked).plaintext

    def destroy(self, code: str, reference: str, by: Actor) -> Secret:
        """Destroy it, as a person of the desk."""
        with self.visit(by) as visit:
            return vault.destroy(visit, code, reference, key=new_key())

    def take_back(self, code: str, reference: str) -> Secret:
        """Destroy it, as the customer."""
        with self.visit(CUSTOMER) as visit:
            return vault.take_back(visit, tickets.lock(visit.session, code), reference, key=new_key())

    def given(self, code: str) -> list[Given]:
        """Everything the customer has given, with every look."""
        with self.visit() as visit:
            return given(visit.session, tickets.lock(visit.session, code))

    def settle(self, code: str, by: Actor, decision: str) -> Letter:
        """Decide about the newest letter of a ticket."""
        reference = self.letters(code)[-1].reference
        with self.visit(by) as visit:
            return letters.settle(visit, code, reference, decision, key=new_key())

    def letters(self, code: str) -> list[Letter]:
        """Every letter of a ticket, oldest first."""
        wanted = select(Letter).join(Ticket, Ticket.id == Letter.ticket_id).where(Ticket.code == code)
        with self.visit() as visit:
            return list(visit.session.scalars(wanted.order_by(Letter.id)))

    def happened(self, code: str) -> list[str]:
        """The kinds of a ticket's events, oldest first."""
        with self.visit() as visit:
            return [event.kind for event in pages.history(visit.session, tickets.lock(visit.session, code))]

    def broken(self) -> dict[str, list[str]]:
        """What the doctor finds broken."""
        with self.visit() as visit:
            return {name: lines for name, lines in doctor.examine(visit).items() if lines}

    def work(self) -> list[EmailMessage]:
        """What a worker does now; the mails that left."""
        return work(self.app)

    def tell(self) -> None:
        """What a worker does first: the notices of what has happened, and their letters."""
        worker_of(self.app).tell()

    def hush(self) -> None:
        """Nobody wants mails about what happens: for tests of all other mail."""
        for person in (self.ada, self.ben, self.mia):
            with self.visit(person) as visit:
                digests.prefer(visit, dict.fromkeys(Concern, Way.PAGE), 8)

    def open_issue(self, by: Actor, *followed_by: str, **opening: Any) -> str:  # noqa: ANN401
        """An issue that tickets follow; returns its code. `opening` can be fields of an Opening."""
        said: dict[str, Any] = {"kind": "bug", "summary": "Pictures stay dark", "details": "Upload one."}
        with self.visit(by) as visit:
            following = [tickets.lock(visit.session, code) for code in followed_by]
            return open_issue(visit, Opening(**(said | opening)), tickets=following, key=new_key()).code

    def issue(self, code: str) -> Issue:
        """The issue as it is now."""
        with self.visit(CLOCK) as visit:
            return issues.lock(visit.session, code, CLOCK)

    def issue_move(self, code: str, name: str, by: Actor, **filled: Any) -> Issue:  # noqa: ANN401
        """Make a move on the issue as it is now."""
        version = self.issue(code).version
        with self.visit(by) as visit:
            given = issue_moves.Filled(**filled)
            return issue_moves.make(visit, code, name, version=version, key=new_key(), filled=given)

    def change_issue(self, code: str, **values: Any) -> None:  # noqa: ANN401
        """Write into an issue past all rules: for tests of what comes after."""
        with self.visit(CLOCK) as visit:
            issues.change(visit.session, issues.lock(visit.session, code, CLOCK), **values)

    def in_progress(self, by: Actor, **order: Any) -> str:  # noqa: ANN401  # fields of an Order
        """A ticket on which work has started."""
        code = self.order(**order)
        self.claim(code, by)
        self.write(code, by)
        self.work()
        self.move(code, "start", by, note="On the phone.")
        return code

    def tick(self, code: str, by: Actor, name: str, **typed: str) -> Item:
        """Tick a line as it is now; evidence by its name, with _ for -."""
        with self.visit(by) as visit:
            item = checklists.find(visit, tickets.lock(visit.session, code), name)
            given = {key.replace("_", "-"): [value] for key, value in typed.items()}
            return checklists.tick(visit, code, Tick(name, item.version, new_key()), given)

    def items(self, code: str) -> dict[str, Item]:
        """The checklist as it is now."""
        with self.visit() as visit:
            return {item.name: item for item in checklists.of(visit, tickets.lock(visit.session, code))}

    def tick_all(self, code: str, by: Actor) -> None:
        """Tick every open line but that of the report, with evidence that will do."""
        for name, item in self.items(code).items():
            if item.state == "open" and name != checklists.REPORT:
                self.tick(code, by, name, **{e["name"]: EVIDENCE[e["kind"]] for e in item.evidence})

    def report(self, code: str, by: Actor) -> Letter:
        """Send the closing report as it is drafted."""
        with self.visit(by) as visit:
            ticket = tickets.lock(visit.session, code)
            text = report.draft(visit, ticket)
            return report.send(visit, code, Draft(text, ticket.claim_number, ticket.thread, new_key()))

    def finish(self, code: str, by: Actor, note: str = "") -> Ticket:
        """Do all that closing a ticket needs, and close it."""
        self.tick_all(code, by)
        self.report(code, by)
        self.work()
        return self.move(code, "close", by, note=note, destroy=True)

    def ask(self, code: str, by: Actor, item: str = "", **changed: str) -> Decision:
        """Ask the customer for consent; the letter leaves with the next work."""
        with self.visit(by) as visit:
            ticket = tickets.lock(visit.session, code)
            seen = {"claim": ticket.claim_number, "thread": ticket.thread, "key": new_key()}
            return decisions.ask_consent(visit, code, replace(ASK, item=item, **changed), **seen)  # type: ignore[arg-type]

    def offer(self, code: str, by: Actor, **changed: Any) -> Decision:  # noqa: ANN401  # fields of an Offer
        """Offer the customer something more; the letter leaves with the next work."""
        with self.visit(by) as visit:
            ticket = tickets.lock(visit.session, code)
            seen = {"claim": ticket.claim_number, "thread": ticket.thread, "key": new_key()}
            return decisions.make_offer(visit, code, replace(OFFER, **changed), **seen)  # type: ignore[arg-type]

    def answer(self, code: str, decision: Decision, choice: str, **changed: str) -> Decision:
        """The customer's answer to exactly this text."""
        given = {"word": "", "text_hash": decision.text_hash, "key": new_key()} | changed
        with self.visit(CUSTOMER) as visit:
            ticket = tickets.lock(visit.session, code)
            return decisions.answer(visit, ticket, decision.reference, choice, **given)

    def risky(self, by: Actor, **order: Any) -> str:  # noqa: ANN401  # fields of an Order
        """A ticket under work whose line “configuration” waits for the customer's consent."""
        code = self.in_progress(by, **order)
        with self.visit(by) as visit:
            checklists.set_traits(visit, code, ["configuration"], key=new_key())
        return code

    def decided(self, code: str) -> list[Decision]:
        """What the customer was asked, as it is now."""
        wanted = select(Decision).join(Ticket, Ticket.id == Decision.ticket_id).where(Ticket.code == code)
        with self.visit() as visit:
            return list(visit.session.scalars(wanted.order_by(Decision.number)))

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements sent meanwhile, by the desk and by the site."""
        seen: list[str] = []

        def note(_c: object, _u: object, statement: str, *_: object) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        with self.app.app_context():
            from paidsupport.site.users import db  # noqa: PLC0415  # the site's engine

            ours, hosts = mount_of(self.app).database.engine, db.engine
        # on PostgreSQL ours is the site's own engine with an option, and tells its listeners too
        engines = [hosts] if ours.pool is hosts.pool else [ours, hosts]
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)

    @staticmethod
    def _version(visit: Visit, code: str) -> int:
        return tickets.lock(visit.session, code).version


def sign_in(app: Flask, name: str) -> FlaskClient:
    """A browser in which `ada`, `ben` or `mia` is signed in."""
    client = app.test_client()
    token = csrf_token(client, "/login")
    answer = client.post(
        "/login", data={"email": f"{name}@example.org", "password": "demo", "csrf_token": token}
    )
    assert answer.status_code == 303, answer.text
    return client


def csrf_token(client: FlaskClient, url: str) -> str:
    """The CSRF token in the form at `url`."""
    return field(client.get(url).text, "csrf_token")


def field(html: str, name: str) -> str:
    """The value of the first field called `name` in a page."""
    for tag in re.findall(r"<(?:input|button)[^>]*>", html):
        if f'name="{name}"' in tag and (found := re.search(r'value="([^"]*)"', tag)):
            return found[1]
    raise AssertionError(f"no field {name} in:\n{html}")


def press(client: FlaskClient, page: str, url: str, **fields: Any) -> Any:  # noqa: ANN401
    """Send a form found at `page` to `url`, with its hidden fields and `fields`."""
    html = client.get(page).text
    hidden = {
        name: field(html, name) for name in ("csrf_token", "key", "version") if f'name="{name}"' in html
    }
    return client.post(url, data=hidden | fields)
