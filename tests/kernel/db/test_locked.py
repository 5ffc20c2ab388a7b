"""Locked rows are objects of the ORM, however they were read."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import bindparam, create_engine, insert, text, update
from sqlalchemy.orm import Session

from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.locked import Locking
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
