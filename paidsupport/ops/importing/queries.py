"""What there is before a whole export comes in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from paidsupport.connect.connections.tables import Connection
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.db.base import Base
from paidsupport.ops.export.lines import kinds
from paidsupport.tickets.tables import Event

#: The one table that has a row from the beginning.
CONFIGURATION = Base.metadata.tables[Configuration.__tablename__]


def filled(session: Session) -> Table | None:
    """A table that has rows already; None in an empty desk."""
    for kind in kinds():
        if kind.table is not CONFIGURATION and session.scalar(select(kind.table.c.id).limit(1)) is not None:
            return kind.table
    return None


def connections(session: Session) -> Sequence[Connection]:
    """All connections, whether they say how they stand or not."""
    return session.scalars(select(Connection).order_by(Connection.id)).all()


def newest_event(session: Session) -> int:
    """The id of the newest line of any history of a ticket; 0 if there is none."""
    return session.scalar(select(func.max(Event.id))) or 0


def count_on(session: Session, table: Table) -> None:
    """Let the next row of a table have the number behind the highest one that was given to a row."""
    if session.get_bind().dialect.name != "postgresql":
        return  # SQLite looks at the rows
    last = session.scalar(select(func.max(table.c.id)))
    if last is not None:
        named = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
        session.execute(named, {"name": table.name, "last": last})
