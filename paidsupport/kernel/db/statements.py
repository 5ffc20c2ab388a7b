"""Statements sent past all that the ORM keeps account of: for what every request asks, and to be counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Delete, Insert, Select, Table, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from paidsupport.kernel.db.prepared import Values, Writing, put
from paidsupport.kernel.ledger import book as ledger_book
from paidsupport.kernel.ledger.book import NOTED, table_of

M = TypeVar("M")


class Gathered:
    """The rows of several tables, one select of whole rows for each; their order holds."""

    def __init__(self, session: Session, *wanted: Select[Any]) -> None:
        self._rows: dict[object, list[Any]] = {
            query.column_descriptions[0]["entity"]: list(session.scalars(query)) for query in wanted
        }

    def of(self, model: type[M]) -> list[M]:
        """The rows of one table."""
        return self._rows[model]


def new_rows(table: Table) -> Mapping[str, Insert]:
    """An INSERT, by the name of the dialect, that leaves out rows which are there already."""
    return {
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
    }


def write(session: Session, statement: Writing, values: Values | Sequence[Values]) -> int:
    """Send an INSERT, UPDATE or DELETE past all that the ORM keeps account of; returns how many rows it met.

    It flushes nothing, and objects in the session do not learn of it. For what every request asks, by a
    statement that is made once, at import.

    An UPDATE of many rows by a list of `values` has the id of each row in them as `read_id`.
    """
    connection = session.connection()
    if not ledger_book.covers(statement):
        return put(connection, statement, values, {})[0]
    if isinstance(statement, Update) and not isinstance(values, Mapping):
        # no database tells which rows such a batch touched
        done = connection.execute(statement, values, execution_options={NOTED: True})
        ledger_book.note_ids(session, table_of(statement), [each["read_id"] for each in values])
        return done.rowcount
    return ledger_book.note(session, table_of(statement), _noted(connection, statement, values))


def insert_row(session: Session, statement: Insert, values: Values) -> int:
    """Write one row of a table that the ledger covers, as `write` does; returns its id."""
    rows = _noted(session.connection(), statement, values)
    ledger_book.note(session, table_of(statement), rows)
    return int(rows[0][0])


def _noted(connection: Connection, statement: Writing, values: Values | Sequence[Values]) -> list[Any]:
    """The rows that a statement touched, as the ledger notes them."""
    noted = ledger_book.with_identity(statement, connection.dialect.name)
    return put(connection, noted, values, {NOTED: True})[1]


def changed(session: Session, statement: Update | Delete) -> int:
    """Send an UPDATE or DELETE and return how many rows it met; objects in the session do not learn of it."""
    options: dict[str, Any] = {"synchronize_session": False}
    if not ledger_book.covers(statement):
        done = session.execute(statement, execution_options=options)
        return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
    noted = ledger_book.with_identity(statement, session.get_bind().dialect.name)
    told = session.execute(noted, execution_options={**options, NOTED: True})
    return ledger_book.note(session, table_of(statement), told)
