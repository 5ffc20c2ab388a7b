"""A whole export, taken into an empty desk and exported again, says the same (P18)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections.queries import by_reference
from paidsupport.connect.connections.setup import operations as setup
from paidsupport.connect.webhooks.signing import new_secret
from paidsupport.demo import create_app
from paidsupport.ops.export import everything
from paidsupport.testing import take_over, work
from tests.concurrency.processes import letting_go
from tests.conftest import migrate
from tests.connect.connections.connecting import connected
from tests.ops.living import Lived
from tests.people import Desk
from tests.sites import VAULT_KEY

pytestmark = pytest.mark.row("P18")

#: What a line cannot say again: when the export was made.
_OF_THE_EXPORT = ("export", "configuration")


def run(app: Flask, *args: object) -> Any:  # noqa: ANN401  # what click gives
    """A command."""
    return app.test_cli_runner().invoke(args=["paidsupport", *map(str, args)])


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of an export."""
    with zipfile.ZipFile(path) as opened:
        return [json.loads(line) for line in opened.read(everything.LINES).splitlines()]


@contextmanager
def empty(uri: str, folder: Path) -> Iterator[Flask]:
    """A desk with its tables and nothing in them."""
    migrate(uri)
    settings = {"SECRET_KEY": "another secret", "SQLALCHEMY_DATABASE_URI": uri}
    settings |= {"PAIDSUPPORT_FILES": str(folder / "files"), "PAIDSUPPORT_VAULT_KEYS": VAULT_KEY}
    app = create_app({**settings, "PAIDSUPPORT_RELAXED_DURABILITY": True})
    with letting_go(app):
        yield app


def test_what_was_exported_comes_back_as_it_was(
    lived: Lived, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Every line of a desk in which something of everything has happened, on either kind of database."""
    desk = lived.desk
    first = tmp_path / "first.zip"
    assert run(desk.app, "export", "all", first).exit_code == 0
    uri = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    if desk.app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        server = request.getfixturevalue("postgres")
        server.drop_database("taken_in")
        uri = server.create_database("taken_in")
    with empty(uri, tmp_path) as app:
        done = run(app, "import-all", first, "--send-waiting")
        assert done.exit_code == 0, done.output
        _clock, transport = take_over(app, desk.clock)
        second = tmp_path / "second.zip"
        assert run(app, "export", "all", second).exit_code == 0
        assert differing(lines(first), lines(second)) == []
        with zipfile.ZipFile(first) as before, zipfile.ZipFile(second) as after:
            names = {name for name in before.namelist() if name.startswith("files/")}
            assert names
            assert names == {name for name in after.namelist() if name.startswith("files/")}
            assert all(before.read(name) == after.read(name) for name in names)
        again = run(app, "import-all", first)
        assert again.exit_code == 1
        assert "This desk is not empty" in again.output
        new = Desk(app, desk.clock, transport)
        # logins are in no export, and so cannot be opened
        assert new.broken().keys() == {"data keys exist"}
        # the next one gets a number of its own
        assert new.ticket(new.order()).id > max(lived.ids.values())


def test_emails_that_waited_wait_for_staff(lite_desk: Desk, tmp_path: Path) -> None:
    """The other desk may have sent them."""
    code = lite_desk.order()
    first = tmp_path / "first"
    assert run(lite_desk.app, "export", "all", first).exit_code == 0
    with empty(f"sqlite:///{tmp_path / 'new.sqlite3'}", tmp_path) as app:
        done = run(app, "import-all", first)
        assert "Emails that may have left already, for staff to decide: 1." in done.output
        clock, transport = take_over(app, lite_desk.clock)
        assert work(app) == []
        new = Desk(app, clock, transport)
        assert [email.state for email in new.emails(code)] == ["uncertain"]
        assert new.broken() == {}


def test_connections_go_on_from_here_and_what_waited_is_held(lite_desk: Desk, tmp_path: Path) -> None:
    """The other desk may have asked; what it had heard says nothing about this one."""
    reference = connected(
        lite_desk,
        "webhook",
        {"url": "https://hooks.example.org/desk", "events": "ticket.*"},
        {"secret": new_secret()},
        name="Hook",
    )
    lite_desk.order()
    with lite_desk.ctx() as ctx:
        connections.queue(ctx, by_reference(ctx.session, reference), "deliver", body='{"data": {"id": "1"}}')
    first = tmp_path / "first"
    assert run(lite_desk.app, "export", "all", first).exit_code == 0
    with empty(f"sqlite:///{tmp_path / 'new.sqlite3'}", tmp_path) as app:
        assert run(app, "import-all", first).exit_code == 0
        clock, transport = take_over(app, lite_desk.clock)
        new = Desk(app, clock, transport)
        assert new.broken() == {}
        with new.ctx() as ctx:
            shown = setup.one(ctx, reference)
            assert (shown.waiting, shown.given_up, shown.unheard) == (0, 1, 0)
            assert shown.row.sealed == {}


def differing(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[object]:
    """The lines that are not the same, but for those that say when the export was made."""

    def told(each: list[dict[str, Any]]) -> dict[tuple[str, object], dict[str, Any]]:
        return {
            (line["type"], line.get("id") or line.get("address")): line
            for line in each
            if line["type"] not in _OF_THE_EXPORT and line.get("kind") != "exported"
        }

    old, new = told(before), told(after)
    return [
        (key, name, (old.get(key) or {}).get(name), (new.get(key) or {}).get(name))
        for key in {**old, **new}
        for name in {**(old.get(key) or {}), **(new.get(key) or {})}
        if (old.get(key) or {}).get(name) != (new.get(key) or {}).get(name)
    ]


def test_what_is_no_export_is_refused(lite_desk: Desk, tmp_path: Path) -> None:
    """In a sentence, and nothing is there afterwards."""
    path = tmp_path / "desk.jsonl"
    path.write_text('{"type": "planet"}\n')
    done = run(lite_desk.app, "import-all", path)
    assert done.exit_code == 1
    assert "not empty" in done.output
    with empty(f"sqlite:///{tmp_path / 'new.sqlite3'}", tmp_path) as app:
        head = {"type": "export", "version": 1}
        person = {"type": "person", "version": 1, "id": 1, "shoe_size": 44}
        for said, each in (("a whole export", {}), ("planet", {"type": "planet"}), ("shoe_size", person)):
            path.write_text("\n".join(json.dumps(line) for line in (head, each)[not each :]))
            done = run(app, "import-all", path)
            assert done.exit_code == 1
            assert said in done.output
