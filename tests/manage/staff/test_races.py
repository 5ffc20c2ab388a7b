"""Whoever is disabled holds nothing, whatever is given to them at the same moment (P10)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

import pytest
from sqlalchemy import text

from paidsupport.issues import tables as issue_tables
from paidsupport.issues.operations import reviewing
from paidsupport.issues.operations import transitions as issues
from paidsupport.issues.operations.transitions import Filled as Chosen
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import PaidSupportError
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewShift
from paidsupport.manage.staff.operations import leaving
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.operations.transitions import Filled
from tests.people import Desk

pytestmark = pytest.mark.row("P10")


@dataclass(frozen=True)
class Gift:
    """How Ada gets something: who does it, what has to be there, and the operation."""

    by: str
    prepare: Callable[[Desk], str]
    give: Callable[[Context, Desk, str], object]


def issue_of(state: str, owner: str = "") -> Callable[[Desk], str]:
    """An issue in a state, of a person."""

    def prepare(desk: Desk) -> str:
        code = desk.open_issue(desk.mia)
        desk.change_issue(code, state=state, owner_id=getattr(desk, owner).id if owner else None)
        return code

    return prepare


def under_review(desk: Desk) -> str:
    """An issue that Ada has solved and that waits for a review."""
    code = issue_of("assigned", "ada")(desk)
    desk.issue_move(code, "submit", desk.ada, note="Upload a photo.")
    return code


def move(name: str, **filled: object) -> Callable[[Context, Desk, str], object]:
    """A transition of an issue; a colleague is always Ada."""

    def give(ctx: Context, desk: Desk, code: str) -> object:
        chosen = Chosen(**{"colleague": desk.ada.id} | filled if filled else {"note": "Not yet."})
        version = issue_tables.lock(ctx.session, code, ctx.by).version
        return issues.make(ctx, code, name, version=version, key=new_key(), filled=chosen)

    return give


def hand_over(ctx: Context, desk: Desk, code: str) -> object:
    """Ben hands his ticket to Ada."""
    chosen = Filled(colleague=desk.ada.id, note="You know it.")
    version = tickets.lock(ctx.session, code).version
    return transitions.make(ctx, code, "hand-over", version=version, key=new_key(), filled=chosen)


def claim(ctx: Context, _desk: Desk, code: str) -> object:
    """Ada claims a ticket."""
    return claims.claim(ctx, code, version=1, key=new_key())


def send_back(ctx: Context, _desk: Desk, code: str) -> object:
    """Ben sends Ada's solution back."""
    version = issue_tables.lock(ctx.session, code, ctx.by).version
    return reviewing.decide(ctx, code, "rework", "It stays dark.", version=version, key=new_key())


def add_shift(ctx: Context, desk: Desk, _code: str) -> object:
    """Mia puts Ada on the roster."""
    return roster.add_shift(ctx, NewShift(str(desk.ada.id), ["0"], "", "09:00", "17:00", "1"))


GIFTS = {
    "claim": Gift("ada", lambda desk: desk.order(), claim),
    "hand over": Gift("ben", lambda desk: desk.in_progress(desk.ben), hand_over),
    "start": Gift("ada", issue_of("confirmed"), move("start")),
    "assign": Gift("mia", issue_of("assigned", "ben"), move("hand-over", note="Please.")),
    "ask": Gift("mia", issue_of("new"), move("ask", note="Please.")),
    "withdraw": Gift("ada", under_review, move("retract")),
    "send back": Gift("ben", under_review, send_back),
    "shift": Gift("mia", lambda _desk: "", add_shift),
}


def until_blocked(desk: Desk, begun: Event, other: Future[None]) -> None:
    """Wait until a thread is over, or waits for the database."""
    begun.wait(60)
    engine = mount_of(desk.app).database.engine
    # on SQLite it waits as soon as it begins: this thread has the lock
    while engine.dialect.name == "postgresql" and not other.done():
        with engine.connect() as connection:
            waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND "
            if connection.scalar(text(f"{waiting} wait_event_type = 'Lock'")):
                return


@pytest.mark.parametrize("first", ["the gift", "the leaving"])
@pytest.mark.parametrize("name", GIFTS)
def test_nothing_is_with_a_person_who_is_disabled_at_this_moment(desk: Desk, name: str, first: str) -> None:
    """One has begun and not committed when the other begins: it goes to a colleague, or is refused."""
    gift, begun = GIFTS[name], Event()
    by: Actor = getattr(desk, gift.by)
    code = gift.prepare(desk)

    def give(ctx: Context) -> None:
        gift.give(ctx, desk, code)

    def leave(ctx: Context) -> None:
        ben = str(desk.ben.id)
        leaving.leave(ctx, desk.ada.id or 0, tickets=ben, issues=ben, key=new_key())

    def in_thread(who: Actor, what: Callable[[Context], None]) -> None:
        begun.set()
        with desk.ctx(who) as ctx:
            what(ctx)

    one, other = ((by, give), (desk.mia, leave)) if first == "the gift" else ((desk.mia, leave), (by, give))
    with ThreadPoolExecutor(1) as pool:
        with desk.ctx(one[0]) as ctx:
            one[1](ctx)
            second = pool.submit(in_thread, *other)
            until_blocked(desk, begun, second)
        with suppress(PaidSupportError):
            second.result()
    with desk.ctx() as ctx:
        ada = people.find(ctx, desk.ada.id or 0)
        held = leaving.duties(ctx, ada)
        assert not ada.active
        assert (held.tickets, held.issues, held.shifts) == ([], [], [])
    assert desk.broken() == {}
