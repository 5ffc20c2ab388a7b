"""Watching a colleague's ticket (P7)."""

from __future__ import annotations

import pytest

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.errors import NotFoundError
from paidsupport.tickets.notices.operations import watching
from paidsupport.tickets.queries import pages
from tests.people import Desk
from tests.tickets.notices.test_notices import mails, prefer, told

pytestmark = [pytest.mark.row("P7"), pytest.mark.row("P8")]


def watch(desk: Desk, code: str, by: Actor) -> None:
    """Let a person watch a ticket."""
    with desk.ctx(by) as ctx:
        watching.watch(ctx, code)


def test_a_watcher_hears_of_all_until_they_say_otherwise(desk: Desk) -> None:
    """Transitions, emails and annotations of others; not their own, nor any from before."""
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
    with desk.ctx(desk.ben) as ctx:
        watching.unwatch(ctx, code)
        watching.unwatch(ctx, code)
    desk.receive(code, "Hello?")
    desk.annotate(code, desk.mia)
    assert "ben" not in dict(mails(desk))
    assert desk.broken() == {}


def test_watching_disturbs_nobody(desk: Desk) -> None:
    """Nothing in the history, no other version: a colleague who was about to claim still can."""
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
    with desk.ctx() as ctx:
        assert [row.person_name for row in pages.for_desk(ctx, code).watchers] == ["Ben"]


def test_only_people_watch_and_only_what_is_there(desk: Desk) -> None:
    """An unknown code is not found, and a customer cannot watch."""
    code = desk.order()
    for by, asked in ((desk.ben, "PS-2222-2222"), (Actor("customer", "the customer"), code)):
        with pytest.raises(NotFoundError):
            watch(desk, asked, by)
