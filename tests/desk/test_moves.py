"""Every move of the table: who may make it, what it needs, and what it does (G5, G8, G9, G11)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from paidsupport.capabilities import ALL
from paidsupport.desk import checklists, correspondence, moves
from paidsupport.desk.checklists import REPORT, Tick
from paidsupport.desk.correspondence import Draft
from paidsupport.desk.engines import engines
from paidsupport.desk.moves import Filled
from paidsupport.domain.actors import CLOCK, CUSTOMER, Actor
from paidsupport.domain.letters import LetterState
from paidsupport.domain.workflow import Move
from paidsupport.domain.workflows import PAID
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError, NotTheOwnerError
from paidsupport.kernel.capability import Capabilities
from paidsupport.store import tickets
from paidsupport.store.conversation import Annotation
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Claim
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
        desk.move(code, "reject", desk.mia, reason="spam", note="Spam.")
        return code
    code = desk.in_progress(desk.ada)
    if state == "closed":
        desk.finish(code, desk.ada)
    if state == "abandoned":
        desk.move(code, "abandon", desk.ada, reason="no-response", note="Nothing heard.")
    return code


def everything(desk: Desk, move: Move) -> dict[str, Any]:
    """A form of `move` that is filled in."""
    return {
        "reason": move.reasons[0].name if move.reasons else "",
        "note": "Because.",
        "colleague": desk.ben.id if move.takes("colleague") else None,
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
    """Each move × each state × each kind of person; what the page offers is what can be done."""
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
            for move in PAID.moves:
                allowed = state.name in move.sources and bool(move.who & actor.roles(owner))
                if move.name == "reject" and owner not in {None, actor.id} and not actor.is_manager:
                    allowed = False
                done = tried(desk, code, move, actor)
                assert done is allowed, (move.name, state.name, name)
                seen.add((move.name, done))
        with desk.visit(desk.ada) as visit:
            offered = moves.possible(visit, tickets.lock(visit.session, code))
        assert {found.move.name for found in offered} == {
            move.name for move in PAID.moves_for(state.name, desk.ada.roles(owner))
        }
    assert seen == {(move.name, done) for move in PAID.moves for done in (True, False)}


def ready_to_close(desk: Desk, code: str, without: str = "") -> None:
    """All that closing needs, but for what is left out."""
    if without != "checked":
        desk.tick_all(code, desk.ada)
    if without != "reported":
        desk.report(code, desk.ada)
    desk.work()
    if without == "reported":
        item = desk.items(code)[REPORT]
        with desk.visit(desk.ada) as visit:
            checklists.tick(visit, code, Tick(REPORT, item.version, "k"), {})


def tried(desk: Desk, code: str, move: Move, actor: Actor) -> bool:
    """Whether `actor` can make `move`; nothing is kept."""
    with desk.visit(actor) as visit:
        version = tickets.lock(visit.session, code).version
        filled = Filled(**everything(desk, move))
        try:
            moves.make(visit, code, move.name, version=version, key="k", filled=filled)
        except (MoveRefusedError, NotFoundError):
            return False
        finally:
            visit.session.rollback()
        return True


@pytest.mark.row("G8", "G9", "G11")
@pytest.mark.parametrize(
    ("state", "move", "left_out"),
    [
        (state, move.name, need.name)
        for move in PAID.moves
        for state in move.sources[:1]
        for need in move.needs
        if need.name not in {"unheld", "not-anothers", "letters-settled"}
    ],
)
def test_a_need_that_does_not_hold_is_told_in_its_sentence(
    lite_desk: Desk, state: str, move: str, left_out: str
) -> None:
    """Everything else is given: the refusal says that one sentence, and nothing has changed."""
    desk = lite_desk
    code = in_state(desk, state)
    if left_out in {"agreed", "explained"}:
        desk.write(code, desk.ada)
        desk.work()
    if move == "close":
        ready_to_close(desk, code, without=left_out)
    if left_out == "answered":
        desk.ask(code, desk.ada)
        desk.work()
    if left_out == "vault-empty":
        desk.give(code, "correct horse")
    need = next(need for need in PAID.move(move).needs if need.name == left_out)
    filled = everything(desk, PAID.move(move))
    if need.field:
        filled[need.field] = {"colleague": None, "destroy": False}.get(need.field, " ")
    before = desk.ticket(code)
    with pytest.raises(MoveRefusedError) as refused:
        desk.move(code, move, desk.ada, **filled)
    assert refused.value.sentences == [need.unmet]
    assert desk.ticket(code).version == before.version
    assert desk.happened(code)[-1] != move


@pytest.mark.row("G8")
def test_work_starts_once_it_is_agreed_with_the_customer(desk: Desk) -> None:
    """Not before a letter has reached them; then by their reply, or by a note how it was agreed."""
    code = desk.order()
    desk.receive(code, "When do you start?")
    desk.claim(code, desk.ada)
    with pytest.raises(MoveRefusedError, match="Contact the customer first"):
        desk.move(code, "start", desk.ada, note="On the phone.")
    desk.write(code, desk.ada)
    with pytest.raises(MoveRefusedError, match="no letter of yours has reached them"):
        desk.move(code, "start", desk.ada, note="On the phone.")
    desk.work()
    with pytest.raises(MoveRefusedError, match="Wait for the customer's reply"):
        desk.move(code, "start", desk.ada)
    desk.clock.forward(minutes=1)
    desk.receive(code, "Yes, please.")
    ticket = desk.move(code, "start", desk.ada)
    assert (ticket.state, ticket.agreed) == ("in-progress", "The customer replied.")
    other = desk.in_progress(desk.ben)
    assert desk.ticket(other).agreed == "On the phone."
    assert desk.broken() == {}


@pytest.mark.row("G9")
@pytest.mark.parametrize("state", [LetterState.QUEUED, LetterState.UNCERTAIN, LetterState.FAILED])
def test_nothing_is_closed_while_a_letter_is_not_settled(lite_desk: Desk, state: LetterState) -> None:
    """Waiting, unclear and failed letters stand against closing."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    ready_to_close(desk, code)
    desk.write(code, desk.ada, "One more thing.")
    newest = desk.letters(code)[-1].id
    with desk.visit() as visit:
        taken = {"taken_under": 1} if state is not LetterState.QUEUED else {}
        visit.session.execute(update(Letter).where(Letter.id == newest).values(state=state, **taken))
    with pytest.raises(MoveRefusedError, match="has not left yet, or nobody knows"):
        desk.move(code, "close", desk.ada)


@pytest.mark.row("G9", "G10")
def test_an_end_leaves_its_reason_and_an_annotation(desk: Desk) -> None:
    """Who reads the ticket later knows why it ended, and the claim has ended with it."""
    code = desk.in_progress(desk.ada)
    ticket = desk.move(code, "abandon", desk.ada, reason="incompatible-host", note="No PHP there.")
    assert (ticket.state, ticket.part, ticket.end_reason) == ("abandoned", "closed", "incompatible-host")
    assert (ticket.ended_at, ticket.lease_until) == (desk.clock.now, None)
    with desk.visit() as visit:
        note = visit.session.scalars(select(Annotation).where(Annotation.about == "abandon")).one()
        log = visit.session.scalars(select(Claim)).one()
    assert (note.body, note.author_name) == ("No PHP there.", "Ada")
    assert (log.ending, log.ended_at) == ("abandon", desk.clock.now)
    assert desk.broken() == {}


def claims_of(desk: Desk) -> list[tuple[int, int, bool]]:
    """Number, person, and whether it has ended, of every claim."""
    with desk.visit() as visit:
        rows = visit.session.scalars(select(Claim).order_by(Claim.number))
        return [(row.number, row.person_id, row.ended_at is not None) for row in rows]


@pytest.mark.row("G6", "G11", "N1")
def test_releasing_counts_up_and_takes_queued_letters_back(desk: Desk) -> None:
    """Nothing that was written under the claim leaves after it, and its first contact is free again."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    ticket = desk.move(code, "release", desk.ada)
    assert (ticket.state, ticket.owner_id, ticket.lease_until) == ("open", None, None)
    assert (ticket.claim_number, ticket.version, ticket.awaits) == (2, 3, "desk")
    assert claims_of(desk) == [(1, desk.ada.id, True)]
    letter = desk.letters(code)[-1]
    assert (letter.state, letter.contact, letter.problem) == ("withdrawn", None, "The claim ended: release.")
    assert desk.happened(code)[-2:] == ["release", "letter-withdrawn"]
    assert [mail["To"].addresses[0].addr_spec for mail in desk.work()] == ["jane@example.com"]
    assert desk.letters(code)[-1].state == "withdrawn"
    desk.claim(code, desk.ben)
    assert desk.write(code, desk.ben).kind == "first-contact"
    assert desk.broken() == {}


@pytest.mark.row("G11")
@pytest.mark.parametrize("by", ["ada", "mia"])
def test_handing_over_passes_the_claim_under_a_new_number(desk: Desk, by: str) -> None:
    """The state stays, the colleague owns it with a lease of their own, and the letter of before is void."""
    code = desk.in_progress(desk.ada)
    desk.write(code, desk.ada, "More soon.")
    desk.clock.forward(hours=100)
    ticket = desk.move(code, "hand-over", getattr(desk, by), colleague=desk.ben.id)
    assert (ticket.state, ticket.owner_id, ticket.claim_number) == ("in-progress", desk.ben.id, 2)
    assert ticket.claimed_at == desk.clock.now
    assert (ticket.lease_until or desk.clock.now).timestamp() > desk.clock.now.timestamp()
    assert claims_of(desk) == [(1, desk.ada.id, True), (2, desk.ben.id, False)]
    assert desk.letters(code)[-1].state == "withdrawn"
    with pytest.raises(NotTheOwnerError, match="Ben has it"), desk.visit(desk.ada) as visit:
        correspondence.write(visit, code, Draft("Hello", 1, ticket.thread, "k"))
    assert desk.broken() == {}


def test_only_a_colleague_who_works_here_can_take_over(lite_desk: Desk) -> None:
    """Not oneself, nobody unknown, nobody who has left."""
    desk = lite_desk
    code = in_state(desk, "pending")
    with desk.visit() as visit:
        visit.session.execute(update(Person).where(Person.id == desk.ben.id).values(active=False))
    for colleague in (desk.ada.id, 4711, desk.ben.id):
        with pytest.raises(MoveRefusedError, match="Choose the colleague"):
            desk.move(code, "hand-over", desk.ada, colleague=colleague)


@pytest.mark.row("G11")
@pytest.mark.parametrize("state", ["closed", "abandoned", "invalid"])
def test_reopening_gives_an_open_ticket_with_its_whole_history(lite_desk: Desk, state: str) -> None:
    """Nobody holds it, its end is forgotten, and a new claim has a new number."""
    desk = lite_desk
    code = in_state(desk, state)
    before = desk.happened(code)
    number = desk.ticket(code).claim_number
    ticket = desk.move(code, "reopen", desk.ben, note="The customer asked for it.")
    assert (ticket.state, ticket.part, ticket.owner_id) == ("open", "unassigned", None)
    assert (ticket.ended_at, ticket.end_reason, ticket.agreed) == (None, "", "")
    assert ticket.claim_number == number + 1
    assert desk.happened(code) == [*before, "reopen"]
    assert desk.claim(code, desk.ben).claim_number == number + 2
    assert desk.broken() == {}


def test_no_letter_leaves_after_its_claim_has_ended(lite_desk: Desk) -> None:
    """Whoever ends it, the owner or a manager: what has not left is withdrawn, and history says so."""
    desk = lite_desk
    desk.hush()
    for by in (desk.ada, desk.mia):
        code = in_state(desk, "pending")
        desk.write(code, desk.ada)
        desk.move(code, "abandon", by, reason="backed-out", note="By phone.")
        desk.work()
        assert desk.letters(code)[-1].state == "withdrawn"
    assert desk.broken() == {}


def test_a_note_that_cannot_be_kept_is_told_at_its_field(lite_desk: Desk) -> None:
    """Control characters and too much of it."""
    code = lite_desk.order()
    for note in ("a\0b", "x" * 20_001):
        with pytest.raises(InvalidInputError) as refused:
            lite_desk.move(code, "reject", lite_desk.ada, reason="spam", note=note)
        assert set(refused.value.problems) == {"note"}


def test_an_unknown_move_is_not_found(lite_desk: Desk) -> None:
    """Whatever somebody puts into the address."""
    with pytest.raises(NotFoundError):
        lite_desk.move(lite_desk.order(), "teleport", lite_desk.ada)


def test_a_site_can_give_guards_of_its_own(lite_desk: Desk) -> None:
    """A need of its own workflow has its guard behind it; one of a known name takes the place of ours."""
    code = lite_desk.order()
    with lite_desk.visit() as visit:
        own = engines(Capabilities(ALL), {"unheld": lambda at: at.ctx.by.is_manager})
        object.__setattr__(visit.house, "engines", own)  # as PaidSupport(guards=…) would
    with pytest.raises(MoveRefusedError, match="Somebody already has"):
        lite_desk.claim(code, lite_desk.ada)
    assert lite_desk.claim(code, lite_desk.mia).owner_id == lite_desk.mia.id
