"""What happened gets its position in the order of commits, so that no reader ever misses anything."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from paidsupport.connect.log import operations as log
from paidsupport.connect.log import queries
from paidsupport.kernel.codes import new_key
from paidsupport.tickets.conversation.operations import annotations as annotation
from tests.people import Desk

pytestmark = pytest.mark.row("P12")

_PATIENCE = 60


def number(desk: Desk) -> None:
    """What a worker does before anything is heard."""
    with desk.ctx() as ctx:
        while log.number(ctx):
            pass


def read(desk: Desk, position: int) -> list[tuple[int, int]]:
    """What a reader gets after a position: positions, each with its ticket."""
    with desk.ctx() as ctx:
        found = queries.after(ctx.session, position, 1000)
        return [(each.position or 0, each.ticket_id or 0) for each in found]


def test_a_slow_transaction_that_commits_late_is_not_lost_for_a_reader(pg_desk: Desk) -> None:
    """Its row was written first and has the lower id; its position comes after what was read meanwhile."""
    desk = pg_desk
    slow, fast = desk.order(), desk.order()
    number(desk)
    position = read(desk, 0)[-1][0]
    ids = {code: desk.ticket(code).id for code in (slow, fast)}
    written, commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with desk.ctx(desk.ada) as ctx:
            annotation.annotate(ctx, slow, "Slow.", key=new_key())
            ctx.session.flush()
            written.set()
            assert commit.wait(_PATIENCE)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(write_slowly)
        assert written.wait(_PATIENCE)
        desk.annotate(fast, desk.ben)
        number(desk)
        first = read(desk, position)
        assert {ticket for _position, ticket in first} == {ids[fast]}
        commit.set()
        waiting.result(_PATIENCE)
    number(desk)
    then = read(desk, first[-1][0])
    assert {ticket for _position, ticket in then} == {ids[slow]}
    positions = [each for each, _ticket in read(desk, 0)]
    assert positions == list(range(1, len(positions) + 1))


def test_positions_have_no_gaps_however_many_write_and_number_at_once(pg_app: Flask, pg_desk: Desk) -> None:
    """Six write while two number and one reads; the reader sees each row once, in rising order."""
    del pg_app
    desk, writers, notes = pg_desk, 6, 8
    codes = [desk.order(email=f"jane{number}@example.com") for number in range(writers)]
    over, seen, last = threading.Event(), list[int](), 0

    def write(code: str) -> None:
        for _note in range(notes):
            desk.annotate(code, desk.ada)

    def keep_numbering() -> None:
        while not over.is_set():
            number(desk)

    with ThreadPoolExecutor(writers + 2) as pool:
        numbering = [pool.submit(keep_numbering) for _worker in range(2)]
        writing = [pool.submit(write, code) for code in codes]
        while not all(each.done() for each in writing):
            seen += [position for position, _ticket in read(desk, last)]
            last = seen[-1] if seen else 0
        over.set()
        for each in (*writing, *numbering):
            each.result(_PATIENCE)
    number(desk)
    seen += [position for position, _ticket in read(desk, last)]
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) == len(read(desk, 0)) >= writers * notes
