"""The desk as a test uses it: people who act, customers who order, mail that is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from secrets import token_hex
from typing import Any

from flask import Flask, session
from flask.testing import FlaskClient
from flask_login import login_user
from sqlalchemy import event, select

from paidsupport.demo import users
from paidsupport.issues import tables as issues
from paidsupport.issues.operations import transitions as issue_transitions
from paidsupport.issues.operations.opening import Opening, open_issue
from paidsupport.issues.tables import Issue
from paidsupport.kernel.actors import CLOCK, CUSTOMER, Actor, Role
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.mail.transports import MemoryTransport
from paidsupport.kernel.staff.concerns import Concern, Way
from paidsupport.kernel.staff.tables import Person
from paidsupport.ops.doctor import doctor
from paidsupport.testing import Clock, mount_of, work, worker_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import queries as lines
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.operations.checklist import Tick
from paidsupport.tickets.checklist.tables import Item
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.operations import Ask, Offer
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.notices.operations import digests
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.operations import Order
from paidsupport.tickets.queries import pages
from paidsupport.tickets.report import operations as report
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations import credentials as vault
from paidsupport.tickets.vault.operations.credentials import Credential
from paidsupport.tickets.vault.tables import Given, Secret, given

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
    """Operations on one application's desk, each in a transaction of its own."""

    def __init__(self, app: Flask, clock: Clock, transport: MemoryTransport) -> None:
        self.app = app
        self.clock = clock
        self.transport = transport
        with app.app_context(), mount_of(app).database.reading() as session:
            rows = session.execute(select(Person.id, Person.name, Person.role))
            people = {row.name: Actor("person", row.name, row.id, Role(row.role)) for row in rows}
        self.ada, self.ben, self.mia = people["Ada"], people["Ben"], people["Mia"]

    @contextmanager
    def ctx(self, by: Actor = VISITOR) -> Iterator[Context]:
        """A writing context that commits at its end."""
        mount = mount_of(self.app)
        with self.app.app_context(), mount.database.writing() as session:
            yield Context(mount.services, session, by, mount.clock())

    def order(self, **changed: Any) -> str:  # noqa: ANN401  # fields of an Order
        """Order something; returns the code. Each order comes from an address of its own."""
        order = replace(ORDER, key=new_key(), **changed)
        with self.ctx() as ctx:
            return submissions.submit(ctx, order, client=order.key).code

    def ticket(self, code: str) -> Ticket:
        """The ticket as it is now."""
        with self.ctx() as ctx:
            return tickets.lock(ctx.session, code)

    def token(self, code: str) -> str:
        """The token of the customer's private page."""
        return mount_of(self.app).services.links.customer(self.ticket(code))

    def claim(self, code: str, by: Actor) -> Ticket:
        """Claim the ticket as it is now."""
        with self.ctx(by) as ctx:
            return claims.claim(ctx, code, version=self._version(ctx, code), key=new_key())

    def transition(self, code: str, name: str, by: Actor, **filled: Any) -> Ticket:  # noqa: ANN401
        """Make a move on the ticket as it is now."""
        with self.ctx(by) as ctx:
            version = self._version(ctx, code)
            return transitions.make(ctx, code, name, version=version, key=new_key(), filled=Filled(**filled))

    def write(self, code: str, by: Actor, body: str | None = None) -> Email:
        """Write to the customer, from the draft if no text is given."""
        with self.ctx(by) as ctx:
            ticket = tickets.lock(ctx.session, code)
            text = body or correspondence.open_email(ctx, ticket).body
            return correspondence.write(ctx, code, Draft(text, ticket.claim_number, ticket.thread, new_key()))

    def receive(self, code: str, body: str) -> None:
        """A message of the customer."""
        with self.ctx(CUSTOMER) as ctx:
            correspondence.receive(ctx, tickets.lock(ctx.session, code), body, key=new_key())

    def annotate(self, code: str, by: Actor, body: str = "A note.", **more: Any) -> Ticket:  # noqa: ANN401
        """Leave a note; `more` can be the uploads with it."""
        with self.ctx(by) as ctx:
            return annotation.annotate(ctx, code, body, key=new_key(), **more)

    def give(self, code: str, secret: str, kind: str = "password", **more: str) -> str:
        """Something the customer gives; returns its reference."""
        credential = Credential(kind, more.get("label", "SSH"), more.get("account", "jane"), secret)
        with self.ctx(CUSTOMER) as ctx:
            return vault.give(ctx, tickets.lock(ctx.session, code), credential, key=new_key()).reference

    def look(self, code: str, reference: str, by: Actor, **more: Any) -> str:  # noqa: ANN401
        """A look at it; `more` can be the reason, the claim and the key."""
        with self.ctx(by) as ctx:
            claim = tickets.lock(ctx.session, code).claim_number
            asked: dict[str, Any] = {"reason": "To log in.", "claim": claim, "key": new_key()} | more
            return vault.look(ctx, code, reference, **asked).plaintext

    def destroy(self, code: str, reference: str, by: Actor) -> Secret:
        """Destroy it, as a member of staff."""
        with self.ctx(by) as ctx:
            return vault.destroy(ctx, code, reference, key=new_key())

    def take_back(self, code: str, reference: str) -> Secret:
        """Destroy it, as the customer."""
        with self.ctx(CUSTOMER) as ctx:
            return vault.take_back(ctx, tickets.lock(ctx.session, code), reference, key=new_key())

    def given(self, code: str) -> list[Given]:
        """Everything the customer has given, with every look."""
        with self.ctx() as ctx:
            return given(ctx.session, tickets.lock(ctx.session, code))

    def settle(self, code: str, by: Actor, decision: str) -> Email:
        """Decide about the newest email of a ticket."""
        reference = self.emails(code)[-1].reference
        with self.ctx(by) as ctx:
            return emails.settle(ctx, code, reference, decision, key=new_key())

    def emails(self, code: str) -> list[Email]:
        """Every email of a ticket, oldest first."""
        wanted = select(Email).join(Ticket, Ticket.id == Email.ticket_id).where(Ticket.code == code)
        with self.ctx() as ctx:
            return list(ctx.session.scalars(wanted.order_by(Email.id)))

    def happened(self, code: str) -> list[str]:
        """The kinds of a ticket's events, oldest first."""
        with self.ctx() as ctx:
            return [event.kind for event in pages.history(ctx, tickets.lock(ctx.session, code))]

    def broken(self) -> dict[str, list[str]]:
        """What the doctor finds broken."""
        with self.ctx() as ctx:
            return {name: lines for name, lines in doctor.examine(ctx).items() if lines}

    def work(self) -> list[EmailMessage]:
        """What a worker does now; the mails that left."""
        return work(self.app)

    def tell(self) -> None:
        """What a worker does first: the notices of what has happened, and their emails."""
        worker_of(self.app).tell()

    def hush(self) -> None:
        """Nobody wants mails about what happens: for tests of all other mail."""
        for person in (self.ada, self.ben, self.mia):
            with self.ctx(person) as ctx:
                digests.prefer(ctx, dict.fromkeys(Concern, Way.PAGE), 8)

    def open_issue(self, by: Actor, *followed_by: str, **opening: Any) -> str:  # noqa: ANN401
        """An issue that tickets follow; returns its code. `opening` can be fields of an Opening."""
        said: dict[str, Any] = {"kind": "bug", "summary": "Pictures stay dark", "details": "Upload one."}
        with self.ctx(by) as ctx:
            following = [tickets.lock(ctx.session, code) for code in followed_by]
            return open_issue(ctx, Opening(**(said | opening)), tickets=following, key=new_key()).code

    def issue(self, code: str) -> Issue:
        """The issue as it is now."""
        with self.ctx(CLOCK) as ctx:
            return issues.lock(ctx.session, code, CLOCK)

    def issue_move(self, code: str, name: str, by: Actor, **filled: Any) -> Issue:  # noqa: ANN401
        """Make a move on the issue as it is now."""
        version = self.issue(code).version
        with self.ctx(by) as ctx:
            given = issue_transitions.Filled(**filled)
            return issue_transitions.make(ctx, code, name, version=version, key=new_key(), filled=given)

    def change_issue(self, code: str, **values: Any) -> None:  # noqa: ANN401
        """Write into an issue past all rules: for tests of what comes after."""
        with self.ctx(CLOCK) as ctx:
            issues.change(ctx.session, issues.lock(ctx.session, code, CLOCK), **values)

    def in_progress(self, by: Actor, **order: Any) -> str:  # noqa: ANN401  # fields of an Order
        """A ticket on which work has started."""
        code = self.order(**order)
        self.claim(code, by)
        self.write(code, by)
        self.work()
        self.transition(code, "start", by, note="On the phone.")
        return code

    def tick(self, code: str, by: Actor, name: str, **typed: str) -> Item:
        """Tick a line as it is now; evidence by its name, with _ for -."""
        with self.ctx(by) as ctx:
            item = lines.item(ctx.session, tickets.lock(ctx.session, code), name)
            given = {key.replace("_", "-"): [value] for key, value in typed.items()}
            return checklists.tick(ctx, code, Tick(name, item.version, new_key()), given)

    def items(self, code: str) -> dict[str, Item]:
        """The checklist as it is now."""
        with self.ctx() as ctx:
            return {item.name: item for item in lines.items(ctx.session, tickets.lock(ctx.session, code))}

    def tick_all(self, code: str, by: Actor) -> None:
        """Tick every open line but that of the report, with evidence that will do."""
        for name, item in self.items(code).items():
            if item.state == "open" and name != checklists.REPORT:
                self.tick(code, by, name, **{e["name"]: EVIDENCE[e["kind"]] for e in item.evidence})

    def report(self, code: str, by: Actor) -> Email:
        """Send the closing report as it is drafted."""
        with self.ctx(by) as ctx:
            ticket = tickets.lock(ctx.session, code)
            text = report.draft(ctx, ticket)
            return report.send(ctx, code, Draft(text, ticket.claim_number, ticket.thread, new_key()))

    def finish(self, code: str, by: Actor, note: str = "") -> Ticket:
        """Do all that closing a ticket needs, and close it."""
        self.tick_all(code, by)
        self.report(code, by)
        self.work()
        return self.transition(code, "close", by, note=note, destroy=True)

    def ask(self, code: str, by: Actor, item: str = "", **changed: str) -> Decision:
        """Ask the customer for consent; the email leaves with the next work."""
        with self.ctx(by) as ctx:
            ticket = tickets.lock(ctx.session, code)
            seen = {"claim": ticket.claim_number, "thread": ticket.thread, "key": new_key()}
            return decisions.ask_consent(ctx, code, replace(ASK, item=item, **changed), **seen)  # type: ignore[arg-type]

    def offer(self, code: str, by: Actor, **changed: Any) -> Decision:  # noqa: ANN401  # fields of an Offer
        """Offer the customer something more; the email leaves with the next work."""
        with self.ctx(by) as ctx:
            ticket = tickets.lock(ctx.session, code)
            seen = {"claim": ticket.claim_number, "thread": ticket.thread, "key": new_key()}
            return decisions.make_offer(ctx, code, replace(OFFER, **changed), **seen)  # type: ignore[arg-type]

    def answer(self, code: str, decision: Decision, choice: str, **changed: str) -> Decision:
        """The customer's answer to exactly this text."""
        given = {"word": "", "text_hash": decision.text_hash, "key": new_key()} | changed
        with self.ctx(CUSTOMER) as ctx:
            ticket = tickets.lock(ctx.session, code)
            return decisions.answer(ctx, ticket, decision.reference, choice, **given)

    def risky(self, by: Actor, **order: Any) -> str:  # noqa: ANN401  # fields of an Order
        """A ticket under work whose line “configuration” waits for the customer's consent."""
        code = self.in_progress(by, **order)
        with self.ctx(by) as ctx:
            checklists.set_traits(ctx, code, ["configuration"], key=new_key())
        return code

    def decided(self, code: str) -> list[Decision]:
        """What the customer was asked, as it is now."""
        wanted = select(Decision).join(Ticket, Ticket.id == Decision.ticket_id).where(Ticket.code == code)
        with self.ctx() as ctx:
            return list(ctx.session.scalars(wanted.order_by(Decision.number)))

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements sent meanwhile, by the desk and by the site."""
        seen: list[str] = []

        def note(_c: object, _u: object, statement: str, *_: object) -> None:
            # random names may look like the code of an issue, and then it is asked whether there is one
            chance = "WHERE paidsupport_issue.code IN" in statement.replace("\n", "")
            if not chance and not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        with self.app.app_context():
            from paidsupport.demo.users import db  # noqa: PLC0415  # the site's engine

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
    def _version(ctx: Context, code: str) -> int:
        return tickets.lock(ctx.session, code).version


def sign_in(app: Flask, name: str) -> FlaskClient:
    """A browser in which `ada`, `ben` or `mia` is signed in."""
    client = app.test_client()
    with app.test_request_context(environ_base=client.environ_base):
        whose = users.User.email == f"{name}@example.org"
        login_user(users.db.session.scalars(select(users.User).where(whose)).one())
        # what the form of the site would leave in it, in a tenth of its time
        kept = {**session, "csrf_token": token_hex(20)}
    with client.session_transaction() as its:
        its.update(kept)
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
