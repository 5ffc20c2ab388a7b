"""Every transition of the table: who may make it, what it needs, and what it does (G5, G8, G9, G11)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from paidsupport.capabilities import ALL
from paidsupport.engines import engines
from paidsupport.intake.workflow import REQUEST
from paidsupport.kernel.actors import CLOCK, CUSTOMER, Actor
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    NotTheOwnerError,
    TransitionRefusedError,
)
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Transition, Workflow
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.operations.checklist import REPORT, Tick
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.conversation.tables import Annotation
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.paid import PAID
from paidsupport.tickets.tables import Claim
from tests.people import Desk

VISITOR = Actor("visitor", "a visitor")


def in_state(desk: Desk, state: str) -> str:
    """A ticket that Ada holds or held, in `state`."""
    if state == "open":
        return desk.order()
    if state == "pending":
        code = desk.order()
        desk.claim(code, desk.ada)
        return code
    if state == "invalid":
        code = desk.order()
        desk.transition(code, "reject", desk.mia, reason="spam", note="Spam.")
        return code
    code = desk.in_progress(desk.ada)
    if state == "closed":
        desk.finish(code, desk.ada)
    if state == "abandoned":
        desk.transition(code, "abandon", desk.ada, reason="no-response", note="Nothing heard.")
    return code


def everything(desk: Desk, transition: Transition) -> dict[str, Any]:
    """A form of `move` that is filled in."""
    return {
        "reason": transition.reasons[0].name if transition.reasons else "",
        "note": "Because.",
        "colleague": desk.ben.id if transition.takes("colleague") else None,
        "destroy": True,
    }


def actors(desk: Desk) -> dict[str, Actor]:
    """One of each kind; Ada is the owner where there is one."""
    return {
        "Ada": desk.ada,
        "Ben": desk.ben,
        "Mia": desk.mia,
        "customer": CUSTOMER,
        "clock": CLOCK,
        "visitor": VISITOR,
    }


@pytest.mark.row("G5", "G8", "G9", "G11")
def test_every_move_is_made_from_its_states_by_its_roles_and_by_nobody_else(lite_desk: Desk) -> None:
    """Each transition × each state × each kind of person; what the page offers is what can be done."""
    desk = lite_desk
    seen = set()
    for state in PAID.states:
        desk.clock.forward(hours=2)  # so many orders of one customer are too many for an hour
        code = in_state(desk, state.name)
        if state.name == "pending":
            desk.write(code, desk.ada)
            desk.work()
        if state.name == "in-progress":
            ready_to_close(desk, code)
        owner = desk.ticket(code).owner_id
        for name, actor in actors(desk).items():
            for transition in PAID.transitions:
                allowed = state.name in transition.sources and bool(transition.who & actor.roles(owner))
                if transition.name == "reject" and owner not in {None, actor.id} and not actor.is_manager:
                    allowed = False
                done = tried(desk, code, transition, actor)
                assert done is allowed, (transition.name, state.name, name)
                seen.add((transition.name, done))
        with desk.ctx(desk.ada) as ctx:
            offered = transitions.possible(ctx, tickets.lock(ctx.session, code))
        assert {found.transition.name for found in offered} == {
            transition.name for transition in PAID.transitions_for(state.name, desk.ada.roles(owner))
        }
    assert seen == {(transition.name, done) for transition in PAID.transitions for done in (True, False)}


def ready_to_close(desk: Desk, code: str, without: str = "") -> None:
    """All that closing needs, but for what is left out."""
    if without != "checked":
        desk.tick_all(code, desk.ada)
    if without != "reported":
        desk.report(code, desk.ada)
    desk.work()
    if without == "reported":
        item = desk.items(code)[REPORT]
        with desk.ctx(desk.ada) as ctx:
            checklists.tick(ctx, code, Tick(REPORT, item.version, "k"), {})


def tried(desk: Desk, code: str, transition: Transition, actor: Actor) -> bool:
    """Whether `actor` can make `move`; nothing is kept."""
    with desk.ctx(actor) as ctx:
        version = tickets.lock(ctx.session, code).version
        filled = Filled(**everything(desk, transition))
        try:
            transitions.make(ctx, code, transition.name, version=version, key="k", filled=filled)
        except (TransitionRefusedError, NotFoundError):
            return False
        finally:
            ctx.session.rollback()
        return True


@pytest.mark.row("G8", "G9", "G11")
@pytest.mark.parametrize(
    ("state", "transition", "left_out"),
    [
        (state, transition.name, guard.name)
        for transition in PAID.transitions
        for state in transition.sources[:1]
        for guard in transition.guards
        if guard.name not in {"unheld", "not-anothers", "letters-settled"}
    ],
)
def test_a_need_that_does_not_hold_is_told_in_its_sentence(
    lite_desk: Desk, state: str, transition: str, left_out: str
) -> None:
    """Everything else is given: the refusal says that one sentence, and nothing has changed."""
    desk = lite_desk
    code = in_state(desk, state)
    if left_out == "paid-first":
        with desk.ctx() as ctx:
            tickets.lock(ctx.session, code).payee = "before"
    if left_out in {"agreed", "explained", "paid-first"}:
        desk.write(code, desk.ada)
        desk.work()
    if transition == "close":
        ready_to_close(desk, code, without=left_out)
    if left_out == "answered":
        desk.ask(code, desk.ada)
        desk.work()
    if left_out == "vault-empty":
        desk.give(code, "correct horse")
    guard = next(guard for guard in PAID.transition(transition).guards if guard.name == left_out)
    filled = everything(desk, PAID.transition(transition))
    if guard.field:
        filled[guard.field] = {"colleague": None, "destroy": False}.get(guard.field, " ")
    before = desk.ticket(code)
    with pytest.raises(TransitionRefusedError) as refused:
        desk.transition(code, transition, desk.ada, **filled)
    assert refused.value.sentences == [guard.unmet]
    assert desk.ticket(code).version == before.version
    assert desk.happened(code)[-1] != transition


@pytest.mark.row("G8")
def test_work_starts_once_it_is_agreed_with_the_customer(desk: Desk) -> None:
    """Not before an email has reached them; then by their reply, or by a note how it was agreed."""
    code = desk.order()
    desk.receive(code, "When do you start?")
    desk.claim(code, desk.ada)
    with pytest.raises(TransitionRefusedError, match="Contact the customer first"):
        desk.transition(code, "start", desk.ada, note="On the phone.")
    desk.write(code, desk.ada)
    with pytest.raises(TransitionRefusedError, match="None of your emails has reached them"):
        desk.transition(code, "start", desk.ada, note="On the phone.")
    desk.work()
    with pytest.raises(TransitionRefusedError, match="Wait for the customer's reply"):
        desk.transition(code, "start", desk.ada)
    desk.clock.forward(minutes=1)
    desk.receive(code, "Yes, please.")
    ticket = desk.transition(code, "start", desk.ada)
    assert (ticket.state, ticket.agreed) == ("in-progress", "The customer replied.")
    other = desk.in_progress(desk.ben)
    assert desk.ticket(other).agreed == "On the phone."
    assert desk.broken() == {}


@pytest.mark.row("G9")
@pytest.mark.parametrize("state", [EmailState.QUEUED, EmailState.UNCERTAIN, EmailState.FAILED])
def test_nothing_is_closed_while_a_letter_is_not_settled(lite_desk: Desk, state: EmailState) -> None:
    """Waiting, unclear and failed emails stand against closing."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    ready_to_close(desk, code)
    desk.write(code, desk.ada, "One more thing.")
    newest = desk.emails(code)[-1].id
    with desk.ctx() as ctx:
        taken = {"taken_under": 1} if state is not EmailState.QUEUED else {}
        ctx.session.execute(update(Email).where(Email.id == newest).values(state=state, **taken))
    with pytest.raises(TransitionRefusedError, match="is still waiting or stuck"):
        desk.transition(code, "close", desk.ada)


@pytest.mark.row("G9", "G10")
def test_an_end_leaves_its_reason_and_an_annotation(desk: Desk) -> None:
    """Who reads the ticket later knows why it ended, and the claim has ended with it."""
    code = desk.in_progress(desk.ada)
    ticket = desk.transition(code, "abandon", desk.ada, reason="incompatible-host", note="No PHP there.")
    assert (ticket.state, ticket.part, ticket.end_reason) == ("abandoned", "closed", "incompatible-host")
    assert (ticket.ended_at, ticket.lease_until) == (desk.clock.now, None)
    with desk.ctx() as ctx:
        note = ctx.session.scalars(select(Annotation).where(Annotation.about == "abandon")).one()
        log = ctx.session.scalars(select(Claim)).one()
    assert (note.body, note.author_name) == ("No PHP there.", "Ada")
    assert (log.ending, log.ended_at) == ("abandon", desk.clock.now)
    assert desk.broken() == {}


def claims_of(desk: Desk) -> list[tuple[int, int, bool]]:
    """Number, person, and whether it has ended, of every claim."""
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(select(Claim).order_by(Claim.number))
        return [(row.number, row.person_id, row.ended_at is not None) for row in rows]


@pytest.mark.row("G6", "G11", "N1")
def test_releasing_counts_up_and_takes_queued_letters_back(desk: Desk) -> None:
    """Nothing that was written under the claim leaves after it, and its first contact is free again."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    ticket = desk.transition(code, "release", desk.ada)
    assert (ticket.state, ticket.owner_id, ticket.lease_until) == ("open", None, None)
    assert (ticket.claim_number, ticket.version, ticket.awaits) == (2, 3, "desk")
    assert claims_of(desk) == [(1, desk.ada.id, True)]
    email = desk.emails(code)[-1]
    assert (email.state, email.contact, email.problem) == (
        "withdrawn",
        None,
        "The claim ended before it was sent.",
    )
    assert desk.happened(code)[-2:] == ["release", "letter-withdrawn"]
    assert [mail["To"].addresses[0].addr_spec for mail in desk.work()] == ["jane@example.com"]
    assert desk.emails(code)[-1].state == "withdrawn"
    desk.claim(code, desk.ben)
    assert desk.write(code, desk.ben).kind == "first-contact"
    assert desk.broken() == {}


@pytest.mark.row("G11")
@pytest.mark.parametrize("by", ["ada", "mia"])
def test_handing_over_passes_the_claim_under_a_new_number(desk: Desk, by: str) -> None:
    """The state stays, the colleague owns it with a lease of their own, and the email of before is void."""
    code = desk.in_progress(desk.ada)
    desk.write(code, desk.ada, "More soon.")
    desk.clock.forward(hours=100)
    ticket = desk.transition(code, "hand-over", getattr(desk, by), colleague=desk.ben.id)
    assert (ticket.state, ticket.owner_id, ticket.claim_number) == ("in-progress", desk.ben.id, 2)
    assert ticket.claimed_at == desk.clock.now
    assert (ticket.lease_until or desk.clock.now).timestamp() > desk.clock.now.timestamp()
    assert claims_of(desk) == [(1, desk.ada.id, True), (2, desk.ben.id, False)]
    assert desk.emails(code)[-1].state == "withdrawn"
    with pytest.raises(NotTheOwnerError, match="It's with Ben"), desk.ctx(desk.ada) as ctx:
        correspondence.write(ctx, code, Draft("Hello", 1, ticket.thread, "k"))
    assert desk.broken() == {}


def test_only_a_colleague_who_works_here_can_take_over(lite_desk: Desk) -> None:
    """Not oneself, no unknown person, and none who has left."""
    desk = lite_desk
    code = in_state(desk, "pending")
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(update(Person).where(Person.id == desk.ben.id).values(active=False))
    for colleague in (desk.ada.id, 4711, desk.ben.id):
        with pytest.raises(TransitionRefusedError, match="Choose the colleague"):
            desk.transition(code, "hand-over", desk.ada, colleague=colleague)


@pytest.mark.row("G11")
@pytest.mark.parametrize("state", ["closed", "abandoned", "invalid"])
def test_reopening_gives_an_open_ticket_with_its_whole_history(lite_desk: Desk, state: str) -> None:
    """It has no owner, its end is forgotten, and a new claim has a new number."""
    desk = lite_desk
    code = in_state(desk, state)
    before = desk.happened(code)
    number = desk.ticket(code).claim_number
    ticket = desk.transition(code, "reopen", desk.ben, note="The customer asked for it.")
    assert (ticket.state, ticket.part, ticket.owner_id) == ("open", "unassigned", None)
    assert (ticket.ended_at, ticket.end_reason, ticket.agreed) == (None, "", "")
    assert ticket.claim_number == number + 1
    assert desk.happened(code) == [*before, "reopen"]
    assert desk.claim(code, desk.ben).claim_number == number + 2
    assert desk.broken() == {}


def test_no_letter_leaves_after_its_claim_has_ended(lite_desk: Desk) -> None:
    """The owner or a manager ends it: what has not left is withdrawn, and only the end is reported."""
    desk = lite_desk
    desk.hush()
    for by in (desk.ada, desk.mia):
        code = in_state(desk, "pending")
        desk.work()
        desk.write(code, desk.ada)
        desk.transition(code, "abandon", by, reason="backed-out", note="By phone.")
        assert len(desk.work()) == 1
        *_, letter, end = desk.emails(code)
        assert (letter.kind, letter.claim_number, letter.state) == ("first-contact", 1, "withdrawn")
        assert (end.kind, end.claim_number, end.state) == ("ended", None, "sent")
        assert "has ended your order" in end.body
    assert desk.broken() == {}


def test_a_reopened_ticket_does_not_tell_of_its_end(lite_desk: Desk) -> None:
    """The email about the end that waited meanwhile is withdrawn; the next end is told."""
    desk = lite_desk
    desk.hush()
    code = in_state(desk, "pending")
    desk.work()
    desk.transition(code, "abandon", desk.ada, reason="backed-out", note="By phone.")
    desk.transition(code, "reopen", desk.ben, note="The customer called again.")
    assert desk.work() == []
    assert (desk.emails(code)[-1].kind, desk.emails(code)[-1].state) == ("ended", "withdrawn")
    assert desk.happened(code)[-1] == "letter-withdrawn"
    desk.transition(code, "reject", desk.ben, reason="other", note="It was a mistake.")
    assert len(desk.work()) == 1
    assert (desk.emails(code)[-1].kind, desk.emails(code)[-1].state) == ("ended", "sent")
    assert desk.broken() == {}


def test_a_note_that_cannot_be_kept_is_told_at_its_field(lite_desk: Desk) -> None:
    """Control characters and too much of it."""
    code = lite_desk.order()
    for note in ("a\0b", "x" * 20_001):
        with pytest.raises(InvalidInputError) as refused:
            lite_desk.transition(code, "reject", lite_desk.ada, reason="spam", note=note)
        assert set(refused.value.problems) == {"note"}


def test_an_unknown_move_is_not_found(lite_desk: Desk) -> None:
    """Whatever is typed into the address."""
    with pytest.raises(NotFoundError):
        lite_desk.transition(lite_desk.order(), "teleport", lite_desk.ada)


def test_a_site_can_give_guards_of_its_own(lite_desk: Desk) -> None:
    """A need of its own workflow has its guard behind it; one of a known name takes the place of ours."""
    code = lite_desk.order()
    with lite_desk.ctx() as ctx:
        own = engines(Capabilities(ALL), {"unheld": lambda at: at.ctx.by.is_manager})
        object.__setattr__(ctx.services, "engines", own)  # as PaidSupport(guards=…) would
    with pytest.raises(TransitionRefusedError, match="already has an owner"):
        lite_desk.claim(code, lite_desk.ada)
    assert lite_desk.claim(code, lite_desk.mia).owner_id == lite_desk.mia.id


@pytest.mark.parametrize("flow", [PAID, REQUEST], ids=lambda flow: flow.name)
def test_every_transition_says_what_has_happened(flow: Workflow) -> None:
    """In a sentence of its own, for the page that follows it."""
    assert [each.name for each in flow.transitions if not each.said.endswith(".")] == []
