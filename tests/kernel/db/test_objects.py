"""Locked rows are objects of the ORM, however they were read."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import bindparam, create_engine, insert, select, text, update
from sqlalchemy.orm import Session

from paidsupport.kernel.db import gate
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.db.objects import Locking, enter, made
from paidsupport.tickets.tables import Ticket

_AT = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
_TABLE = metadata.tables[Ticket.__tablename__]
_ORDER = {
    **dict.fromkeys(("reference", "workflow", "state", "service_name", "currency", "summary"), "x"),
    **dict.fromkeys(("details", "host_url", "host_access", "customer_name", "customer_email"), "x"),
    "code": "PS-1",
    "part": "unassigned",
    "service_id": 1,
    "price_minor": 4500,
    "requirements": ["A site"],
    "answers": [],
    "submitted_at": _AT,
    "changed_at": _AT,
}


def test_a_locked_row_is_an_object_that_can_be_changed(database_uri: str) -> None:
    """It is as the ORM reads it, changes of others included; what is set on it is written."""
    locking = Locking(Ticket, Ticket.code == bindparam("code"))
    engine = create_engine(database_uri)
    with engine.begin() as connection, Session(connection) as session:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))  # no service is needed
        connection.execute(insert(_TABLE), _ORDER)
        assert locking.row(session, {"code": "PS-9"}) is None
        ticket = locking.row(session, {"code": "PS-1"})
        assert ticket is not None
        assert ticket is session.get(Ticket, ticket.id)
        assert (ticket.submitted_at, ticket.requirements, ticket.traits) == (_AT, ["A site"], {})
        assert not session.dirty
        ticket.summary = "It works"
        session.flush()
        connection.execute(update(_TABLE).values(details="More"))
        assert locking.row(session, {"code": "PS-1"}) is ticket
        assert (ticket.summary, ticket.details) == ("It works", "More")
    engine.dispose()


def test_a_new_object_is_written_at_once(database_uri: str) -> None:
    """With what its columns are by default, and without being read again; later changes are written."""
    engine = create_engine(database_uri)
    with Database(engine, relaxed=True).writing() as session:
        gate.keep(session, lambda _rows: None)
        connection = session.connection()
        postgres = engine.dialect.name == "postgresql"
        relaxed = "SET session_replication_role = replica" if postgres else "PRAGMA defer_foreign_keys = ON"
        connection.execute(text(relaxed))  # no service is needed
        with pytest.raises(TypeError, match="no colour, size"):
            made(Ticket, **_ORDER, size=1, colour="red")
        ticket = made(Ticket, **_ORDER, customer_address="x")
        enter(session, ticket)
        assert ticket is session.get(Ticket, ticket.id)
        written = connection.execute(select(_TABLE)).mappings().one()
        assert {name: getattr(ticket, name) for name in written} == dict(written)
        assert not session.dirty
        ticket.thread = 7
        session.flush()
        assert connection.scalar(select(_TABLE.c.thread)) == 7
        session.rollback()
    engine.dispose()
