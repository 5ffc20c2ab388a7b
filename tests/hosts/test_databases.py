"""Two chains of migrations and two kinds of sessions in one database: neither touches the other."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, Response, request
from sqlalchemy.pool import NullPool

from paidsupport.kernel.db import engine as our_engine
from paidsupport.kernel.db.migrate import newest
from paidsupport.testing import mount_of
from tests.hosts import shop
from tests.hosts.cases import FORUM, SHOP, is_ours, own_uri
from tests.hosts.grounds import Ground, grounds
from tests.hosts.shop.models import Item, db
from tests.hosts.visits import open_desk, run, send_order

pytestmark = pytest.mark.row("P1")


@grounds()
def test_both_come_and_go_in_any_order(ground: Ground) -> None:
    """Up and down and up again, in either order: the host's tables and rows are what they were."""
    app = ground.host()
    # each host that is here twice comes in one order once and in the other one once
    ours_first = ground.kind == "sqlite" and ground.case.name != "portal with nonces"
    ours, theirs = ("paidsupport", "db", "upgrade"), ground.case.upgrade
    for arguments in (ours, theirs) if ours_first else (theirs, ours):
        run(app, *arguments)
    ground.case.walk(app.test_client())
    before = _theirs(app)
    assert run(app, "paidsupport", "db", "current") == f"{newest()}\n"
    assert "The tables match the code." in run(app, "paidsupport", "db", "check")
    assert run(app, "paidsupport", "db", "downgrade") == "The tables are at revision none.\n"
    assert _ours(app) == set()
    assert _theirs(app) == before
    run(app, *ours)
    assert _theirs(app) == before
    if ground.case.downgrade:
        kept = _ours(app)
        run(app, *ground.case.downgrade)
        assert _ours(app) == kept
        assert "The tables match the code." in run(app, "paidsupport", "db", "check")


@grounds(SHOP, FORUM)
def test_the_host_s_migrations_leave_ours_out(ground: Ground) -> None:
    """With `keep_out` in its env.py, the host's Alembic finds nothing to do, and our check is content."""
    app = ground.ready()
    run(app, *ground.case.check)
    assert "Warning" not in run(app, "paidsupport", "db", "check")


@grounds(SHOP)
def test_without_keep_out_the_host_would_drop_ours_and_is_warned(ground: Ground, tmp_path: Path) -> None:
    """Flask-Migrate proposes to remove our tables; `flask paidsupport db check` says what to write where."""
    folder = shutil.copytree(Path(shop.__file__).parent / "migrations", tmp_path / "migrations")
    app = ground.ready({"MIGRATIONS": str(folder)})
    run(app, "db", "migrate")
    empty = next(path for path in folder.glob("versions/*.py") if path.name != "s1.py")
    assert "paidsupport" not in empty.read_text()
    empty.unlink()

    env = folder / "env.py"
    env.write_text(
        env.read_text()
        .replace("        include_name=keep_out,\n", "")
        .replace("from paidsupport import keep_out\n", "")
    )
    proposed = app.test_cli_runner().invoke(args=["db", "check"])
    assert proposed.exit_code != 0
    assert "include_name=paidsupport.keep_out" in run(app, "paidsupport", "db", "check")
    run(app, "db", "migrate")
    written = next(path for path in folder.glob("versions/*.py") if path.name != "s1.py")
    assert "drop_table('paidsupport_ticket')" in written.read_text()


@grounds(SHOP)
def test_our_commit_leaves_the_host_s_unfinished_work_alone(ground: Ground) -> None:
    """An order is kept while the host's session, written to in the same request, is rolled back."""
    app = _shop(ground)

    @app.before_request
    def unfinished() -> None:
        db.session.add(Item(title=f"unfinished {request.path}"))
        if ground.kind != "sqlite":  # there, two writers at once wait for each other: see below
            db.session.flush()

    assert send_order(app.test_client(), "/support").status_code == 303
    assert _count(app) == {"item": 0, "paidsupport_ticket": 1}


@grounds(SHOP)
def test_a_failing_host_takes_nothing_of_ours_away(ground: Ground) -> None:
    """The host breaks down after our page was made: its session is rolled back, our order is kept."""
    app = _shop(ground)

    @app.after_request
    def fail(response: Response) -> Response:
        if request.method == "POST":
            db.session.add(Item(title="lost"))
            db.session.flush()
            raise ZeroDivisionError
        return response

    assert send_order(app.test_client(), "/support").status_code == 500
    assert _count(app) == {"item": 0, "paidsupport_ticket": 1}


@grounds(SHOP)
def test_a_refusal_of_ours_takes_nothing_of_the_host_away(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that cannot be taken, or breaks down, leaves the host's session as it was."""
    app = _shop(ground)

    @app.before_request
    def begin() -> None:
        db.session.add(Item(title="theirs"))

    @app.after_request
    def commit(response: Response) -> Response:
        if request.method == "POST":
            db.session.commit()
        return response

    client = app.test_client()
    assert send_order(client, "/support", email="nobody").status_code == 422
    assert _count(app) == {"item": 1, "paidsupport_ticket": 0}

    def broken(*_: Any, **__: Any) -> None:  # noqa: ANN401  # in place of any function
        raise ZeroDivisionError

    monkeypatch.setattr("paidsupport.kernel.db.search.index", broken)
    assert send_order(client, "/support").status_code == 500
    assert _count(app) == {"item": 2, "paidsupport_ticket": 0}


@grounds(SHOP, kinds=("sqlite",))
def test_a_host_that_holds_the_write_lock_of_sqlite_blocks_us(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documented limit of SQLite: our page waits, then answers 503 and says that nothing was kept."""
    monkeypatch.setattr(our_engine, "BUSY_SECONDS", 0)
    app = _shop(ground)
    client = app.test_client()

    @app.before_request
    def lock() -> None:
        if request.method == "POST":
            db.session.add(Item(title="theirs"))
            db.session.flush()

    answer = send_order(client, "/support")
    assert answer.status_code == 503
    assert "A form that did arrive is not carried out twice" in answer.text
    assert _count(app) == {"item": 0, "paidsupport_ticket": 0}


def _shop(ground: Ground) -> Flask:
    app = ground.ready({"PROPAGATE_EXCEPTIONS": False})
    open_desk(app)
    return app


def _count(app: Flask) -> dict[str, int]:
    engine = sa.create_engine(own_uri(app), poolclass=NullPool)
    with engine.connect() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0
            for name in ("item", "paidsupport_ticket")
        }


def _ours(app: Flask) -> set[str]:
    return {name for name in sa.inspect(mount_of(app).database.engine).get_table_names() if is_ours(name)}


def _theirs(app: Flask) -> dict[str, object]:
    """Everything about the tables that are not ours: columns, keys, indexes, rows."""
    engine = sa.create_engine(own_uri(app), poolclass=NullPool)
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        return {
            name: (
                str(inspector.get_columns(name)),
                str(inspector.get_indexes(name)),
                str(inspector.get_unique_constraints(name)),
                str(inspector.get_foreign_keys(name)),
                str(inspector.get_pk_constraint(name)),
                sorted(map(str, connection.execute(sa.select(sa.text("*")).select_from(sa.table(name))))),
            )
            for name in inspector.get_table_names()
            if not is_ours(name)
        }
