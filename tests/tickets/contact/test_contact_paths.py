"""All paths that a first contact can take: whatever happens, there is one at most (N1, G6)."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from paidsupport.kernel.actors import CLOCK, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.outbox.operations import LOST_AFTER
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.contact import invariants as doctor_contacts
from paidsupport.tickets.contact.rules import ContactLog
from paidsupport.tickets.contact.tables import ContactLine, of_ticket
from paidsupport.tickets.emails import invariants as doctor_emails
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.sending import Emails
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import claims
from tests.people import Desk

Step = tuple[str, ...]
#: Most steps of one path.
STEPS = 24
#: How an attempt to send can end; the second and the third have reached the mail server.
ENDS = ("refused", "arrives", "unclear", "unclear and lost", "gone for good", "dies")


class Dies(BaseException):
    """The worker's process is killed."""


@dataclass
class Post:
    """A mail server that ends each attempt as told, and remembers what reached it and under which claim."""

    desk: Desk
    code: str
    end: str = "arrives"
    reached: Counter[str] = field(default_factory=Counter)
    under: dict[str, int] = field(default_factory=dict)

    def send(self, mail: EmailMessage) -> None:
        """Take a mail or not."""
        if mail["X-Paidsupport-Code"] != self.code:
            return  # left over from another path
        if self.end in {"arrives", "unclear"}:
            reference = str(mail["Message-ID"]).strip("<>").split("@")[0]
            self.reached[reference] += 1
            self.under[reference] = self.desk.ticket(self.code).claim_number
        if self.end == "refused":
            raise NotSentError("Busy.", permanent=False)
        if self.end == "gone for good":
            raise NotSentError("No such user.", permanent=True)
        if self.end.startswith("unclear"):
            raise UnclearError("The connection broke.")
        if self.end == "dies":
            raise Dies


@dataclass
class Path:
    """One ticket on its way, with what a person decided to send again."""

    desk: Desk
    code: str
    post: Post
    again: Counter[str] = field(default_factory=Counter)

    def claim(self, name: str) -> None:
        self.desk.claim(self.code, getattr(self.desk, name))

    def write(self) -> None:
        self.desk.write(self.code, self._owner())

    def release(self) -> None:
        self.desk.transition(self.code, "release", self.desk.mia, note="Somebody else, please.")

    def hand_over(self) -> None:
        other = self.desk.ben if self._owner() == self.desk.ada else self.desk.ada
        self.desk.transition(self.code, "hand-over", self.desk.mia, colleague=other.id)

    def abandon(self) -> None:
        self.desk.transition(
            self.code, "abandon", self._owner(), reason="no-response", note="Nobody answered."
        )

    def reopen(self) -> None:
        self.desk.transition(self.code, "reopen", self.desk.mia, note="They answered.")

    def lapse(self) -> None:
        self.desk.clock.now += timedelta(days=15)
        with self.desk.ctx(CLOCK) as ctx:
            claims.tend(ctx, tickets.lock(ctx.session, self.code).id)

    def send(self, end: str) -> None:
        """A worker's round for all emails that wait."""
        self.desk.clock.now += timedelta(hours=9)
        self.post.end = end
        mount = mount_of(self.desk.app)
        with self.desk.app.app_context(), suppress(Dies):
            Emails(mount.services, mount.database, self.post, self.desk.clock).send_all()

    def give_up(self) -> None:
        """The workers that died are given up."""
        self.desk.clock.now += LOST_AFTER + timedelta(seconds=1)
        mount = mount_of(self.desk.app)
        with self.desk.app.app_context():
            Emails(mount.services, mount.database, self.post, self.desk.clock).give_up_lost()

    def settle(self, reference: str, decision: str) -> None:
        """A person decides; under a lost claim, sending again is refused."""
        with suppress(TransitionRefusedError), self.desk.ctx(self.desk.mia) as ctx:
            emails.settle(ctx, self.code, reference, decision, key=new_key())
            self.again[reference] += decision == "again"

    def bounce(self, reference: str) -> None:
        """A mail server gives it back."""
        with self.desk.ctx(CLOCK) as ctx:
            emails.bounce(ctx, tickets.lock(ctx.session, self.code), reference, "No such user.")

    def restore(self, reference: str) -> None:
        """The row of an email is as it was in a backup: it waits to leave. The doctor sees that."""
        log_says = self._log().state_of(reference)
        back = {"state": "queued", "taken_under": None, "due_at": self.desk.clock.now}
        with self.desk.ctx() as ctx:
            ctx.session.execute(update(Email).where(Email.reference == reference).values(**back))
        assert bool(self.found()) is (log_says is not None)
        self.send("arrives")

    def possible(self) -> list[Step]:
        """The steps that can be taken now."""
        part, fenced = self.desk.ticket(self.code).part, self._fenced()
        by_part: dict[str, list[Step]] = {
            "unassigned": [("claim", "ada"), ("claim", "ben")],
            "pending": [*[("write",)] * 2, ("release",), ("hand_over",), ("lapse",), ("abandon",)],
            "closed": [("reopen",)],
        }
        found = by_part[part]
        if any(email.state == "queued" for email in fenced):
            found += [("send", end) for end in ENDS] * 2
        if any(email.state == "sending" for email in fenced):
            found += [("give_up",)]
        for email in fenced:
            decided = [decision for decision, states in emails.DECISIONS.items() if email.state in states]
            found += [("settle", email.reference, decision) for decision in decided] * 2
            if email.contact or email.kind in {"first-contact", "handover"}:
                found += [("bounce", email.reference), ("restore", email.reference)]
        return found

    def found(self) -> list[str]:
        """What the doctor says of contacts."""
        checks = (doctor_contacts.contacts_hold, doctor_emails.no_email_under_a_lost_claim)
        with self.desk.ctx() as ctx:
            return [line for check in checks for line in check(ctx) if line.startswith(self.code)]

    def check(self) -> None:
        """What must hold after every step, and that the doctor thinks so too."""
        sent = {email.reference: email for email in self.desk.emails(self.code)}
        opened = {name for name in self.post.reached if sent[name].kind == "first-contact"}
        assert len(opened) <= 1, "contacted first twice"
        for name, times in self.post.reached.items():
            assert times <= 1 + self.again[name], "sent again, and nobody said so"
            assert sent[name].claim_number in {None, self.post.under[name]}, "sent under a lost claim"
        assert self.found() == []

    def _owner(self) -> Actor:
        owner = self.desk.ticket(self.code).owner_id
        return next(each for each in (self.desk.ada, self.desk.ben) if each.id == owner)

    def _fenced(self) -> list[Email]:
        return [email for email in self.desk.emails(self.code) if email.claim_number]

    def _log(self) -> ContactLog:
        with self.desk.ctx() as ctx:
            return of_ticket(ctx.session, tickets.lock(ctx.session, self.code).id)


def begun(desk: Desk) -> Path:
    """A new, unclaimed ticket with its own mail server."""
    code = desk.order(email=f"{new_key()}@example.com")
    desk.work()
    desk.hush()
    return Path(desk, code, Post(desk, code))


def walk(path: Path, *steps: Step) -> None:
    """Take these steps, and check after each of them."""
    for name, *what in steps:
        getattr(path, name)(*what)
        path.check()


def wander(desk: Desk, data: st.DataObject) -> None:
    """Take any steps that are possible; in the end the emails that wait leave."""
    path = begun(desk)
    walk(path, ("claim", "ada"), ("write",))
    for _ in range(data.draw(st.integers(STEPS // 2, STEPS))):
        walk(path, data.draw(st.sampled_from(path.possible())))
    walk(path, ("send", "arrives"), ("give_up",))
    assert [line for lines in desk.broken().values() for line in lines if path.code in line] == []


ANYWHERE = settings(
    phases=(Phase.generate,),  # a path takes too long to be made shorter
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.row("N1", "G6")
@settings(ANYWHERE, max_examples=8)
@given(data=st.data())
def test_on_every_path_a_customer_is_contacted_first_once(lite_desk: Desk, data: st.DataObject) -> None:
    """Sent, uncertain, again, withdrawn, bounced, released, handed over, lapsed, restored, in any order."""
    wander(lite_desk, data)


@pytest.mark.soak
@settings(ANYWHERE, max_examples=200)
@given(data=st.data())
def test_on_many_paths_as_well(lite_desk: Desk, data: st.DataObject) -> None:
    """Whichever paths the short run leaves out."""
    wander(lite_desk, data)


@pytest.mark.postgres
@settings(ANYWHERE, max_examples=4)
@given(data=st.data())
def test_paths_on_postgresql(pg_desk: Desk, data: st.DataObject) -> None:
    """The same on the other database."""
    wander(pg_desk, data)


def first_of(path: Path) -> str:
    """The reference of the first contact."""
    return next(email.reference for email in path.desk.emails(path.code) if email.contact == "first")


@pytest.mark.row("N1")
@pytest.mark.parametrize("gone", ["release", "hand_over", "lapse"])
def test_what_was_uncertain_once_keeps_its_slot_whatever_is_decided(desk: Desk, gone: str) -> None:
    """Uncertain, “again”, and the claim ends before it leaves: the next owner writes a hand-over email."""
    path = begun(desk)
    walk(path, ("claim", "ada"), ("write",), ("send", "unclear"))
    walk(path, ("settle", first_of(path), "again"), (gone,))
    first = next(email for email in desk.emails(path.code) if email.reference == first_of(path))
    assert first.state == "withdrawn"
    if gone != "hand_over":
        walk(path, ("claim", "ben"))
    walk(path, ("write",), ("send", "arrives"))
    assert desk.emails(path.code)[-1].kind == "handover"
    assert desk.broken() == {}


@pytest.mark.row("N1")
def test_a_bounce_frees_no_slot(desk: Desk) -> None:
    """It came back, was taken back, and the next owner still is not the first."""
    path = begun(desk)
    walk(path, ("claim", "ada"), ("write",), ("send", "arrives"))
    walk(path, ("bounce", first_of(path)), ("release",), ("claim", "ben"), ("write",))
    assert desk.emails(path.code)[-1].kind == "handover"


@pytest.mark.row("N1")
def test_under_a_lost_claim_nothing_is_sent_again(desk: Desk) -> None:
    """The button is not there, and who sends the form all the same reads why."""
    path = begun(desk)
    walk(path, ("claim", "ada"), ("write",), ("send", "unclear and lost"), ("release",))
    email = desk.emails(path.code)[-1]
    with desk.ctx(desk.mia) as ctx:
        ticket = tickets.lock(ctx.session, path.code)
        assert emails.decisions(ctx, ticket, email) == ["sent", "withdrawn"]
    with pytest.raises(TransitionRefusedError, match="The next owner of the ticket writes to the customer"):
        desk.settle(path.code, desk.mia, "again")


def test_the_database_refuses_a_second_attempt_in_one_turn(desk: Desk) -> None:
    """Even programs that do not know the rules cannot contact a customer twice."""
    path = begun(desk)
    walk(path, ("claim", "ada"), ("write",), ("send", "arrives"))
    with desk.ctx() as ctx:
        line = select(ContactLine).where(ContactLine.letter == first_of(path), ContactLine.what == "taken")
        taken = ctx.session.scalars(line).one()
        copy = {name: getattr(taken, name) for name in ("ticket_id", "slot", "turn", "claim_number", "at")}
        ctx.session.add(ContactLine(**copy, letter="another", what="taken"))
        with pytest.raises(IntegrityError):
            ctx.session.flush()
        ctx.session.rollback()
