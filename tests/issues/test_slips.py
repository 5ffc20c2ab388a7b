"""What cannot be done in time is asked about once, announced in writing everywhere, and told (T15)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import estimates, slips
from paidsupport.issues.operations.slips import Announcement
from paidsupport.issues.queries.contents import history_of, notes_of
from paidsupport.issues.rules.kinds import Occasion
from paidsupport.issues.tables import Estimate, Follower, IssueNotice
from paidsupport.kernel.actors import CLOCK, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, KeyReusedError
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewAbsence
from tests.people import Desk

pytestmark = pytest.mark.row("T15")

#: The clock of the tests stands at nine in the morning of the first; the desk works eight hours a day.
TUESDAY, WEDNESDAY, MONDAY = date(2034, 3, 14), date(2034, 3, 15), date(2034, 3, 20)


def held(desk: Desk, by: Actor, hours: float | None, deadline: date, *followed_by: str) -> str:
    """An issue that is being worked on, with so much work left until a day."""
    code, now = desk.open_issue(by, *followed_by), desk.clock()
    known = {"feedback_at": now, "estimate_minutes": 60, "path": "Look.", "timeline_at": now}
    desk.change_issue(code, **known, target_release="2.1")
    with desk.ctx(CLOCK) as ctx:
        ctx.session.execute(update(Follower).values(investigating_at=now))
    desk.issue_move(code, "confirm", desk.mia)
    desk.issue_move(code, "start", by)
    estimate(desk, code, desk.mia, minutes_left=None if hours is None else int(hours * 60), deadline=deadline)
    return code


def estimate(desk: Desk, code: str, by: Actor, **values: Any) -> None:  # noqa: ANN401
    """A change of time left or deadline."""
    with desk.ctx(by) as ctx:
        estimates.change(ctx, issues.lock(ctx.session, code, by), **values)


def asked(desk: Desk, *codes: str) -> list[bool]:
    """Whether a word is awaited about each."""
    return [desk.issue(code).slip_asked_at is not None for code in codes]


def told(desk: Desk, code: str, occasion: Occasion) -> list[int]:
    """Who was told so, as often as they were."""
    issue = desk.issue(code)
    wanted = select(IssueNotice.person_id).where(
        IssueNotice.issue_id == issue.id, IssueNotice.occasion == occasion
    )
    with desk.ctx() as ctx:
        return sorted(ctx.session.scalars(wanted))


def tend(desk: Desk) -> list[str]:
    """What a worker does about it; returns the codes it said something of."""
    with desk.ctx(CLOCK) as ctx:
        return [code for person in slips.due(ctx) for code in slips.tend(ctx, person)]


def announce(desk: Desk, by: Actor, *codes: str, key: str = "", **expected: str) -> int:
    """Put it in writing; returns of how many."""
    days = {code.replace("_", "-"): day for code, day in expected.items()}
    with desk.ctx(by) as ctx:
        said = Announcement(codes, "The new version needs another migration.", days)
        return len(slips.announce(ctx, said, key=key or new_key()))


def lines(desk: Desk, code: str) -> Iterator[str]:
    """The kinds of an issue's history."""
    issue = desk.issue(code)
    with desk.ctx() as ctx:
        yield from (event.kind for event in history_of(ctx.session, issue))


def test_what_does_not_fit_is_asked_about_at_once_and_once(desk: Desk) -> None:
    """The deadline that cannot be met, not the one before it; the email goes to the assignee."""
    first = held(desk, desk.ada, 6, TUESDAY)
    second = held(desk, desk.ada, 10, WEDNESDAY)
    others = held(desk, desk.ben, 7, TUESDAY)
    assert asked(desk, first, second, others) == [False, False, False]
    assert tend(desk) == []
    estimate(desk, second, desk.ada, minutes_left=11 * 60)
    assert asked(desk, first, second, others) == [False, True, False]
    assert told(desk, second, Occasion.SLIPS) == [desk.ada.id]
    for _ in range(3):
        desk.clock.forward(minutes=1)
        assert tend(desk) == []
    assert told(desk, second, Occasion.SLIPS) == [desk.ada.id]
    with desk.ctx() as ctx:
        (short,) = slips.short_of_time(ctx, desk.ada.id or 0)
    assert (short.deadline, short.work, short.time) == (WEDNESDAY, 17 * 60, 16 * 60 - 3)
    estimate(desk, first, desk.ada, minutes_left=60)
    assert asked(desk, first, second) == [False, False]
    assert list(lines(desk, second))[-2:] == ["slip-asked", "fits-again"]
    assert desk.broken() == {}


def test_time_that_passes_and_absences_are_seen_by_the_clock(desk: Desk) -> None:
    """No issue changes, and still the work no longer fits."""
    code = held(desk, desk.ada, 15, WEDNESDAY)
    desk.clock.forward(minutes=1)
    assert tend(desk) == []
    desk.clock.forward(minutes=29)
    with desk.ctx(CLOCK) as ctx:
        assert slips.due(ctx) == []
    desk.clock.forward(hours=1)
    assert tend(desk) == [code]
    estimate(desk, code, desk.mia, deadline=MONDAY)
    assert asked(desk, code) == [False]
    with desk.ctx(desk.mia) as ctx:
        gone = roster.add_absence(ctx, NewAbsence(str(desk.ada.id), "2034-03-15", "2099-01-01", "")).id
    desk.clock.forward(hours=1, minutes=1)
    assert tend(desk) == [code]
    with desk.ctx(desk.mia) as ctx:
        roster.remove_absence(ctx, gone)
    desk.clock.forward(hours=1, minutes=1)
    assert tend(desk) == [code]
    assert asked(desk, code) == [False]
    assert desk.broken() == {}


def test_a_worker_asks_in_its_round(desk: Desk) -> None:
    """Work that was handed over counts for who has it now."""
    code = held(desk, desk.ada, 7, TUESDAY)
    own = held(desk, desk.ben, 7, TUESDAY)
    desk.work()
    assert asked(desk, code, own) == [False, False]
    desk.issue_move(code, "hand-over", desk.mia, colleague=desk.ben.id)
    desk.work()
    assert asked(desk, code, own) == [True, True]
    assert told(desk, code, Occasion.SLIPS) == [desk.ben.id]
    desk.issue_move(code, "hand-over", desk.mia, colleague=desk.ada.id)
    assert asked(desk, code, own) == [False, True]
    desk.clock.forward(hours=1, minutes=1)
    desk.work()
    assert asked(desk, code, own) == [True, True]  # for both of them it is 9 until 17 o'clock, and 10 by now
    assert told(desk, code, Occasion.SLIPS) == [desk.ada.id, desk.ben.id]
    assert desk.broken() == {}


def test_one_announcement_is_on_every_issue_that_slips(desk: Desk) -> None:
    """A note on each; managers are told, and so are the owners of waiting tickets."""
    ticket = desk.in_progress(desk.ben)
    codes = [held(desk, desk.ada, 9, TUESDAY, ticket), held(desk, desk.ada, 9, WEDNESDAY)]
    assert asked(desk, *codes) == [True, True]
    with pytest.raises(InvalidInputError, match="Announce the delay"):
        announce(desk, desk.ada, codes[0])
    with pytest.raises(InvalidInputError, match="No longer yours"):
        announce(desk, desk.ben, codes[0])
    with pytest.raises(InvalidInputError) as wrong:
        announce(desk, desk.ada, *codes, **{codes[0].replace("-", "_"): "2034-03-14", codes[1]: "soon"})
    assert set(wrong.value.problems) == {f"expected-{code}" for code in codes}
    key, day = new_key(), {codes[0].replace("-", "_"): "2034-03-16"}
    assert announce(desk, desk.ada, *codes, key=key, **day) == 2
    assert announce(desk, desk.ada, *codes, key=key, **day) == 0
    with pytest.raises(KeyReusedError):
        announce(desk, desk.ada, *codes, key=key)
    for code in codes:
        issue = desk.issue(code)
        assert issue.slipping_since == desk.clock()
        with desk.ctx() as ctx:
            (note,) = notes_of(ctx.session, issue, "slip")
        assert note.body.startswith("The new version needs another migration.")
        assert ("New date expected: 16 March 2034" in note.body) == (code == codes[0])
    assert told(desk, codes[0], Occasion.SLIPPING) == sorted([desk.ben.id or 0, desk.mia.id or 0])
    assert told(desk, codes[1], Occasion.SLIPPING) == [desk.mia.id]
    desk.clock.forward(hours=2)
    assert tend(desk) == []
    for code in codes:
        estimate(desk, code, desk.mia, deadline=MONDAY)
    assert [desk.issue(code).slipping_since for code in codes] == [None, None]
    assert desk.broken() == {}


def test_nothing_is_announced_by_halves(lite_desk: Desk) -> None:
    """A text that names a customer of one of the issues is on none of them."""
    desk = lite_desk
    ticket = desk.order(name="Another Migration", email="am@example.com")
    codes = [held(desk, desk.ada, 9, TUESDAY), held(desk, desk.ada, 9, WEDNESDAY, ticket)]
    with pytest.raises(InvalidInputError, match="personal"):
        announce(desk, desk.ada, *codes)
    for code in codes:
        issue = desk.issue(code)
        assert issue.slipping_since is None
        with desk.ctx() as ctx:
            assert notes_of(ctx.session, issue, "slip") == []


def test_somebody_may_say_so_before_the_figures_do(lite_desk: Desk) -> None:
    """What becomes likely is put in writing; it stays until the deadline is set anew."""
    desk = lite_desk
    code = held(desk, desk.ada, 1, WEDNESDAY)
    assert announce(desk, desk.ada, code) == 1
    desk.clock.forward(hours=2)
    assert tend(desk) == []
    assert desk.issue(code).slipping_since is not None
    estimate(desk, code, desk.mia, deadline=MONDAY)
    assert desk.issue(code).slipping_since is None


def test_work_that_nobody_has_estimated_is_late_with_its_deadline(lite_desk: Desk) -> None:
    """Not earlier, because its length is unknown."""
    desk = lite_desk
    code = held(desk, desk.ada, None, TUESDAY)
    assert tend(desk) == []
    desk.clock.forward(hours=7)
    assert tend(desk) == []
    desk.clock.forward(hours=1, minutes=1)
    assert tend(desk) == [code]


def at_once(deed: Callable[[], object], times: int = 4) -> None:
    """Do it so many times at the same moment, each in a thread and a transaction of its own."""
    start = threading.Barrier(times)

    def run(_: int) -> None:
        start.wait()
        deed()

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(run, range(times)))


def test_many_workers_ask_once_and_many_clicks_announce_once(pg_desk: Desk) -> None:
    """The first one does; the others find that it is done, and none waits for another for ever."""
    desk = pg_desk
    codes = [held(desk, desk.ada, 6, TUESDAY) for _ in range(3)]
    for code in codes:
        desk.change_issue(code, slip_asked_at=None, minutes_left=9 * 60)
    with desk.ctx() as ctx:
        ctx.session.execute(delete(IssueNotice))
        ctx.session.execute(delete(Estimate))

    def work() -> None:
        with desk.ctx(CLOCK) as ctx:
            slips.tend(ctx, desk.ada.id or 0)

    at_once(work)
    for code in codes:
        assert told(desk, code, Occasion.SLIPS) == [desk.ada.id]
    key = new_key()
    at_once(lambda: announce(desk, desk.ada, *codes, key=key))
    for code in codes:
        issue = desk.issue(code)
        with desk.ctx() as ctx:
            assert len(notes_of(ctx.session, issue, "slip")) == 1
    turns = cycle([(codes[0], 60), (codes[2], 500), (codes[1], 60), (codes[0], 600)])
    chosen = [next(turns) for _ in range(8)]

    def reckon() -> None:
        code, minutes = chosen.pop()
        estimate(desk, code, desk.ada, minutes_left=minutes + len(chosen))

    at_once(reckon, 8)
    assert desk.broken() == {}
