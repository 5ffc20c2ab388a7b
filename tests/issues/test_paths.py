"""Whatever people do in whatever order: no customer is told too early, twice, or not at all (T18)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import followers, notes, resolution, solved
from paidsupport.issues.operations import transitions as issue_transitions
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.rules.kinds import Stage
from paidsupport.issues.tables import Issue, IssueEvent
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.actors import CLOCK, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import PaidSupportError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import claims, transitions
from tests.people import Desk

pytestmark = pytest.mark.row("T18")

PEOPLE = st.sampled_from(["ada", "ben", "mia"])
STAGES = st.sampled_from(list(Stage))
NUMBERS = st.integers(0, 2)
_ORDER = list(Stage)


class Paths(RuleBasedStateMachine):
    """One issue, up to three customers, three staff, and the clock."""

    desk: Desk
    fresh = count()
    #: What has happened at all: a run in which nothing does would prove nothing.
    seen: ClassVar[set[str]] = set()

    @initialize(stages=st.lists(STAGES, max_size=2))
    def begin(self, stages: list[Stage]) -> None:
        """An issue that some customers wait for."""
        self.code = self.desk.open_issue(self.desk.mia)
        self.tickets: list[str] = []
        #: Emails that were written although they must not have been.
        self.wrong: list[str] = []
        for stage in stages:
            self.follow(stage, "ada")

    def person(self, name: str) -> Actor:
        """The person with this name."""
        actor: Actor = getattr(self.desk, name)
        return actor

    def attempt(self, by: Actor, act: Callable[[Context], Any]) -> bool:
        """Whether the desk allowed an action."""
        with suppress(PaidSupportError):
            with self.desk.ctx(by) as ctx:
                act(ctx)
            return True
        return False

    def issue(self) -> Issue:
        """The issue as it is."""
        return self.desk.issue(self.code)

    def waiting(self) -> list[Waiting]:
        """All who ever waited."""
        with self.desk.ctx(CLOCK) as ctx:
            return followers.everybody(ctx, issues.lock(ctx.session, self.code, CLOCK))

    def ready(self, issue: Issue, stage: str) -> bool:
        """By other means than the desk's own: it is approved, and has come so far."""
        come = _ORDER.index(Stage(issue.stage)) if issue.stage else -1
        return issue.approved_at is not None and come >= _ORDER.index(Stage(stage))

    @rule(stage=STAGES, name=PEOPLE)
    @precondition(lambda self: len(self.tickets) < 3)
    def follow(self, stage: Stage, name: str) -> None:
        """Add a customer whose ticket has an owner."""
        ticket = self.desk.order(service="question", email=f"c{next(self.fresh)}@example.com")
        self.desk.claim(ticket, self.person(name))
        self.desk.transition(ticket, "follow", self.person(name), note="Filed.")
        self.tickets.append(ticket)

        def act(ctx: Context) -> None:
            row = tickets.lock(ctx.session, ticket)
            followers.follow(ctx, issues.lock(ctx.session, self.code, CLOCK), row, stage)

        self.attempt(self.person(name), act)

    @rule(
        name=PEOPLE,
        transition=st.sampled_from([transition.name for transition in ISSUE.transitions]),
        to=PEOPLE,
    )
    def transition(self, name: str, transition: str, to: str) -> None:
        """Make any transition as any person, with any input."""
        filled = issue_transitions.Filled("other", "Because.", self.person(to).id, "2.1")
        version = self.issue().version
        self.attempt(
            self.person(name),
            lambda ctx: issue_transitions.make(
                ctx, self.code, transition, version=version, key=new_key(), filled=filled
            ),
        )

    @rule(names=st.lists(PEOPLE, min_size=1, max_size=9))
    def advance(self, names: list[str]) -> None:
        """The next sensible steps."""
        for name in names:
            self.step(name)

    def step(self, name: str) -> None:
        """The next sensible step, with what it needs."""
        issue, by = self.issue(), self.person(name)
        self.seen.add(issue.state)
        self.hurry()
        issue = self.issue()
        if issue.state in {"new", "feedback"}:
            known = {"feedback_at": self.desk.clock(), "estimate_minutes": 60, "path": "Read the header."}
            self.desk.change_issue(self.code, **known, timeline_at=self.desk.clock(), target_release="2.1")
            with self.desk.ctx(CLOCK) as ctx:
                found = issues.lock(ctx.session, self.code, CLOCK)
                for each in followers.everybody(ctx, found):
                    each.follower.investigating_at = ctx.now
                notes.keep(ctx, found, "draft", "We fixed it.")
            self.transition("mia", "answer" if issue.state == "feedback" else "confirm", name)
        elif issue.state == "confirmed":
            self.transition(name, "start", name)
        elif issue.state == "assigned" and issue.approved_at is None:
            for author in ("ada", "ben", "mia"):
                self.transition(author, "submit", name)
        elif issue.state == "review" and by.id != issue.author_id:
            self.desk.change_issue(self.code, reviewed_by_id=by.id, review_outcome="not-reproduced")
            self.transition(
                name, "approve" if any(not w.follower.ended_at for w in self.waiting()) else "settle", name
            )
        elif issue.state == "resolved":
            self.transition("mia", "close", name)
        elif issue.approved_at is not None:
            self.reach("mia", Stage.PRODUCTION, back=False)
            self.hurry()
            self.work()

    def hurry(self) -> None:
        """The actions of a person in a hurry: to finish, and to have told every customer."""
        for transition in ("resolve", "settle", "dismiss", "close"):
            if any(each.follower.ended_at is None for each in self.waiting()):
                self.transition("mia", transition, "ada")
        for number, ticket in enumerate(self.tickets):
            for name in ("ada", "ben", "mia"):
                if self.desk.ticket(ticket).owner_id == self.person(name).id:
                    self.tell(number, name)

    @rule(name=PEOPLE, stage=STAGES, back=st.booleans())
    def reach(self, name: str, stage: Stage, *, back: bool) -> None:
        """The solution comes to a stage, or is taken back."""
        why = "It broke." if back else ""
        self.attempt(
            self.person(name),
            lambda ctx: resolution.reach(ctx, self.code, stage, "2.1", key=new_key(), why=why),
        )

    @rule(number=NUMBERS, name=PEOPLE)
    def tell(self, number: int, name: str) -> None:
        """Write the email, if the desk lets one."""
        if number >= len(self.tickets):
            return
        ticket, issue = self.tickets[number], self.issue()
        stages = {each.ticket.code: each.follower.stage for each in self.waiting()}

        def act(ctx: Context) -> None:
            row = tickets.lock(ctx.session, ticket)
            body = f"It is solved ({new_key()})."
            solved.send(ctx, ticket, self.code, Draft(body, row.claim_number, row.thread, new_key()))

        if not self.attempt(self.person(name), act):
            return
        self.seen.add("told")
        if not self.ready(issue, stages[ticket]):
            self.wrong.append(f"{ticket} was told too early")

    @rule(number=NUMBERS, name=PEOPLE, deed=st.sampled_from(["told", "leave"]))
    def say(self, number: int, name: str, deed: str) -> None:
        """Note that a customer was told in another way, or no longer waits."""
        if number < len(self.tickets):
            act = resolution.told if deed == "told" else resolution.leave
            ticket = self.tickets[number]
            self.attempt(
                self.person(name), lambda ctx: act(ctx, self.code, ticket, "By phone.", key=new_key())
            )

    @rule(
        number=NUMBERS,
        name=PEOPLE,
        transition=st.sampled_from(["dismiss", "resolve", "reopen", "release", "spam"]),
    )
    def transition_ticket(self, number: int, name: str, transition: str) -> None:
        """The ticket goes its own way."""
        if number < len(self.tickets):
            code, filled = self.tickets[number], transitions.Filled("other", "Because.")
            version = self.desk.ticket(code).version
            self.attempt(
                self.person(name),
                lambda ctx: transitions.make(
                    ctx, code, transition, version=version, key=new_key(), filled=filled
                ),
            )

    @rule(number=NUMBERS, name=PEOPLE)
    def claim(self, number: int, name: str) -> None:
        """A person claims a ticket."""
        if number < len(self.tickets):
            code = self.tickets[number]
            version = self.desk.ticket(code).version
            self.attempt(
                self.person(name), lambda ctx: claims.claim(ctx, code, version=version, key=new_key())
            )

    @rule(number=NUMBERS)
    def answer(self, number: int) -> None:
        """A customer writes."""
        if number < len(self.tickets):
            code = self.tickets[number]
            self.attempt(
                CLOCK,
                lambda ctx: correspondence.receive(
                    ctx, tickets.lock(ctx.session, code), "Still dark.", key=new_key()
                ),
            )

    @rule()
    def work(self) -> None:
        """What the worker does: emails leave, and what is over ends."""
        before = self.issue(), self.waiting()
        sent = {row.reference for row in self.emails() if row.state == "sent"}
        self.desk.work()
        ready = {each.ticket.id: self.ready(before[0], each.follower.stage) for each in before[1]}
        for row in self.emails():
            if row.state == "sent" and row.reference not in sent and not ready[row.ticket_id]:
                self.wrong.append(f"{row.reference} left too early")

    def emails(self) -> list[Email]:
        """The emails that say that it is solved."""
        with self.desk.ctx(CLOCK) as ctx:
            ids = [tickets.lock(ctx.session, code).id for code in self.tickets]
            return list(
                ctx.session.scalars(select(Email).where(Email.ticket_id.in_(ids), Email.kind == "solved"))
            )

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """No customer of an issue that is over still waits without knowing."""
        self.seen.add(self.issue().state)
        if self.issue().state not in {"resolved", "closed"}:
            return
        for each in self.waiting():
            told, email = each.follower.told_at is not None, each.solved
            assert each.follower.ended_at is not None or told or (email and email.state == "sent")

    @invariant()
    def nobody_is_told_too_early(self) -> None:
        """No email was written or left before its stage."""
        assert self.wrong == []

    @invariant()
    def nobody_is_told_twice(self) -> None:
        """One email, and one more for each time that it was not solved after all."""
        with self.desk.ctx(CLOCK) as ctx:
            issue = issues.lock(ctx.session, self.code, CLOCK)
            lines = ctx.session.scalars(
                select(IssueEvent.data).where(
                    IssueEvent.issue_id == issue.id, IssueEvent.kind == "waits-again"
                )
            )
            again = [line["ticket"] for line in lines]
        live = [row.ticket_id for row in self.emails() if row.state != "withdrawn"]
        for code in self.tickets:
            assert live.count(self.desk.ticket(code).id) <= 1 + again.count(code)

    def teardown(self) -> None:
        """The doctor finds nothing wrong."""
        assert self.desk.broken() == {}


def test_no_path_leads_past_a_customer(lite_desk: Desk) -> None:
    """Random moves by random people, with random customers and stages."""
    lite_desk.hush()

    class OnThisDesk(Paths):
        desk = lite_desk

    run_state_machine_as_test(
        OnThisDesk,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert OnThisDesk.seen >= {"assigned", "review", "resolved", "told"}
