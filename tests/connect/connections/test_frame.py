"""What happens is heard, asked, noted and read once: with killed workers, many workers, days of silence."""

from __future__ import annotations

import signal
from collections import defaultdict
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections import polling, queries
from paidsupport.connect.connections.setup import operations
from paidsupport.connect.connections.tables import ConnectionState, ConnectionTask, Remote
from paidsupport.connect.connections.tasks import Tasks
from paidsupport.connect.log import queries as log
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.outbox.operations import LOST_AFTER
from paidsupport.testing import mount_of, worker_of
from tests import nursery
from tests.concurrency.processes import in_threads
from tests.connect.connections.boards import Board
from tests.connect.connections.connecting import connected
from tests.ops.test_worker import PATIENCE, environment
from tests.people import Desk

pytestmark = pytest.mark.row("P12", "P17")

#: A worker of its own at the time of the test, which asks or reads, as its argument says.
WORKER = """
import sys
from datetime import datetime
import tests.sites
from paidsupport.connect.connections import polling
from paidsupport.connect.connections.tasks import Tasks
from paidsupport.connect.log import queries as log
from paidsupport.demo import create_app
from paidsupport.kernel.worker import Worker
from paidsupport.testing import mount_of
app = create_app()
mount = mount_of(app)
clock = lambda: datetime.fromisoformat(sys.argv[2])
with app.app_context():
    if sys.argv[1] == "ask":
        Tasks(mount.services, mount.database, clock).send_all()
    else:
        polling.poll_next(Worker(mount.services, mount.database, mount.transport, clock))
"""


@pytest.fixture(autouse=True)
def private(app: Flask) -> None:
    """Let the site allow its own network."""
    object.__setattr__(mount_of(app).settings, "connections_private", True)


def board_of(desk: Desk, board: Board) -> str:
    """A connection to a board."""
    return connected(desk, "board", {"server": board.url}, {"token": "open sesame"})


def states(desk: Desk) -> list[tuple[str, int]]:
    """The tasks in their order: state and attempts."""
    with desk.ctx() as ctx:
        rows = ctx.session.execute(
            select(ConnectionTask.state, ConnectionTask.attempts).order_by(ConnectionTask.id)
        )
        return [(state, attempts) for state, attempts in rows]


def state(desk: Desk) -> ConnectionState:
    """How the only connection stands."""
    with desk.ctx() as ctx:
        return ctx.session.scalars(select(ConnectionState)).one()


def queued(desk: Desk, reference: str, chain: str, number: int) -> None:
    """Queue tasks of one chain, whose bodies tell their order."""
    with desk.ctx() as ctx:
        row = queries.by_reference(ctx.session, reference)
        for each in range(number):
            connections.queue(ctx, row, "put", chain=chain, body=f"{chain} {each}")
            ctx.session.flush()


def killed(desk: Desk, board: Board, what: str) -> None:
    """A worker process gets SIGKILL while the board holds back its answer."""
    env = environment(desk, "keep:") | {"FLASK_PAIDSUPPORT_CONNECTIONS_PRIVATE": "true"}
    process = nursery.start(what, desk.clock().isoformat(), code=WORKER, env=env)
    try:
        assert board.reached.wait(PATIENCE)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
    board.go_on.set()


def test_what_happens_is_put_once_in_its_order_and_what_is_there_is_read_once(desk: Desk) -> None:
    """React, prepare, perform, note; poll, take in: each goes on where it ended."""
    with Board() as board:
        board_of(desk, board)
        board.lines = ["one", "two"]
        code = desk.order()
        desk.claim(code, desk.ada)
        desk.annotate(code, desk.ada)
        desk.work()
        assert board.put
        assert set(board.put.values()) == {1}
        with desk.ctx() as ctx:
            happened = [each.type for each in log.after(ctx.session, 0, 100)]
        assert board.bodies == happened
        board.lines.append("three")
        desk.clock.forward(minutes=2)
        desk.work()
        desk.work()
        assert board.readings == 2, "not before it is due"
        with desk.ctx() as ctx:
            rows = ctx.session.execute(select(Remote.what, func.count()).group_by(Remote.what))
            counted = {what: number for what, number in rows}  # noqa: C416  # a row is no pair for types
        assert counted == {"line": len(board.put), "read": 3}
    assert desk.broken() == {}


def test_a_worker_killed_while_it_asks_is_followed_by_another(desk: Desk) -> None:
    """The task is taken up once its worker has been gone for long enough, under the same name."""
    with Board(holds=True) as board:
        queued(desk, board_of(desk, board), "", 1)
        killed(desk, board, "ask")
        assert states(desk) == [("sending", 1)]
        desk.work()
        assert states(desk) == [("sending", 1)], "it may still be under way"
        desk.clock.forward(seconds=LOST_AFTER.total_seconds() + 1)
        desk.work()
        assert states(desk) == [("sent", 2)]
        assert list(board.put.values()) == [2]
    assert desk.broken() == {}


def test_a_worker_killed_while_it_reads_is_followed_by_another(desk: Desk) -> None:
    """After its lease, from where reading ended last."""
    with Board(holds=True) as board:
        board_of(desk, board)
        board.lines = ["one", "two"]
        killed(desk, board, "read")
        desk.work()
        assert board.readings == 1, "the other one has it"
        desk.clock.forward(minutes=11)
        desk.work()
        assert board.readings == 2
        with desk.ctx() as ctx:
            found = ctx.session.scalars(select(Remote.remote).order_by(Remote.id)).all()
        assert found == ["one", "two"]


def test_many_workers_at_once_do_and_read_everything_once(pg_app: Flask, pg_desk: Desk) -> None:
    """On PostgreSQL: no task twice, each chain in its order, and one reading."""
    object.__setattr__(mount_of(pg_app).settings, "connections_private", True)
    desk, workers = pg_desk, 4
    with Board() as board:
        reference = board_of(desk, board)
        board.lines = ["one", "two"]
        for chain in ("a", "b", "c"):
            queued(desk, reference, chain, 6)
        mount = mount_of(pg_app)
        those = [Tasks(mount.services, mount.database, desk.clock) for _worker in range(workers)]
        readers = [worker_of(pg_app) for _worker in range(workers)]

        def send(position: int) -> None:
            with pg_app.app_context():
                polling.poll_next(readers[position])
                those[position].send_all()

        for _turn in range(20):
            in_threads(send, workers)
            desk.clock.forward(seconds=3)
        assert states(desk) == [("sent", 1)] * 18
        assert set(board.put.values()) == {1}
        assert board.readings == 1
        order = defaultdict(list)
        for body in board.bodies:
            chain, _, number = body.partition(" ")
            order[chain].append(int(number))
        assert all(numbers == list(range(6)) for numbers in order.values())
    assert desk.broken() == {}


def test_it_is_tried_for_three_days_and_then_the_connection_is_stopped(desk: Desk) -> None:
    """The pauses grow and are spread; what waits meanwhile stays, and goes on when managers say so."""
    with Board() as board:
        reference = board_of(desk, board)
        queued(desk, reference, "a", 2)
        board.status = 503
        begun, pauses = desk.clock(), []
        for attempt in range(1, 12):
            desk.work()
            assert states(desk) == [("queued" if attempt < 11 else "failed", attempt), ("queued", 0)]
            with desk.ctx() as ctx:
                first, second = ctx.session.scalars(select(ConnectionTask).order_by(ConnectionTask.id))
                assert attempt == 11 or second.due_at <= first.due_at
                pause = first.due_at - desk.clock()
            if attempt < 11:
                pauses.append(pause)
                desk.clock.forward(seconds=pause.total_seconds() + 1)
        assert timedelta(days=2.4) < desk.clock() - begun < timedelta(days=3.7)
        usual = [5, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
        assert all(0.8 <= got.total_seconds() / want <= 1.2 for got, want in zip(pauses, usual, strict=True))
        assert (
            len({round(got.total_seconds() / want, 3) for got, want in zip(pauses, usual, strict=True)}) > 5
        )
        assert state(desk).stopped == "Nothing has worked for three days."
        desk.clock.forward(days=1)
        asked = sum(board.put.values())
        desk.work()
        assert sum(board.put.values()) == asked
        board.status = 200
        with desk.ctx(desk.mia) as ctx:
            operations.switch(ctx, reference, on=True, key=new_key())
        desk.work()
        assert states(desk) == [("failed", 11), ("sent", 1)]
        with desk.ctx(desk.mia) as ctx:
            assert connections.all_again(ctx, queries.by_reference(ctx.session, reference)) == 1
        desk.work()
        assert states(desk) == [("sent", 1), ("sent", 1)]
        desk.clock.forward(days=43)
        with desk.ctx() as ctx:
            connections.forget(ctx)
        assert states(desk) == []
    assert desk.broken() == {}


def test_the_other_side_says_when_and_whether_it_wants_to_be_asked(desk: Desk) -> None:
    """Retry-After is waited for; what is refused is not tried again; who is gone is left alone."""
    with Board() as board:
        reference = board_of(desk, board)
        board.status, board.headers = 429, {"Retry-After": "7200"}
        queued(desk, reference, "", 1)
        desk.work()
        with desk.ctx() as ctx:
            task = ctx.session.scalars(select(ConnectionTask)).one()
            assert task.due_at - desk.clock() == timedelta(hours=2)
            assert (task.status, task.problem) == (429, "They are busy.")
        desk.clock.forward(hours=2, seconds=1)
        board.status = 400
        desk.work()
        assert states(desk) == [("failed", 2)]
        assert not state(desk).stopped
        board.status = 410
        queued(desk, reference, "", 2)
        desk.work()
        assert states(desk)[1:] == [("failed", 1), ("queued", 0)]
        assert state(desk).stopped == "They want nothing more."
        found = state(desk)
        assert found.failures >= 2
        assert found.failing_since is not None
    assert desk.broken() == {}
