"""The database that one test after the other gets is as empty as a new one."""

import pytest
import sqlalchemy as sa

from tests.postgres import Postgres, Reused

pytestmark = pytest.mark.postgres

TEMPLATE = "template_to_reuse"


def test_rows_are_put_back_and_tables_made_anew(postgres: Postgres) -> None:
    """Rows, references and sequences are the template's again; after a new column the database is new."""
    _run(
        postgres.create_database(TEMPLATE),
        "CREATE TABLE a (id serial PRIMARY KEY, up integer REFERENCES a)",
        "CREATE TABLE b (id integer)",
        "INSERT INTO a (up) VALUES (NULL), (1)",
    )
    database = Reused(postgres, "reused", TEMPLATE)
    first = _made(postgres, database.fresh())
    uri = database.fresh()
    assert _read(uri, "SELECT id, up FROM a ORDER BY id") == [(1, None), (2, 1)]

    _run(uri, "DELETE FROM a WHERE id = 2", "INSERT INTO a (up) VALUES (1), (1)", "INSERT INTO b VALUES (1)")
    assert _made(postgres, database.fresh()) == first
    assert _read(uri, "SELECT id, up FROM a ORDER BY id") == [(1, None), (2, 1)]
    assert _read(uri, "SELECT id FROM b") == []
    assert _read(uri, "INSERT INTO a (up) VALUES (2) RETURNING id") == [(3,)]

    _run(uri, "ALTER TABLE b ADD COLUMN more integer", "INSERT INTO b VALUES (1, 2)")
    assert _made(postgres, database.fresh()) != first
    assert _read(uri, "SELECT * FROM b") == []
    database.drop()


def _made(postgres: Postgres, uri: str) -> object:
    """Which database this is: it has another number when it was made anew."""
    name = sa.make_url(uri).database
    return _read(postgres.url(), f"SELECT oid FROM pg_database WHERE datname = '{name}'")  # noqa: S608 - ours


def _run(uri: str, *statements: str) -> None:
    engine = sa.create_engine(uri)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def _read(uri: str, statement: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(uri)
    with engine.begin() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(statement))]
    engine.dispose()
    return rows
