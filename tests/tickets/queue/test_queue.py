"""The queue: pages by key, counts with a limit, and a revision that misses nothing (G3, G5, P6)."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from paidsupport.kernel import counts
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.words import words
from paidsupport.tickets.queries import present as people
from paidsupport.tickets.queries.present import Present
from paidsupport.tickets.queue import queries as queue
from paidsupport.tickets.queue.queries import Page, Wanted
from paidsupport.tickets.tables import Ticket
from tests.people import Desk

#: Few different values and many equal ones: ties are what breaks paging.
STEPS = (0, 1, 1, 1, 2, 2, 1, 0, 2, 1, 1)


def multiply(desk: Desk, code: str, times: int, **changed: Any) -> None:  # noqa: ANN401  # columns
    """Put copies of a ticket into the table, past all operations."""
    with desk.ctx() as ctx:
        table = Ticket.__table__
        row = ctx.session.execute(select(table).where(table.c.code == code)).one()
        values = {name: value for name, value in row._mapping.items() if name != "id"}
        ctx.session.execute(
            insert(Ticket),
            [{**values, **changed, "code": f"C{n}-{code}", "reference": f"R{n}"} for n in range(times)],
        )


def walk(desk: Desk, **wanted: Any) -> list[Page]:  # noqa: ANN401  # fields of Wanted
    """Every page from the first to the last."""
    pages: list[Page] = []
    after = None
    with desk.ctx() as ctx:
        while True:
            pages.append(queue.page(ctx.session, Wanted(**wanted, after=after), ctx.now))
            after = pages[-1].following
            if after is None:
                return pages


def codes(desk: Desk, **wanted: Any) -> set[str]:  # noqa: ANN401  # fields of Wanted
    """The codes on all pages."""
    return {row.code for page in walk(desk, **wanted) for row in page.rows}


@pytest.mark.row("P6")
def test_pages_by_key_are_complete_and_repeat_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every order and direction, with many equal values, in pages of every size."""
    first = desk.order()
    multiply(desk, first, len(STEPS) - 1)
    with desk.ctx() as ctx:
        start = ctx.now
        for ticket, step in zip(ctx.session.scalars(select(Ticket)), STEPS, strict=True):
            moment = start + timedelta(microseconds=step)
            values = {"submitted_at": moment, "changed_at": moment, "price_minor": step}
            ctx.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(**values))
    for sort, descending, size in product(queue.SORTS, (False, True), (1, 3, len(STEPS), 50)):
        monkeypatch.setattr(queue, "PAGE", size)
        pages = walk(desk, sort=sort, descending=descending)
        keys = [(getattr(row, queue.SORTS[sort].key), row.id) for page in pages for row in page.rows]
        assert len(keys) == len(STEPS)
        assert keys == sorted(set(keys), reverse=descending)
        assert all(len(page.rows) == size for page in pages[:-1])


@pytest.mark.row("P6")
def test_a_page_stays_the_same_while_tickets_come_and_go(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next page goes on after the last row seen, whatever happened before it."""
    monkeypatch.setattr(queue, "PAGE", 2)
    made = []
    for _ in range(4):
        made.append(lite_desk.order())
        lite_desk.clock.forward(minutes=1)
    with lite_desk.ctx() as ctx:
        page = queue.page(ctx.session, Wanted(), ctx.now)
    lite_desk.claim(made[0], lite_desk.ada)
    with lite_desk.ctx() as ctx:
        following = queue.page(ctx.session, Wanted(after=page.following), ctx.now)
    assert [row.code for row in following.rows] == made[2:]


@pytest.mark.row("P6")
def test_filters_narrow_what_is_shown(desk: Desk) -> None:
    """By part, service, owner, age, words, and whether the customer asks for more."""
    old = desk.order()
    between = desk.clock.forward(hours=1)
    fresh = desk.order(details="Please rotate the Übersicht.")
    upgrade = desk.order(
        service="upgrade",
        answers={"from_version": ["1.5"], "disk": ["yes"]},
    )
    held = desk.in_progress(desk.ada)
    ended = desk.in_progress(desk.ben)
    desk.finish(ended, desk.ben)
    assert codes(desk, reopening=True) == set()
    desk.receive(ended, "One more thing …")
    assert codes(desk) == {old, fresh, upgrade}
    assert codes(desk, part=None) == {old, fresh, upgrade, held, ended}
    assert codes(desk, service="upgrade") == {upgrade}
    assert codes(desk, service="nonsense") == set()
    assert codes(desk, part=None, owner=desk.ada.id) == {held}
    assert codes(desk, part=None, submitted_before=between) == {old}
    assert codes(desk, words=words("uber")) == {fresh}
    assert codes(desk, part=None, words=words("gallery"), service="upgrade") == {upgrade}
    assert codes(desk, reopening=True) == {ended}


@pytest.mark.row("G3")
def test_the_frame_counts_the_three_parts(desk: Desk) -> None:
    """With who works here and what can be ordered; one more than the limit stands for “more”."""
    code = desk.order()
    desk.in_progress(desk.ada)
    with desk.ctx() as ctx:
        frame = queue.frame(ctx.session, ctx.now, ctx.services.workflows.values())
    assert frame.counts == {"unassigned": 1, "pending": 1, "closed": 0}
    assert frame.reopening == 0
    assert [name for _, name in frame.people] == ["Ada", "Ben", "Mia"]
    assert {slug for slug, _ in frame.services} >= {"installation", "upgrade", "customization", "question"}
    multiply(desk, code, counts.COUNT_LIMIT + 5)
    with desk.ctx() as ctx:
        frame = queue.frame(ctx.session, ctx.now, ctx.services.workflows.values())
    assert frame.counts["unassigned"] == counts.COUNT_LIMIT + 1


@pytest.mark.row("G5")
def test_the_pulse_beats_with_every_event_and_for_nothing_else(desk: Desk) -> None:
    """It changes with a claim and stays when nothing happens; strangers and the gone get none."""
    code = desk.order()

    def revision(person: Actor) -> str | None:
        with desk.ctx() as ctx:
            return queue.revision(ctx.session.connection(), person.id or 0)

    before = revision(desk.ben)
    assert before == revision(desk.ben) is not None
    with desk.ctx() as ctx:
        user = ctx.session.scalars(select(Person.host_user_id).where(Person.id == desk.ben.id)).one()
        assert people.watching(ctx.session.connection(), user) == Present(desk.ben, 0, revision=before or "")
        assert people.watching(ctx.session.connection(), "nobody") is None
    desk.claim(code, desk.ada)
    assert revision(desk.ben) != before
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(update(Person).where(Person.id == desk.ben.id).values(active=False))
    with desk.ctx() as ctx:
        assert people.watching(ctx.session.connection(), user) is None
    assert revision(desk.ben) is None
    assert revision(Actor("person", "Nobody", 4711)) is None


@pytest.mark.postgres
@pytest.mark.row("G5", "P3")
def test_the_pulse_notices_an_event_with_a_lower_id_that_commits_later(pg_desk: Desk) -> None:
    """Ids are given out before transactions end, and not in the order in which they end."""
    slow, quick = pg_desk.order(), pg_desk.order()

    def revision() -> str | None:
        with pg_desk.ctx() as ctx:
            return queue.revision(ctx.session.connection(), pg_desk.ada.id or 0)

    with pg_desk.ctx(pg_desk.ada) as ctx:
        from paidsupport.tickets.conversation.operations import annotations as annotation  # noqa: PLC0415  # used in the middle of a transaction

        annotation.annotate(ctx, slow, "Slow.", key="a")
        pg_desk.annotate(quick, pg_desk.ben)
        seen = revision()
    assert revision() != seen


def test_a_queue_costs_two_statements_whatever_is_in_it(desk: Desk) -> None:
    """The frame and the page; a search adds at most two, the revision alone is one (budget of the queue)."""
    code = desk.order()
    multiply(desk, code, 60)
    with desk.ctx() as ctx, desk.statements() as seen:
        queue.frame(ctx.session, ctx.now, ctx.services.workflows.values())
        queue.page(ctx.session, Wanted(owner=desk.ada.id, service="upgrade", descending=True), ctx.now)
        assert len(seen) == 2, seen
        queue.page(ctx.session, Wanted(words=["gallery"]), ctx.now)
        assert len(seen) <= 5
        del seen[:]
        queue.revision(ctx.session.connection(), 1)
        assert len(seen) == 1


def test_the_queue_is_read_from_indexes(lite_desk: Desk) -> None:
    """Every order walks an index of its own and sorts nothing."""
    for column in queue.SORTS.values():
        plan = text(
            "EXPLAIN QUERY PLAN SELECT id FROM paidsupport_ticket"  # noqa: S608  # a column of ours
            f" WHERE part = 'unassigned' ORDER BY {column.key}, id LIMIT 50"
        )
        with lite_desk.ctx() as ctx:
            told = " ".join(row.detail for row in ctx.session.execute(plan))
        assert f"part_{column.key}_id" in told
        assert "TEMP B-TREE" not in told
