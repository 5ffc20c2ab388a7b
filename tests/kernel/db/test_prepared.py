"""Statements handed to the driver give what SQLAlchemy would, and fail as they would with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.db.prepared import fetch, fetch_one
from paidsupport.tickets.tables import Event

#: Moments, structures and numbers, a parameter that is given and one that is not.
_LINES = (
    select(Event.number, Event.at, Event.data, Event.actor_id, literal(Event.__tablename__).label("named"))
    .where(Event.ticket_id == bindparam("ticket"), Event.at > bindparam("since", type_=Event.at.type))
    .order_by(Event.number)
    .limit(2)
)
_AT = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
_ASKED = {"ticket": 1, "since": _AT - dt.timedelta(days=1), "more": "does no harm"}
_SPOILED = text("SELECT missing FROM nowhere WHERE 1 = :one").columns(Event.number)


@pytest.fixture
def connection(database_uri: str) -> Iterator[Connection]:
    """A connection that reads, to a database with three lines of history."""
    engine = create_engine(database_uri)
    line = {"ticket_id": 1, "kind": "noted", "actor_kind": "system", "actor_name": "", "claim_number": 0}
    hashed = dict.fromkeys(("salt", "digest", "previous", "hash"), "")
    with engine.begin() as writing:
        if engine.dialect.name == "postgresql":
            writing.execute(text("SET session_replication_role = replica"))  # no ticket is needed
        for number in (1, 2, 3):
            values = line | hashed | {"number": number, "at": _AT, "data": {"number": [number]}}
            writing.execute(insert(Event), values)
    database = Database(engine, relaxed=True)
    with database.asking() as asked:
        yield asked
    database.engine.dispose()
    engine.dispose()


def test_the_driver_gives_what_sqlalchemy_would(connection: Connection) -> None:
    """The same values of the same types, by the same names; nothing for nobody."""
    found = fetch(connection, _LINES, _ASKED)
    assert found == [tuple(row) for row in connection.execute(_LINES, _ASKED)]
    assert [(row.number, row.at, row.data, row.named) for row in found] == [
        (number, _AT, {"number": [number]}, Event.__tablename__) for number in (1, 2)
    ]
    assert fetch_one(connection, _LINES, _ASKED) == found[0]
    assert fetch_one(connection, _LINES, {**_ASKED, "ticket": 2}) is None


def test_who_listens_hears_of_statements(connection: Connection) -> None:
    """Tracers and tests that count see each of them; it is SQLAlchemy that sends it then."""
    heard: list[object] = []

    def note(*said: object) -> None:
        heard.append(said[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert len(fetch(connection, _LINES, _ASKED)) == 2
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert any("paidsupport_event" in str(statement) for statement in heard)


def test_what_the_driver_complains_of_is_an_error_of_sqlalchemys(connection: Connection) -> None:
    """Which our pages answer for, and after it the connection is as good as before."""
    with pytest.raises(DBAPIError, match="nowhere"):
        fetch(connection, _SPOILED, {"one": 1})
    assert connection.scalar(select(func.count()).select_from(Event)) == 3
