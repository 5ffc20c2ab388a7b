"""An import that is killed goes on, and needs no more memory for more tickets (P18)."""

from __future__ import annotations

import json
import signal
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import func, select

from paidsupport.connect.importing.rules import bundles
from paidsupport.connect.importing.sources.kinds import KINDS, Wanted
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.tables import Ticket
from tests import nursery
from tests.connect.importing.moving import PEOPLE, moved, run, ticket, written
from tests.ops.test_mail_in import KILLED
from tests.ops.test_worker import PATIENCE, environment
from tests.people import Desk

pytestmark = pytest.mark.row("P18")

TICKETS = 12
MB = 1024 * 1024


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_without_doubles(desk: Desk, tmp_path: Path) -> None:
    """SIGKILL before one statement or another, again and again; then it is run to its end."""
    lines = [part for number in range(TICKETS) for part in ticket(str(number))]
    path = written(tmp_path, [*PEOPLE, *lines])
    ends = []
    for number in (20, 43, 77, 101, 0):
        arguments = (*nursery.OURS, "import", str(path))
        env = environment(desk, "keep:")
        ended, _ = nursery.run(str(number), *arguments, code=KILLED, env=env, timeout=PATIENCE)
        ends.append(ended)
    assert ends[-1] == 0
    assert ends.count(-signal.SIGKILL) >= 3, ends
    assert len(moved(desk)) == TICKETS
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(Ticket)) == TICKETS
        assert ctx.session.scalar(select(func.count()).select_from(Message)) == 2 * TICKETS
    assert desk.broken() == {}
    assert f"There already: {TICKETS}" in run(desk, path).output


def test_ten_thousand_tickets_are_read_in_little_memory(lite_desk: Desk, tmp_path: Path) -> None:
    """One after the other, whatever their number."""
    path = tmp_path / "import.jsonl"
    with path.open("w", encoding="utf-8") as target:
        for number in range(10_000):
            for each in ticket(str(number)):
                target.write(json.dumps(each | {"body": "x" * 500} if "body" in each else each) + "\n")
    with lite_desk.ctx() as ctx:
        source = KINDS["lines"].open(Wanted("old", ctx.services, path))
    tracemalloc.start()
    try:
        assert sum(len(bundle.parts) for bundle in bundles(source.given(""))) == 50_000
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        source.close()
    assert most < 2 * MB
