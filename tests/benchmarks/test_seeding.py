"""The benchmarks' desk: filled past the operations, and in order all the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, inspect, select, table

from benchmarks import export, seed_ours
from benchmarks.ours import after
from paidsupport.kernel.db.base import metadata
from tests.sites import site

#: Enough for tickets of every state.
SIZE = 60


@pytest.fixture
def engine(database_uri: str) -> Iterator[Engine]:
    """A database with our tables and nothing in them."""
    found = create_engine(database_uri)
    yield found
    found.dispose()


def diagnosis(uri: str, folder: Path) -> str:
    """What the doctor finds, or nothing."""
    (told,) = (
        app.test_cli_runner().invoke(args=["paidsupport", "doctor"])
        for app in site(uri, folder, prepare=False)
    )
    return told.output if told.exit_code else ""


def names_of_indexes(engine: Engine) -> set[str | None]:
    """Of the table that has the most."""
    return {index["name"] for index in inspect(engine).get_indexes("paidsupport_ticket")}


def counts(engine: Engine) -> dict[str, int]:
    """How many rows each table has, the search index included."""
    with engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
            for name in (*metadata.tables, "paidsupport_search")
        }


def test_a_seeded_desk_is_sound_and_gives_back_what_a_run_adds(
    engine: Engine, database_uri: str, tmp_path: Path
) -> None:
    """The doctor finds nothing, with fresh tickets and after they are taken away, and no row stays behind."""
    indexes = names_of_indexes(engine)
    seed_ours.fill(engine, SIZE)
    assert names_of_indexes(engine) == indexes
    assert not diagnosis(database_uri, tmp_path)
    before = counts(engine)
    assert before["paidsupport_ticket"] == SIZE
    assert len(set(seed_ours.add(engine, SIZE, 5))) == 5
    assert not diagnosis(database_uri, tmp_path)
    key = "rowid" if engine.dialect.name == "sqlite" else "ticket_id"
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in after(SIZE, search_key=key):
            connection.exec_driver_sql(statement)
    assert counts(engine) == before
    assert not diagnosis(database_uri, tmp_path)


def test_a_column_without_a_value_is_named() -> None:
    """A new column that may not be empty stops the seeding with its name, not with a wrong row."""
    with pytest.raises(LookupError, match=r"paidsupport_claim\.person_id"):
        seed_ours.Book({}).add(metadata.tables["paidsupport_claim"], ticket_id=1, number=1)
    with pytest.raises(LookupError, match="no column holder"):
        seed_ours.Book({}).add(metadata.tables["paidsupport_claim"], holder=1)


def test_an_export_of_a_seeded_desk_is_measured_both_ways(sqlite_uri: str, tmp_path: Path) -> None:
    """By the command and as a worker does it: about the same zip, and nothing of it stays."""
    found = create_engine(sqlite_uri)
    seed_ours.fill(found, SIZE)
    found.dispose()
    environment = {"FLASK_SQLALCHEMY_DATABASE_URI": sqlite_uri, "FLASK_SECRET_KEY": "a secret of the tests"}
    figures = export.measure(sys.executable, environment, tmp_path)
    assert list(figures) == ["command", "worker"]
    for each in figures.values():
        assert min(each[name] for name in ("seconds", "processor_seconds", "peak_mb", "zip_mb")) > 0
    assert abs(figures["command"]["peak_mb"] - figures["worker"]["peak_mb"]) < 30
    assert not (tmp_path / "desk.zip").exists()
