"""Our own sessions on the host's engine: durable, with foreign keys, and without changing the host's."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, StaticPool, create_engine, text

from paidsupport.kernel.db.engine import Database, embedded
from paidsupport.kernel.errors import ConfigurationError
from tests.people import Desk
from tests.postgres import Postgres


def pragmas(engine: Engine) -> tuple[int, int]:
    """Whether foreign keys are on, and how synchronous the connection is."""
    with engine.connect() as connection:
        keys = connection.scalar(text("PRAGMA foreign_keys"))
        return int(keys or 0), int(connection.scalar(text("PRAGMA synchronous")) or 0)


def test_our_connections_are_durable_and_the_hosts_stay_as_they_were(tmp_path: Path) -> None:
    """Foreign keys and full synchronisation for us, SQLite's defaults for the host."""
    host = create_engine(f"sqlite:///{tmp_path / 'host.sqlite3'}")
    before = pragmas(host)
    database = Database(host)
    assert pragmas(database.engine) == (1, 2)
    assert pragmas(host) == before == (0, 2)
    host.dispose()
    database.engine.dispose()


def test_a_site_without_a_database_gets_a_file_of_our_own(tmp_path: Path) -> None:
    """In write-ahead mode, with our pragmas, in a folder that is made."""
    engine = embedded(tmp_path / "new" / "instance")
    database = Database(engine)
    assert database.engine is engine
    assert pragmas(engine) == (1, 2)
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    engine.dispose()


@pytest.mark.row("P13")
def test_what_is_deleted_leaves_the_files_of_sqlite(tmp_path: Path) -> None:
    """Overwritten with zeros, and the log cut off."""
    host = create_engine(f"sqlite:///{tmp_path / 'host.sqlite3'}")
    with host.begin() as connection:
        connection.execute(text("PRAGMA journal_mode = WAL"))
        connection.execute(text("CREATE TABLE said (words TEXT)"))
    database = Database(host)
    with database.writing() as session:
        session.execute(text("INSERT INTO said VALUES ('xqzzjv')"))
    with database.writing() as session:
        session.execute(text("DELETE FROM said"))
    database.scrub()
    assert not [path for path in tmp_path.iterdir() if b"xqzzjv" in path.read_bytes()]
    host.dispose()
    database.engine.dispose()


def test_a_database_in_memory_is_used_as_it_is() -> None:
    """It could not be reached by a second connection."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    assert Database(engine).engine is engine
    engine.dispose()


def test_what_raises_is_rolled_back(desk: Desk) -> None:
    """An operation that fails half way leaves nothing."""
    code = desk.order()

    def fail() -> None:
        with desk.ctx() as ctx:
            ctx.session.execute(text("UPDATE paidsupport_ticket SET summary = 'half'"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert desk.ticket(code).summary != "half"


@pytest.mark.postgres
def test_a_forgetful_postgresql_is_refused_unless_told(postgres: Postgres, postgres_uri: str) -> None:
    """With synchronous_commit off an acknowledged order could be lost; one has to ask for that."""
    engine = create_engine(postgres_uri)
    with pytest.raises(ConfigurationError, match="synchronous_commit"), Database(engine).writing():
        pass
    with Database(engine, relaxed=True).writing() as session:
        assert session.scalar(text("SELECT 1")) == 1
    engine.dispose()
    careful = create_engine(f"{postgres_uri}&options=-csynchronous_commit%3Don")
    with Database(careful).reading() as session:
        assert session.scalar(text("SHOW transaction_isolation")) == "read committed"
    careful.dispose()
