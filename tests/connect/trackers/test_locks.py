"""Workers and people take the same locks in the same order (P17, N5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from paidsupport.connect.connections.queries import by_reference
from paidsupport.connect.connections.setup import operations as setup
from paidsupport.connect.connections.tables import Remote
from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access
from tests.concurrency.processes import wait_until
from tests.connect.connections.connecting import connected
from tests.connect.trackers.fake_mantis import TOKEN
from tests.people import Desk

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.mark.row("P17")
def test_who_settles_a_conflict_waits_for_the_worker_and_not_the_other_way_round(pg_desk: Desk) -> None:
    """A worker holds the issue, and then writes down what it is there."""
    desk = pg_desk
    values = {"url": "https://127.0.0.1:9", "project": "Gallery", "category": "General"}
    reference = connected(desk, "mantisbt", values, {"token": TOKEN}, name="Bugs")
    code = desk.open_issue(desk.ada)
    with desk.ctx(desk.ada) as ctx:
        remote = Remote(
            connection_id=by_reference(ctx.session, reference).id,
            what="issue",
            ours=code,
            remote="1",
            issue_id=access.see(ctx, code).id,
            agreed={"seen": {"priority": 4}, "conflict": ["priority"]},
            conflict="Both sides changed it.",
            created_at=ctx.now,
        )
        ctx.session.add(remote)
        ctx.session.flush()
        number, issue_id = remote.id, access.see(ctx, code).id

    def settle() -> None:
        with desk.ctx(desk.mia) as ctx:
            setup.settle(ctx, reference, number, ours=False)

    def waits() -> bool:
        # each time in a transaction of its own: within one, PostgreSQL shows the sessions as they were first
        with desk.ctx() as beside:
            return bool(beside.session.scalar(_WAITING))

    with ThreadPoolExecutor(1) as others:
        with desk.ctx() as ctx:
            issues.lock_by_id(ctx.session, issue_id)
            settled = others.submit(settle)
            wait_until(waits, "the manager waits", 30)
            row = ctx.session.get_one(Remote, number)
            row.agreed = {**row.agreed, "seen": {"priority": 2}}
        settled.result(30)
    with desk.ctx() as ctx:
        assert ctx.session.get_one(Remote, number).conflict == ""
        assert ctx.session.get_one(issues.Issue, issue_id).priority == 2  # what came last
