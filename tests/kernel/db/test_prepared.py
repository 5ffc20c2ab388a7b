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
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.db.gate import UngatedError, Written, keep
from paidsupport.kernel.db.prepared import fetch, fetch_one
from paidsupport.kernel.db.statements import write
from paidsupport.sales.invoices.tables import InvoiceCounter
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
_INTO_LINES = insert(Base.metadata.tables[Event.__tablename__])
_COUNTERS = Base.metadata.tables[InvoiceCounter.__tablename__]
_INTO_COUNTERS = insert(_COUNTERS)
_COUNT_ON = update(_COUNTERS).where(_COUNTERS.c.series == bindparam("mine")).values(last=_COUNTERS.c.last + 1)
_SPOILED = text("SELECT missing FROM nowhere WHERE 1 = :one").columns(Event.number)


@pytest.fixture
def database(database_uri: str) -> Iterator[Database]:
    """A database with three lines of history."""
    engine = create_engine(database_uri)
    with engine.begin() as writing:
        if engine.dialect.name == "postgresql":
            writing.execute(text("SET session_replication_role = replica"))  # no ticket is needed
        for number in (1, 2, 3):
            writing.execute(insert(Event), _line(number))
    made = Database(engine, relaxed=True)
    yield made
    made.engine.dispose()
    engine.dispose()


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A connection that reads."""
    with database.asking() as asked:
        yield asked


def _line(number: int) -> dict[str, object]:
    line = {"ticket_id": 1, "kind": "noted", "actor_kind": "system", "actor_name": "", "claim_number": 0}
    hashed = dict.fromkeys(("salt", "digest", "previous", "hash"), "")
    return line | hashed | {"number": number, "at": _AT, "data": {"number": [number]}}


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


def test_writes_are_handed_to_the_driver_with_defaults_and_types(database: Database) -> None:
    """One row as several: what is not given has the default of its column, and the count is told."""
    series = ("one", "two", "three")
    with database.writing() as session:
        assert write(session, _INTO_COUNTERS, {"series": series[0]}) == 1
        assert write(session, _INTO_COUNTERS, [{"series": name} for name in series[1:]]) == 2
        assert write(session, _COUNT_ON, {"mine": series[0]}) == 1
        assert write(session, _COUNT_ON, {"mine": "none"}) == 0
    with database.asking() as connection:
        counted = connection.execute(select(InvoiceCounter.series, InvoiceCounter.last)).all()
        assert {(name, last) for name, last in counted} == {("one", 1), ("two", 0), ("three", 0)}


def test_the_gate_sees_what_the_driver_is_handed(database: Database) -> None:
    """A text that staff may have chosen is shown to the keeper, and not written without one."""
    shown: list[Written] = []
    with database.writing() as session:
        with pytest.raises(UngatedError):
            write(session, _INTO_LINES, _line(4))
        keep(session, shown.extend)
        with pytest.raises(IntegrityError):
            write(session, _INTO_LINES, _line(1))
        session.rollback()
    place = {"ticket_id": 1, "kind": "noted"}
    assert shown == [Written(Event.__tablename__, {"data": {"number": [1]}}, place)]
