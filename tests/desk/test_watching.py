"""Watching a ticket that is somebody else's (P7)."""

from __future__ import annotations

import pytest

from paidsupport.desk import watching
from paidsupport.domain.actors import Actor
from paidsupport.errors import NotFoundError
from paidsupport.store import pages
from tests.desk.test_notices import mails, prefer, told
from tests.people import Desk

pytestmark = [pytest.mark.row("P7"), pytest.mark.row("P8")]


def watch(desk: Desk, code: str, by: Actor) -> None:
    """Somebody watches a ticket from now on."""
    with desk.visit(by) as visit:
        watching.watch(visit, code)


def test_a_watcher_hears_of_all_until_they_say_otherwise(desk: Desk) -> None:
    """Moves, letters and notes of others; not of what they do themselves, nor of what was before."""
    prefer(desk, desk.ben, watching="now", unassigned="off")
    code = desk.order()
    desk.work()
    watch(desk, code, desk.ben)
    watch(desk, code, desk.ben)
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.annotate(code, desk.ben)
    assert ("ben", f"[{code}] 2 things have happened") in mails(desk)
    assert [row for row in told(desk, code) if row[0] == "Ben"] == [
        ("Ben", "claim", "watching", "now"),
        ("Ben", "message-out", "watching", "now"),
    ]
    with desk.visit(desk.ben) as visit:
        watching.unwatch(visit, code)
        watching.unwatch(visit, code)
    desk.receive(code, "Hello?")
    desk.annotate(code, desk.mia)
    assert "ben" not in dict(mails(desk))
    assert desk.broken() == {}


def test_watching_disturbs_nobody(desk: Desk) -> None:
    """Nothing in the history, no other version: whoever was about to claim still can."""
    code = desk.order()
    before, happened = desk.ticket(code), desk.happened(code)
    watch(desk, code, desk.ben)
    after = desk.ticket(code)
    assert (after.version, after.event_count, after.changed_at) == (
        before.version,
        before.event_count,
        before.changed_at,
    )
    assert desk.happened(code) == happened
    with desk.visit() as visit:
        assert [row.person_name for row in pages.for_desk(visit.session, code).watchers] == ["Ben"]


def test_only_people_watch_and_only_what_is_there(desk: Desk) -> None:
    """An unknown code is not there, and a customer is nobody who could watch."""
    code = desk.order()
    for by, asked in ((desk.ben, "PS-2222-2222"), (Actor("customer", "the customer"), code)):
        with pytest.raises(NotFoundError):
            watch(desk, asked, by)
