"""Managers set connections up, check, switch and remove them, and their secrets stay where they belong."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from paidsupport.connect.connections import configured, queries
from paidsupport.connect.connections.setup import operations
from paidsupport.connect.connections.tables import Remote
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import file, loading
from paidsupport.kernel.configuration.history import HIDDEN
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.testing import mount_of
from tests.catalogue.rows import Manager, errors, told
from tests.connect.connections.boards import Board
from tests.connect.connections.connecting import BOARD, connected
from tests.people import Desk

pytestmark = pytest.mark.row("P17")

SERVER = {"server": "https://board.example.org"}
TOKEN = {"token": "open sesame"}
ALL = "/support/desk/setup/connections"
FORM = "#ps-connection"


@pytest.fixture(autouse=True)
def private(app: Flask) -> None:
    """Let the site allow its own network."""
    object.__setattr__(mount_of(app).settings, "connections_private", True)


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


def test_the_pages_say_how_a_connection_stands_and_try_again(app: Flask, desk: Desk) -> None:
    """A manager sets it up, checks it, sees what was given up, tries it again, and settles a conflict."""
    mia = Manager(app)
    with Board() as board:
        there = f"{ALL}/board"
        assert "Enter a name." in errors(mia.send(f"{ALL}/new/board", FORM, name=""))
        said = errors(mia.send(f"{ALL}/new/board", FORM, board_server="ftp://x"))
        assert "Enter a server with https://." in said
        assert "Enter something here." in said
        typed = {"board_server": board.url, "board_token": "open sesame", "name": "Our board"}
        assert mia.send(f"{ALL}/new/board", FORM, **typed).status_code == 303
        assert "nothing asked yet" in mia.page(ALL).text
        assert "open sesame" not in mia.client.get(there).text
        mia.press(there, f"{there}/check")
        assert "The connection works." in mia.page(there).text
        board.status = 400
        desk.order()
        desk.work()
        page = mia.page(f"{there}/requests").text
        assert "They answered 400." in page
        assert "given up" in page
        assert "HTTP status 400" in page
        board.status = 200
        mia.press(f"{there}/requests", f"{there}/again")
        assert "tried again" in mia.page(there).text
        desk.work()
        assert "works" in mia.page(ALL).text
        assert "HTTP status 200" in mia.page(there).text
        with desk.ctx() as ctx:
            remote = ctx.session.scalars(select(Remote).order_by(Remote.id)).first()
            assert remote is not None
            remote.conflict, number = "Both sides changed the title.", remote.id
        mia.press(there, f"{there}/conflicts/{number}", side="theirs")
        with desk.ctx() as ctx:
            settled = ctx.session.get_one(Remote, number)
            assert (settled.conflict, settled.agreed) == ("", {"side": "theirs"})
        assert "still needs it" in errors(mia.press(there, f"{there}/remove"))
        mia.press(there, f"{there}/switch", to="off")
        assert "switched off" in mia.page(ALL).text
        board.status = 500
        mia.press(there, f"{there}/switch", to="on")
        assert "Connection switched on." in mia.page(there).text
        desk.order()
        desk.work()
        desk.clock.forward(hours=2)
        assert "Connections that do not work" in mia.page("/support/desk/outbox").text
        assert "Failing since" in mia.page(ALL).text
    assert desk.broken() == {}
