"""People see what they owe, in the order in which it is done (T14)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from paidsupport.issues.operations import slips, work
from paidsupport.issues.queries import work as issue_work
from paidsupport.issues.rules.releases import release_order
from paidsupport.issues.tables import NO_DEADLINE, Issue
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.errors import ManagersOnlyError
from tests.people import Desk

pytestmark = pytest.mark.row("T14")


def made(desk: Desk, name: str, **values: Any) -> None:  # noqa: ANN401
    """An issue as it would be after all that was done to it."""
    desk.change_issue(desk.open_issue(desk.ada, summary=name), **values)


def shown(desk: Desk, by: Actor, person: Actor) -> tuple[list[str], list[tuple[str, str]]]:
    """What they have to do and what they may start, with the reason why an issue comes first."""
    with desk.ctx(by) as ctx:
        owed = work.owed(ctx, person.id or 0)
    return [row.summary for row in owed.held], [(line.row.summary, line.why) for line in owed.free]


def test_what_is_owed_comes_in_the_order_in_which_it_is_done(desk: Desk) -> None:
    """Feedback first, then reviews, then work by target release, priority and deadline."""
    now, ben = desk.clock(), desk.ben.id
    asked = {"state": "feedback", "owner_id": ben}
    made(desk, "asked", **asked, feedback_due_at=now + timedelta(hours=1))
    made(desk, "overdue", **asked, feedback_due_at=now - timedelta(hours=1))
    made(desk, "review", state="review", owner_id=desk.ada.id, author_id=desk.ada.id, reviewer_id=ben)
    made(desk, "in work", state="assigned", owner_id=ben)
    made(desk, "of Ada", state="assigned", owner_id=desk.ada.id)
    for owner, name in ((ben, "own"), (None, "free")):
        own = {"state": "confirmed", "owner_id": owner}
        made(desk, f"{name} 1.10, urgent", **own, target_release="1.10", priority=1)
        made(desk, f"{name} 1.9, low", **own, target_release="1.9", priority=4)
        made(desk, f"{name} 1.9, later", **own, target_release="1.9", deadline=date(2034, 5, 1))
        made(desk, f"{name} 1.9, soon", **own, target_release="1.9", deadline=date(2034, 4, 1))
        made(desk, f"{name} no release", **own, priority=1)
    made(desk, "hidden", state="confirmed", target_release="2.0", private=True)
    held, free = shown(desk, desk.ben, desk.ben)
    order = ["1.9, soon", "1.9, later", "1.9, low", "1.10, urgent", "no release"]
    assert held == ["overdue", "asked", "review", "in work", *(f"own {name}" for name in order)]
    early = "Before more urgent ones, because of release 1.9"
    assert free == [(f"free {name}", early if name.startswith("1.9") else "") for name in order]
    with_hidden = [*free[:-1], ("hidden", "Before more urgent ones, because of release 2.0"), free[-1]]
    assert shown(desk, desk.mia, desk.ben) == (held, with_hidden)
    with pytest.raises(ManagersOnlyError):
        shown(desk, desk.ada, desk.ben)


def test_a_hundred_thousand_issues_take_no_more_queries(pg_desk: Desk) -> None:
    """Indexes lead to the rows, in their order, however many there are."""
    desk = pg_desk
    fill(desk, 100)
    with desk.statements() as seen, desk.ctx(desk.ben) as ctx:
        owed = work.owed(ctx, desk.ben.id or 0)
    assert len(seen) <= 4
    assert len(owed.held) <= issue_work.MOST
    assert owed.more
    assert [line.row.target_release for line in owed.free[:2]] == ["1.0", "1.0"]
    plans: list[str] = []
    with desk.ctx(desk.ben) as ctx:
        reads = (
            lambda: issue_work.free(ctx.session, ctx.by),
            lambda: issue_work.held(ctx.session, ctx.by, desk.ben.id or 0, ctx.now),
            lambda: issue_work.load(ctx.session, desk.ben.id or 0),
            lambda: slips.due(ctx),
        )
        plans.extend(explain(ctx.session, read) for read in reads)
    used = ("issue_free", "issue_owner_id_state", "issue_", "issue_load")
    for plan, index in zip(plans, used, strict=True):
        assert (
            f"Index Scan using ix_paidsupport_{index}" in plan or f"Scan on ix_paidsupport_{index}" in plan
        ), plan
        assert "Seq Scan on paidsupport_issue " not in plan, plan


def explain(session: Any, read: Any) -> str:  # noqa: ANN401
    """How PostgreSQL carries out what `read` asks for."""
    from sqlalchemy import event  # noqa: PLC0415

    asked: list[tuple[str, Any]] = []

    def note(_c: object, _u: object, statement: str, values: Any, *_: object) -> None:  # noqa: ANN401
        asked.append((statement, values))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        read()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    ((statement, values),) = asked
    rows = connection.exec_driver_sql(f"EXPLAIN {statement}", values)
    return "\n".join(row[0] for row in rows)


def fill(desk: Desk, thousands: int) -> None:
    """So many thousand issues in all states, past all rules."""
    states = ("new", "feedback", "confirmed", "assigned", "review", "resolved", "closed", "confirmed")
    rows = []
    for place in range(1000):
        state = states[place % len(states)]
        nobody = state == "new" or (state == "confirmed" and place % 3)
        # most belong to somebody else: a person has some hundreds
        owner = None if nobody else desk.ben.id if place == 3 else desk.ada.id
        release = f"{place % 5 + 1}.{place % 13}"
        rows.append(
            {
                "code": f"IS-{place:08}",
                "kind": "bug",
                "state": state,
                "summary": f"No. {place}",
                "details": "",
                "priority": place % 4 + 1,
                "target_release": release,
                "release_order": release_order(release),
                "deadline": desk.clock().date() + timedelta(days=place % 90) if place % 2 else NO_DEADLINE,
                "minutes_left": place % 500,
                "owner_id": owner,
                "created_at": desk.clock(),
                "changed_at": desk.clock(),
                "ended_at": desk.clock() if state == "closed" else None,
            }
        )
    columns = ", ".join(
        column.name for column in Issue.__table__.columns if column.name not in {"id", "code"}
    )
    again = (
        f"INSERT INTO paidsupport_issue (code, {columns}) SELECT code || '-' || number, {columns}"  # noqa: S608
        f" FROM paidsupport_issue, generate_series(2, {thousands}) AS number"
    )
    with desk.ctx() as ctx:
        ctx.session.execute(insert(Issue), rows)
        ctx.session.execute(text(again))
        ctx.session.execute(text("ANALYZE paidsupport_issue"))
