"""Statements that every page sends: made into text once, and handed to the driver.

For each statement SQLAlchemy looks up its text, describes the columns that came back, and keeps account of a
result: that takes longer than the database does. It is still asked where something listens to what it sends
(a tracer, a log, a test that counts), and what the driver complains of becomes an error of its own.
"""

from __future__ import annotations

import logging
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Connection, Dialect, Select, TextualSelect
from sqlalchemy.exc import DBAPIError

#: What can be fetched.
Statement: TypeAlias = "Select[*tuple[Any, ...]] | TextualSelect"

_LOG = logging.getLogger("sqlalchemy.engine.Engine")
_LISTENED = ("before_cursor_execute", "after_cursor_execute")


class _Text:
    """A statement as one dialect's driver takes it."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup
        binds: list[tuple[str, BindParameter[Any], Callable[[Any], Any] | None]] = [
            (name, bind, bind.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bind in compiled.binds.items()
        ]
        self._given = [(name, bind.key, process) for name, bind, process in binds if bind.required]
        self._values = {
            name: process(bind.effective_value) if process else bind.effective_value
            for name, bind, process in binds
            if not bind.required
        }
        columns = list(statement.selected_columns)
        found = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
        self._processed = [(at, process) for at, process in enumerate(found) if process]
        names = [str(each.key) for each in columns]
        made_of: Any = namedtuple  # noqa: PYI024  # mypy wants the names to stand here
        self._make: Callable[[Sequence[Any]], Any] = made_of("Row", names, rename=True)._make

    def parameters(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  # as the driver wants them
        """What the driver is given beside the text."""
        given = {name: process(values[key]) if process else values[key] for name, key, process in self._given}
        all_of_them = {**self._values, **given}
        return all_of_them if self._order is None else [all_of_them[name] for name in self._order]

    def rows(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        """What the driver gave, with values of our types."""
        return [self._make(self._read(row)) for row in found]

    def _read(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self._processed:
            return row
        values = list(row)
        for at, process in self._processed:
            values[at] = process(values[at])
        return values


#: Made when a statement is first sent.
_TEXTS: WeakKeyDictionary[Statement, WeakKeyDictionary[Dialect, _Text]] = WeakKeyDictionary()


def fetch(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
    """All rows of a statement, whose columns are attributes by their names; nothing is flushed before.

    Args:
        connection: Where they are read.
        statement: Made once, at import.
        values: By the names of its parameters; more of them do no harm.
    """
    if _may_be_short(connection):
        return _ask_driver(connection, statement, values)
    found = connection.execute(statement, values)
    return list(found) if found.returns_rows else []


def fetch_one(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> Any | None:  # noqa: ANN401  # a row
    """The only row of a statement, if there is one; see `fetch`."""
    found = fetch(connection, statement, values)
    return found[0] if found else None


def _ask_driver(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
    dialect, text = connection.dialect, _text(statement, connection.dialect)
    given, failure = text.parameters(values), dialect.loaded_dbapi.Error
    try:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(text.sql, given)
            return text.rows(cursor.fetchall()) if cursor.description else []
    except failure as error:
        gone = dialect.is_disconnect(error, connection.connection.driver_connection, None)
        if gone:
            connection.invalidate(error)
        hidden = connection.engine.hide_parameters
        raise DBAPIError.instance(text.sql, given, error, failure, hidden, gone, dialect) from error


def _text(statement: Statement, dialect: Dialect) -> _Text:
    if (texts := _TEXTS.get(statement)) is None:
        texts = _TEXTS[statement] = WeakKeyDictionary()
    if (found := texts.get(dialect)) is None:
        found = texts[dialect] = _Text(statement, dialect)
    return found


def _may_be_short(connection: Connection) -> bool:
    options = connection.get_execution_options()
    if "schema_translate_map" in options or _LOG.isEnabledFor(logging.INFO):
        return False
    # looking at the engine's is quicker, and a connection says whether it has any of its own
    listened: Any = connection if getattr(connection, "_has_events", True) else connection.engine
    return not any(getattr(listened.dispatch, name) for name in _LISTENED)
