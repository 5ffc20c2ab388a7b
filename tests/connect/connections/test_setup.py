"""Managers set connections up, check, switch and remove them, and their secrets stay where they belong."""

from __future__ import annotations

import pytest

from paidsupport.connect.connections import configured, queries
from paidsupport.connect.connections.setup import operations
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import file, loading
from paidsupport.kernel.configuration.history import HIDDEN
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from tests.catalogue.rows import told
from tests.connect.connections.connecting import BOARD, connected
from tests.people import Desk

pytestmark = pytest.mark.row("P17")

SERVER = {"server": "https://board.example.org"}
TOKEN = {"token": "open sesame"}


@pytest.fixture(autouse=True)
def board(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind with everything that a kind can have."""
    monkeypatch.setattr(configured, "kinds", lambda _services: {"board": BOARD})
    configured._made.cache_clear()


def test_several_connections_of_one_kind_are_set_up_changed_switched_and_removed(desk: Desk) -> None:
    """Each has its own secrets, and every step is in the history without one."""
    assert [connected(desk, "board", SERVER, TOKEN, name=name) for name in ("One", "Two")] == [
        "board",
        "board-2",
    ]
    with desk.ctx() as ctx:
        one, two = (queries.by_reference(ctx.session, each) for each in ("board", "board-2"))
        assert configured.opened(ctx.services, BOARD, one) == TOKEN
        one.sealed = two.sealed
        with pytest.raises(Exception, match="SECRET_KEY"):
            configured.opened(ctx.services, BOARD, one)
        ctx.session.rollback()
    with desk.ctx(desk.mia) as ctx:
        seen = operations.values_of(ctx, BOARD, queries.by_reference(ctx.session, "board"))
        elsewhere = {**seen, "board_server": "https://elsewhere.example.org"}
        with pytest.raises(InvalidInputError) as refused:
            operations.change(ctx, "board", elsewhere, {}, seen=seen, key=new_key())
        assert set(refused.value.problems) == {"board_token"}
    with desk.ctx(desk.mia) as ctx:
        again = {"board_token": "another"}
        assert operations.change(ctx, "board", elsewhere, again, seen=seen, key=new_key())
    for on in (False, True):
        with desk.ctx(desk.mia) as ctx:
            operations.switch(ctx, "board", on=on, key=new_key())
            assert queries.by_reference(ctx.session, "board").active == on
    with desk.ctx(desk.mia) as ctx:
        operations.remove(ctx, "board", key=new_key())
    with desk.ctx() as ctx, pytest.raises(NotFoundError):
        queries.by_reference(ctx.session, "board")
    lines = [each for each in told(desk, "connection") if each[1] == "connection:board"]
    assert [kind for kind, _, _ in lines] == ["added", "changed", "changed", "changed", "removed"]
    assert lines[0][2]["after"]["board_token"] == HIDDEN
    assert "sesame" not in str(lines)
    assert "another" not in str(lines[1:2][0][2]["after"].get("board_server"))
    assert desk.broken() == {}


def test_a_file_has_connections_without_their_secrets(desk: Desk) -> None:
    """Loaded into a desk without them, they wait until their secrets are entered."""
    connected(desk, "board", SERVER | {"colour": "blue"}, TOKEN, name="One")
    with desk.ctx(desk.mia) as ctx:
        text = file.dump(ctx)
        assert "sesame" not in text
        operations.remove(ctx, "board", key=new_key())
    with desk.ctx(desk.mia) as ctx:
        loading.load_at_once(ctx, text, "Loaded.")
    with desk.ctx() as ctx:
        found = operations.one(ctx, "board")
        assert found.row.values == SERVER | {"colour": "blue"}
        assert found.standing == "incomplete"
    assert desk.broken() == {}
