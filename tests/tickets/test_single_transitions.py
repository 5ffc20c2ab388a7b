"""Any order of single transitions: whatever two developers, a manager, a customer and the clock do (N1)."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import create_engine, select

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.errors import (
    NotTheOwnerError,
    StaleThreadError,
    StaleTicketError,
    TransitionRefusedError,
)
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.paid import PAID
from paidsupport.tickets.tables import Ticket
from tests.people import Desk

#: What may well happen to a ticket in each state; the more often it stands here, the more often it does.
LIKELY = {
    "open": "claim claim claim receive work reject wait settle",
    "pending": "write write work work start start hand-over hand-over release receive settle wait abandon"
    " annotate reject claim",
    "in-progress": "write work work hand-over release receive settle wait annotate close close abandon start",
    "closed": "reopen reopen receive work settle annotate wait close",
    "abandoned": "reopen reopen receive work settle annotate wait close",
    "invalid": "reopen reopen receive work settle annotate wait claim",
}
MOODS = ("good", "good", "good", "busy", "refusing", "broken before", "broken after")
chances = st.sampled_from(range(720720))
#: Whoever holds the ticket acts more often than others do.
people = st.sampled_from(("owner", "owner", "owner", "owner", "owner", "ada", "ben", "mia"))
#: How many versions old the page is that somebody acts on.
ages = st.sampled_from((0, 0, 0, 0, 0, 0, 1))


@dataclass(frozen=True)
class Step:
    """How a person does something."""

    who: str
    age: int
    note: str
    colleague: str
    mood: str
    hours: int
    again: bool


steps = st.builds(
    Step,
    who=people,
    age=ages,
    note=st.sampled_from(("", "Because.", "Because.", "Because.")),
    colleague=st.sampled_from(("ada", "ben", "mia")),
    mood=st.sampled_from(MOODS),
    hours=st.sampled_from((1, 1, 12, 40, 400)),
    again=st.booleans(),
)


class Moody:
    """A mail server that takes mails, is busy, refuses, or breaks off before or after it has one."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.mood = "good"
        self.delivered: Counter[str] = Counter()
        self.carried: dict[str, Email] = {}

    def send(self, mail: EmailMessage) -> None:
        """What the mood says; what is delivered is checked against the claim it was written under."""
        if self.mood in {"busy", "refusing"}:
            raise NotSentError(self.mood, permanent=self.mood == "refusing")
        if self.mood == "broken before":
            raise UnclearError(self.mood)
        reference = mail["Message-ID"].removeprefix("<").split("@")[0]
        with self.desk.ctx() as ctx:
            row = ctx.session.execute(
                select(Email, Ticket.claim_number).join(Ticket).where(Email.reference == reference)
            ).one()
        email, present = row
        assert email.claim_number in {None, present}, "a mail left under a lost claim"
        self.carried[reference] = email
        self.delivered[reference] += 1
        if self.mood == "broken after":
            raise UnclearError(self.mood)


class SingleTransitions(RuleBasedStateMachine):
    """One ticket, and everything that can be done to it."""

    desk: Desk
    template: Path
    folder: Path

    @initialize()
    def order(self) -> None:
        """A fresh database with one open ticket."""
        mount = mount_of(self.desk.app)
        copy = shutil.copy(self.template, self.folder / f"{new_key()}.sqlite3")
        self.database = Database(create_engine(f"sqlite:///{copy}"))
        mount.__dict__["database"] = self.database
        # the journal of the database before knows nothing of this one
        shutil.rmtree(Path(str(self.desk.app.config["PAIDSUPPORT_FILES"])) / "journal", ignore_errors=True)
        self.transport = mount.transport = Moody(self.desk)
        self.code = self.desk.order()
        self.version, self.thread, self.messages, self.made = 1, 0, 0, 1
        self.owner: int | None = None
        self.number = 0
        self.state = "open"
        self.events: list[str] = []

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What the rules refuse is refused; everything else that is raised is a fault."""
        with suppress(TransitionRefusedError, NotTheOwnerError, StaleTicketError, StaleThreadError):
            yield

    def person(self, name: str) -> Actor:
        """The owner, Ada, Ben or Mia."""
        known = (self.desk.ada, self.desk.ben, self.desk.mia)
        if name == "owner":
            return next((person for person in known if person.id == self.owner), self.desk.ada)
        found: Actor = getattr(self.desk, name)
        return found

    @rule(chance=chances, step=steps)
    def something_happens(self, chance: int, step: Step) -> None:
        """One thing that is likely in this state."""
        likely = LIKELY[self.state].split()
        name = likely[chance % len(likely)]
        if name in {transition.name for transition in PAID.transitions}:
            self.transition(name, step)
        else:
            getattr(self, name)(step)

    def transition(self, name: str, step: Step) -> None:
        """Make a transition, perhaps from an old page, perhaps without a note, and click twice."""
        transition = PAID.transition(name)
        filled = Filled(
            transition.reasons[0].name if transition.reasons else "",
            step.note,
            self.person(step.colleague).id if transition.takes("colleague") else None,
        )
        key, version, by = new_key(), self.version - step.age, self.person(step.who)
        with self.attempt():
            for _ in range(2):
                with self.desk.ctx(by) as ctx:
                    transitions.make(ctx, self.code, name, version=version, key=key, filled=filled)
            self.made += 1

    def write(self, step: Step) -> None:
        """Write to the customer, perhaps from a page of an older claim or an older thread."""
        with self.attempt(), self.desk.ctx(self.person(step.who)) as ctx:
            ticket = tickets.lock(ctx.session, self.code)
            body = correspondence.open_email(ctx, ticket).body
            old_claim, old_thread = (step.age, 0) if step.again else (0, step.age)
            draft = Draft(body, ticket.claim_number - old_claim, ticket.thread - old_thread, new_key())
            correspondence.write(ctx, self.code, draft)
            assert not step.age
            self.messages += 1

    def receive(self, _step: Step) -> None:
        """The customer writes."""
        self.desk.receive(self.code, "Hello.")
        self.messages += 1

    def annotate(self, step: Step) -> None:
        """Leave a note."""
        self.desk.annotate(self.code, self.person(step.who))

    def work(self, step: Step) -> None:
        """A worker does what is due, with a mail server of some mood."""
        self.transport.mood = step.mood
        before = self.desk.happened(self.code).count("release")
        self.desk.work()
        self.made += self.desk.happened(self.code).count("release") - before

    def wait(self, step: Step) -> None:
        """Let time pass: emails become due again, and claims lapse when a worker checks them."""
        self.desk.clock.now += timedelta(hours=step.hours)

    def settle(self, step: Step) -> None:
        """A person who knows what happened decides about a stuck email."""
        stuck = [one for one in self.desk.emails(self.code) if one.state in {"uncertain", "failed"}]
        if not stuck:
            return
        arrived = self.transport.delivered[stuck[-1].reference] > 0
        decision = "sent" if arrived else "again" if step.again else "withdrawn"
        with self.attempt(), self.desk.ctx(self.person(step.who)) as ctx:
            emails.settle(ctx, self.code, stuck[-1].reference, decision, key=new_key())

    @invariant()
    def everything_holds(self) -> None:
        """The doctor finds nothing, no customer was contacted twice, and the counters are right."""
        if not hasattr(self, "code"):
            return
        assert self.desk.broken() == {}
        delivered = self.transport.delivered
        assert max(delivered.values(), default=0) <= 1
        first = [ref for ref, email in self.transport.carried.items() if email.kind == "first-contact"]
        assert len(first) <= 1
        written = self.desk.emails(self.code)
        if any(email.kind == "handover" and email.state == "queued" for email in written):
            assert any(email.contact == "first" and email.attempts for email in written)
        ticket, happened = self.desk.ticket(self.code), self.desk.happened(self.code)
        # an email of a lost claim waits only where somebody settled that it be tried again
        lost = [one for one in written if one.claim_number not in {None, ticket.claim_number}]
        assert all(one.attempts for one in lost if one.state == "queued")
        assert ticket.version == self.made
        assert ticket.thread == self.messages
        assert ticket.event_count == len(happened)
        assert happened[: len(self.events)] == self.events
        assert ticket.claim_number >= self.number
        assert ticket.claim_number > self.number or ticket.owner_id == self.owner
        self.version, self.events, self.state = ticket.version, happened, ticket.state
        self.owner, self.number = ticket.owner_id, ticket.claim_number

    def teardown(self) -> None:
        """Leave no connection behind."""
        if hasattr(self, "database"):
            self.database.engine.dispose()


@pytest.mark.row("N1", "G6", "G11")
@pytest.mark.parametrize("walks", [5, pytest.param(200, marks=pytest.mark.soak)])
def test_no_order_of_single_moves_breaks_anything(
    lite_desk: Desk, sqlite_site: Path, tmp_path: Path, walks: int
) -> None:
    """After every step: invariants, one first contact at most, no mail under a lost claim, counters."""
    mount = mount_of(lite_desk.app)
    own, begun = mount.__dict__.get("database"), lite_desk.clock.now

    class Machine(SingleTransitions):
        desk = lite_desk
        template = sqlite_site
        folder = tmp_path

    plan = settings(
        max_examples=walks,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # looking for the shortest way to a fault takes minutes: add Phase.shrink when there is one
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )
    try:
        run_state_machine_as_test(Machine, settings=plan)
    finally:
        lite_desk.clock.now = begun
        mount.__dict__["database"] = own
