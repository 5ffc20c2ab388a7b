"""The log of the work: the clock, and what is entered afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from paidsupport.kernel.actors import CUSTOMER, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, TransitionRefusedError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import queries
from paidsupport.tickets.checklist.operations import worklog
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.checklist.tables import Entry
from tests.people import Desk

pytestmark = pytest.mark.row("G18", "N7")


def log(desk: Desk, code: str, act: str, by: Actor, key: str = "", **stretch: object) -> None:
    """Start, stop or add."""
    with desk.ctx(by) as ctx:
        getattr(worklog, act)(ctx, code, Stretch(**stretch), key=key or new_key())  # type: ignore[arg-type]


def entries(desk: Desk, code: str) -> list[Entry]:
    """The log as it is now."""
    with desk.ctx() as ctx:
        return queries.entries(ctx.session, tickets.lock(ctx.session, code))


def test_a_clock_is_started_and_stopped(desk: Desk) -> None:
    """It measures what lies between, once per person, and asks what was done."""
    code = desk.in_progress(desk.ada)
    log(desk, code, "start", desk.ada, machine="web1.example.com")
    with pytest.raises(TransitionRefusedError, match="is running already"):
        log(desk, code, "start", desk.ada)
    log(desk, code, "start", desk.ben)
    desk.clock.forward(minutes=50)
    with pytest.raises(InvalidInputError, match="Say what you did"):
        log(desk, code, "stop", desk.ada, what=" ")
    log(desk, code, "stop", desk.ada, what="Installed it.")
    done, running = entries(desk, code)
    assert (done.person_name, done.machine, done.what) == ("Ada", "web1.example.com", "Installed it.")
    assert done.ended_at is not None
    assert done.ended_at - done.started_at == timedelta(minutes=50)
    assert (running.person_name, running.ended_at) == ("Ben", None)
    with pytest.raises(TransitionRefusedError, match="clock isn't running"):
        log(desk, code, "stop", desk.ada, what="More.")
    assert desk.broken() == {}


def test_work_is_entered_afterwards(lite_desk: Desk) -> None:
    """It ends now and began so many minutes before."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    log(desk, code, "add", desk.ada, what="Tested.", minutes=90)
    (entry,) = entries(desk, code)
    assert entry.started_at == desk.clock.now - timedelta(minutes=90)
    for minutes in (0, -5, 100_000):
        with pytest.raises(InvalidInputError, match="Enter the minutes"):
            log(desk, code, "add", desk.ada, what="Tested.", minutes=minutes)


@pytest.mark.parametrize("ending", ["hand-over", "release", "abandon"])
def test_no_clock_runs_on_when_the_claim_has_ended(desk: Desk, ending: str) -> None:
    """It stops with the claim, and says so."""
    code = desk.in_progress(desk.ada)
    log(desk, code, "start", desk.ada)
    desk.clock.forward(hours=1)
    desk.transition(code, ending, desk.ada, colleague=desk.ben.id, reason="other", note="Ben goes on.")
    (entry,) = entries(desk, code)
    assert entry.ended_at == desk.clock.now
    assert "the claim ended" in entry.what


def test_the_log_is_for_work_under_way_and_for_people_of_the_desk(lite_desk: Desk) -> None:
    """Not before the start, and never for customers."""
    desk = lite_desk
    code = desk.order()
    desk.claim(code, desk.ada)
    with pytest.raises(TransitionRefusedError, match="Start the work first"):
        log(desk, code, "start", desk.ada)
    busy = desk.in_progress(desk.ada)
    with pytest.raises(NotFoundError):
        log(desk, busy, "start", CUSTOMER)


def test_a_resent_form_logs_once(lite_desk: Desk) -> None:
    """The same key enters the same stretch once."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    for _ in range(2):
        log(desk, code, "add", desk.ada, key="k" * 32, what="Tested.", minutes=5)
    assert len(entries(desk, code)) == 1
