"""The queue: pages by key, counts with a limit, and a pulse that misses nothing (G3, G5, P6)."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from paidsupport.desk import people
from paidsupport.desk.people import Present
from paidsupport.domain.actors import Actor
from paidsupport.domain.words import words
from paidsupport.store import queue
from paidsupport.store.people import Person
from paidsupport.store.queue import Page, Wanted
from paidsupport.store.tickets import Ticket
from tests.people import Desk

#: Few different values and many equal ones: ties are what breaks paging.
STEPS = (0, 1, 1, 1, 2, 2, 1, 0, 2, 1, 1)


def multiply(desk: Desk, code: str, times: int, **changed: Any) -> None:  # noqa: ANN401  # columns
    """Put copies of a ticket into the table, past all verbs."""
    with desk.visit() as visit:
        table = Ticket.__table__
        row = visit.session.execute(select(table).where(table.c.code == code)).one()
        values = {name: value for name, value in row._mapping.items() if name != "id"}
        visit.session.execute(
            insert(Ticket),
            [{**values, **changed, "code": f"C{n}-{code}", "reference": f"R{n}"} for n in range(times)],
        )


def walk(desk: Desk, **wanted: Any) -> list[Page]:  # noqa: ANN401  # fields of Wanted
    """Every page from the first to the last."""
    pages: list[Page] = []
    after = None
    with desk.visit() as visit:
        while True:
            pages.append(queue.page(visit.session, Wanted(**wanted, after=after)))
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
    with desk.visit() as visit:
        start = visit.now
        for ticket, step in zip(visit.session.scalars(select(Ticket)), STEPS, strict=True):
            moment = start + timedelta(microseconds=step)
            values = {"submitted_at": moment, "changed_at": moment, "price_minor": step}
            visit.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(**values))
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
    with lite_desk.visit() as visit:
        page = queue.page(visit.session, Wanted())
    lite_desk.claim(made[0], lite_desk.ada)
    with lite_desk.visit() as visit:
        following = queue.page(visit.session, Wanted(after=page.following))
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
    with desk.visit() as visit:
        frame = queue.frame(visit.session, visit.now)
    assert frame.counts == {"unassigned": 1, "pending": 1, "closed": 0}
    assert frame.reopening == 0
    assert [name for _, name in frame.people] == ["Ada", "Ben", "Mia"]
    assert {slug for slug, _ in frame.services} >= {"installation", "upgrade", "customization", "question"}
    multiply(desk, code, queue.COUNT_LIMIT + 5)
    with desk.visit() as visit:
        assert queue.frame(visit.session, visit.now).counts["unassigned"] == queue.COUNT_LIMIT + 1


@pytest.mark.row("G5")
def test_the_pulse_beats_with_every_event_and_for_nothing_else(desk: Desk) -> None:
    """It changes with a claim and stays when nothing happens; strangers and the gone get none."""
    code = desk.order()

    def pulse(person: Actor) -> str | None:
        with desk.visit() as visit:
            return queue.pulse(visit.session.connection(), person.id or 0)

    before = pulse(desk.ben)
    assert before == pulse(desk.ben) is not None
    with desk.visit() as visit:
        user = visit.session.scalars(select(Person.host_user_id).where(Person.id == desk.ben.id)).one()
        assert people.watching(visit.session.connection(), user) == Present(desk.ben, 0, before or "")
        assert people.watching(visit.session.connection(), "nobody") is None
    desk.claim(code, desk.ada)
    assert pulse(desk.ben) != before
    with desk.visit() as visit:
        visit.session.execute(update(Person).where(Person.id == desk.ben.id).values(active=False))
    with desk.visit() as visit:
        assert people.watching(visit.session.connection(), user) is None
    assert pulse(desk.ben) is None
    assert pulse(Actor("person", "Nobody", 4711)) is None


@pytest.mark.postgres
@pytest.mark.row("G5", "P3")
def test_the_pulse_notices_an_event_with_a_lower_id_that_commits_later(pg_desk: Desk) -> None:
    """Ids are given out before transactions end, and not in the order in which they end."""
    slow, quick = pg_desk.order(), pg_desk.order()

    def pulse() -> str | None:
        with pg_desk.visit() as visit:
            return queue.pulse(visit.session.connection(), pg_desk.ada.id or 0)

    with pg_desk.visit(pg_desk.ada) as visit:
        from paidsupport.desk import annotation  # noqa: PLC0415  # used in the middle of a transaction

        annotation.annotate(visit, slow, "Slow.", key="a")
        pg_desk.annotate(quick, pg_desk.ben)
        seen = pulse()
    assert pulse() != seen


def test_a_queue_costs_two_statements_whatever_is_in_it(desk: Desk) -> None:
    """The frame and the page; a search adds at most two, the pulse alone is one (budget of the queue)."""
    code = desk.order()
    multiply(desk, code, 60)
    with desk.visit() as visit, desk.statements() as seen:
        queue.frame(visit.session, visit.now)
        queue.page(visit.session, Wanted(owner=desk.ada.id, service="upgrade", descending=True))
        assert len(seen) == 2, seen
        queue.page(visit.session, Wanted(words=["gallery"]))
        assert len(seen) <= 5
        del seen[:]
        queue.pulse(visit.session.connection(), 1)
        assert len(seen) == 1


def test_the_queue_is_read_from_indexes(lite_desk: Desk) -> None:
    """Every order walks an index of its own and sorts nothing."""
    for column in queue.SORTS.values():
        plan = text(
            "EXPLAIN QUERY PLAN SELECT id FROM paidsupport_ticket"  # noqa: S608  # a column of ours
            f" WHERE part = 'unassigned' ORDER BY {column.key}, id LIMIT 50"
        )
        with lite_desk.visit() as visit:
            told = " ".join(row.detail for row in visit.session.execute(plan))
        assert f"part_{column.key}_id" in told
        assert "TEMP B-TREE" not in told
