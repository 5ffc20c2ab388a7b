"""Holding a ticket: one of many gets it, one-time keys, and the clock that lets it go (G5, G6, G11)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.errors import KeyReusedError, NotFoundError, StaleTicketError, TransitionRefusedError
from paidsupport.kernel.mail.transports import MemoryTransport
from paidsupport.kernel.mount import Mount
from paidsupport.kernel.worker import Worker
from paidsupport.testing import mount_of
from paidsupport.tickets.operations import claims, history
from paidsupport.tickets.operations.claims import Holding
from paidsupport.tickets.tables import Claim, Ticket
from tests.people import Desk
from tests.services import published

AT_ONCE = 8


def log_of(desk: Desk, code: str) -> list[tuple[int, int, str]]:
    """The log of a ticket's claims: number, person, ending."""
    wanted = select(Claim).join(Ticket, Ticket.id == Claim.ticket_id).where(Ticket.code == code)
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(wanted.order_by(Claim.number))
        return [(row.number, row.person_id, row.ending) for row in rows]


@pytest.mark.row("G5")
def test_one_claim_makes_an_open_ticket_pending_and_mine(desk: Desk) -> None:
    """With a number, a time, a lease, a line in the log of claims and one of history."""
    code = desk.order()
    ticket = desk.claim(code, desk.ada)
    assert (ticket.state, ticket.part, ticket.owner_id) == ("pending", "pending", desk.ada.id)
    assert (ticket.claim_number, ticket.version, ticket.claimed_at) == (1, 2, desk.clock.now)
    assert ticket.lease_until == desk.clock.now + timedelta(hours=48)
    assert log_of(desk, code) == [(1, desk.ada.id, "")]
    assert desk.happened(code) == ["submitted", "claim"]


@pytest.mark.row("G6", "N1")
def test_of_many_who_claim_at_once_exactly_one_gets_it(desk: Desk) -> None:
    """The others are told who has it, whatever the moment at which they clicked."""
    code = desk.order()
    barrier = threading.Barrier(AT_ONCE)

    def click(number: int) -> str:
        person = (desk.ada, desk.ben, desk.mia)[number % 3]
        barrier.wait(120)
        try:
            with desk.ctx(person) as ctx:
                claims.claim(ctx, code, version=1, key=f"key {number}")
        except StaleTicketError as error:
            return error.holder
        return "won"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(click, range(AT_ONCE)))
    names = {person.id: person.name for person in (desk.ada, desk.ben, desk.mia)}
    assert sorted(told) == sorted(["won"] + [names[desk.ticket(code).owner_id]] * (AT_ONCE - 1))
    assert len(log_of(desk, code)) == 1
    assert desk.broken() == {}


@pytest.mark.row("G6")
def test_the_late_one_reads_who_was_faster(lite_desk: Desk) -> None:
    """The sentence names the ticket and its holder; with the new version the need says it again."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    told = f"Ticket {code} has changed .* It's with Ada now"
    with pytest.raises(StaleTicketError, match=told), lite_desk.ctx(lite_desk.ben) as ctx:
        claims.claim(ctx, code, version=1, key="k")
    with pytest.raises(TransitionRefusedError, match="“Claim ticket” is not possible in the state “Pending”"):
        lite_desk.claim(code, lite_desk.ben)


@pytest.mark.row("G6")
def test_the_same_click_twice_claims_once(desk: Desk) -> None:
    """A double click, a reload and a resent request have the same key and the same result."""
    code = desk.order()
    for _ in range(3):
        with desk.ctx(desk.ada) as ctx:
            assert claims.claim(ctx, code, version=1, key="once").owner_id == desk.ada.id
    assert desk.happened(code) == ["submitted", "claim"]
    assert desk.ticket(code).version == 2


def test_a_key_with_other_content_is_refused(desk: Desk) -> None:
    """For another transition, or after the page was read anew: nothing happens."""
    code = desk.order()
    with desk.ctx(desk.ada) as ctx:
        claims.claim(ctx, code, version=1, key="once")
    ticket = desk.ticket(code)
    with pytest.raises(KeyReusedError), desk.ctx(desk.ada) as ctx:
        history.done_before(ctx, history.once(ctx, ticket, "once"), "other content")
    assert desk.happened(code) == ["submitted", "claim"]


def test_one_key_can_be_used_on_each_of_many_tickets(desk: Desk) -> None:
    """A page with many buttons has one key for all of them."""
    for code in (desk.order(), desk.order()):
        with desk.ctx(desk.ada) as ctx:
            claims.claim(ctx, code, version=1, key="of the page")
    assert desk.broken() == {}


def test_a_claim_costs_few_statements(desk: Desk) -> None:
    """Six and two for the ledger (three on SQLite), whatever the number of tickets.

    One of them makes sure that who claims is not disabled meanwhile, one announces it to other programs.

    Two more are left for finding out who asks.
    """
    code = desk.order()
    with desk.statements() as seen, desk.ctx(desk.ada) as ctx:
        claims.claim(ctx, code, version=1, key="k")
    lite = any("json_each" in statement for statement in seen)
    assert len(seen) <= 6 + (3 if lite else 2), seen


@pytest.mark.row("G11")
@pytest.mark.parametrize(("started", "hours"), [(False, 48), (True, 14 * 24)])
def test_a_claim_that_nobody_acts_on_lapses(desk: Desk, *, started: bool, hours: int) -> None:
    """Its owner is warned once, then the ticket is open again, with the whole history in sight."""
    code = desk.in_progress(desk.ada) if started else desk.order()
    if not started:
        desk.claim(code, desk.ada)
        desk.work()
    lease = desk.ticket(code).lease_until
    assert lease == desk.clock.now + timedelta(hours=hours)
    before = desk.happened(code)
    desk.clock.forward(hours=hours - 13)
    assert desk.work() == []
    desk.clock.forward(hours=2)
    assert [mail["To"].addresses[0].display_name for mail in desk.work()] == ["Ada"]
    assert desk.work() == []
    desk.clock.forward(hours=12)
    assert "lapsed" in desk.work()[0]["Subject"]
    ticket = desk.ticket(code)
    assert (ticket.state, ticket.owner_id, ticket.lease_until) == ("open", None, None)
    assert ticket.claim_number == 2
    happened = desk.happened(code)
    assert happened[: len(before)] == before
    assert [kind for kind in happened[len(before) :] if not kind.startswith("letter")] == [
        "lease-warned",
        "release",
    ]
    assert log_of(desk, code) == [(1, desk.ada.id, "dropped")]
    assert desk.claim(code, desk.ben).claim_number == 3
    assert desk.broken() == {}


@pytest.mark.row("G11")
@pytest.mark.parametrize("deed", ["annotation", "message"])
def test_whoever_acts_keeps_the_claim(lite_desk: Desk, deed: str) -> None:
    """A note or an email of the owner begins its time anew, and the warning with it."""
    desk = lite_desk
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.clock.forward(hours=40)
    desk.work()
    assert desk.ticket(code).lease_warned
    if deed == "annotation":
        desk.annotate(code, desk.ada)
    else:
        desk.write(code, desk.ada)
    assert not desk.ticket(code).lease_warned
    desk.clock.forward(hours=20)
    desk.work()
    assert desk.ticket(code).owner_id == desk.ada.id


@pytest.mark.row("G10", "G11")
def test_the_note_of_somebody_else_renews_nothing_and_costs_no_claim(lite_desk: Desk) -> None:
    """Nor does it change the version that an open page carries."""
    desk = lite_desk
    code = desk.order()
    before = desk.claim(code, desk.ada)
    desk.clock.forward(hours=40)
    desk.annotate(code, desk.ben)
    after = desk.ticket(code)
    assert (after.version, after.lease_until) == (before.version, before.lease_until)


@pytest.mark.row("G11", "P10")
def test_a_service_has_claims_of_its_own_length(desk: Desk) -> None:
    """Those of its version: a ticket keeps what it was ordered under, and each is warned of in its time."""
    usual, before = desk.order(), desk.order()
    with published(desk) as service:
        service.claim_hours, service.work_hours = 400, 800
    long = desk.order()
    with published(desk) as service:
        service.claim_hours, service.work_hours = 8, None
    short = desk.order()
    for code in (usual, before, long, short):
        desk.claim(code, desk.ada)
    desk.work()
    ends = {code: desk.ticket(code).lease_until for code in (usual, before, long, short)}
    held = {code: end - desk.clock.now for code, end in ends.items() if end}
    assert [length // timedelta(hours=1) for length in held.values()] == [48, 48, 400, 8]
    for code in (long, short):
        desk.write(code, desk.ada)
    assert desk.ticket(long).lease_until == desk.clock.now + timedelta(hours=800)
    assert desk.ticket(short).lease_until == desk.clock.now + timedelta(hours=14 * 24)
    desk.receive(short, "Go ahead.")
    desk.work()
    assert desk.ticket(short).lease_until == desk.clock.now + timedelta(hours=8)
    for hours, kinds in ((5, []), (1, ["lease-warned"]), (2, ["lease-warned", "release"])):
        desk.clock.forward(hours=hours)
        desk.work()
        assert [kind for kind in desk.happened(short) if kind in {"lease-warned", "release"}] == kinds
    assert "lease-warned" not in desk.happened(usual)
    desk.receive(long, "Go ahead.")
    desk.clock.forward(hours=299)
    desk.work()
    assert "lease-warned" not in desk.happened(long)
    desk.clock.forward(hours=2)
    desk.work()
    assert "lease-warned" in desk.happened(long)
    assert desk.broken() == {}


@pytest.mark.row("G11", "P3")
def test_two_clocks_at_once_let_a_claim_lapse_once(desk: Desk) -> None:
    """Warnings and releases too: each happens under the lock of its ticket."""
    held = [desk.order() for _ in range(3)]
    for code in held:
        desk.claim(code, desk.ada)
    for hours in (40, 10):
        desk.clock.forward(hours=hours)
        together(mount_of(desk.app), desk)
    for code in held:
        kinds = desk.happened(code)
        assert (kinds.count("lease-warned"), kinds.count("release")) == (1, 1)
    assert desk.broken() == {}


def together(mount: Mount, desk: Desk) -> None:
    """Two rounds of the clock at the same time."""
    barrier = threading.Barrier(2)

    def one_round() -> None:
        barrier.wait(120)
        with desk.app.app_context():
            Worker(mount.services, mount.database, MemoryTransport(), desk.clock).round()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(one_round) for _ in range(2)]:
            done.result(30)


@pytest.mark.row("G2")
def test_who_holds_a_ticket_is_told_and_nothing_else(desk: Desk) -> None:
    """Only while it has an owner; the same single statement for codes that exist and that do not."""
    code = desk.order()

    def ask(typed: str) -> Holding:
        with desk.ctx() as ctx, desk.statements() as seen:
            holding = claims.who_holds(ctx, typed)
        assert len(seen) == 1
        return holding

    assert ask(code) == Holding(known=True)
    desk.claim(code, desk.ada)
    assert ask(code.lower()) == Holding(known=True, name="Ada", since=desk.clock.now)
    desk.transition(code, "abandon", desk.ada, reason="backed-out", note="Changed their mind.")
    assert ask(code) == Holding(known=True)
    for nothing in ("PS-2222-2222", "", "nonsense\0"):
        assert ask(nothing) == Holding()


def test_only_people_claim_tickets_that_exist(lite_desk: Desk) -> None:
    """Not a visitor, not under an unknown code."""
    code = lite_desk.order()
    with pytest.raises(NotFoundError), lite_desk.ctx(lite_desk.ada) as ctx:
        claims.claim(ctx, "PS-2222-2222", version=1, key="k")
    with pytest.raises(TransitionRefusedError), lite_desk.ctx(Actor("customer", "the customer")) as ctx:
        claims.claim(ctx, code, version=1, key="k")
