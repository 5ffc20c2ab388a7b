"""Statements that every page or operation sends: made into text once, and handed to the driver.

For each statement SQLAlchemy looks up its text, describes the columns that came back, and keeps account of a
result: that takes longer than the database does. It is still asked where something listens to what it sends
(a tracer, a log, a test that counts), and what the driver complains of becomes an error of its own.
"""

from __future__ import annotations

import logging
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Connection, Delete, Dialect, Insert, Select, TextualSelect, Update
from sqlalchemy.exc import DBAPIError

from paidsupport.kernel.db import gate

#: What can be fetched.
Asking: TypeAlias = "Select[*tuple[Any, ...]] | TextualSelect"
#: What can be put.
Writing: TypeAlias = Insert | Update | Delete
#: The values of one row, by column.
Values: TypeAlias = Mapping[str, Any]

_LOG = logging.getLogger("sqlalchemy.engine.Engine")
#: In what the pool keeps of a connection of the driver, as long as that is open.
_CURSOR = "paidsupport_cursor"
_LISTENED = ("before_cursor_execute", "after_cursor_execute")


class _Text:
    """A statement as one dialect's driver takes it; one that writes, with values of these names."""

    def __init__(self, statement: Asking | Writing, dialect: Dialect, names: Sequence[str] | None) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=names)
        self.sql = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup
        defaults: dict[str, Any] = {column.key: column.default for column in compiled.prefetch}
        #: Whether some default is a function: SQLAlchemy has to call it for every row.
        self.is_computed = not all(default.is_scalar for default in defaults.values())
        binds: list[tuple[str, BindParameter[Any], Callable[[Any], Any] | None]] = [
            (name, bind, bind.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bind in compiled.binds.items()
        ]
        self._given = [(name, bind.key, process) for name, bind, process in binds if bind.required]
        fixed = [
            (name, defaults[name].arg if name in defaults else bind.effective_value, process)
            for name, bind, process in binds
            if not bind.required
        ]
        self._values = {name: process(value) if process else value for name, value, process in fixed}
        columns = list(statement.exported_columns)
        self.returns = bool(columns)
        found = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
        self._processed = [(at, process) for at, process in enumerate(found) if process]
        made_of: Any = namedtuple  # noqa: PYI024  # mypy wants the names to stand here
        row = made_of("Row", [str(each.key) for each in columns], rename=True)
        self._make: Callable[[Sequence[Any]], Any] = row._make

    def parameters(self, values: Values) -> Any:  # noqa: ANN401  # as the driver wants them
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


#: Made when a statement is first sent, by the names of the values that it writes.
_TEXTS: WeakKeyDictionary[Asking | Writing, WeakKeyDictionary[Dialect, dict[Sequence[str] | None, _Text]]] = (
    WeakKeyDictionary()
)


def fetch(connection: Connection, statement: Asking, values: Values) -> list[Any]:
    """All rows of a statement, whose columns are attributes by their names; nothing is flushed before.

    Args:
        connection: Where they are read.
        statement: Made once, at import.
        values: By the names of its parameters; more of them do no harm.
    """
    if _may_be_short(connection):
        return _ask_driver(connection, _text(statement, connection.dialect), values)[1]
    found = connection.execute(statement, values)
    return list(found) if found.returns_rows else []


def fetch_one(connection: Connection, statement: Asking, values: Values) -> Any | None:  # noqa: ANN401  # a row
    """The only row of a statement, if there is one; see `fetch`."""
    found = fetch(connection, statement, values)
    return found[0] if found else None


def put(
    connection: Connection, statement: Writing, values: Values | Sequence[Values], options: dict[str, Any]
) -> tuple[int, list[Any]]:
    """Write: how many rows a statement met, and what it returns of them; the gate looks at it as always.

    Args:
        connection: Where to.
        statement: Made once, at import.
        values: Of one row, or of several.
        options: For SQLAlchemy, where the driver cannot be handed the statement.
    """
    if not isinstance(values, Mapping) and len(values) == 1:
        values = values[0]
    if isinstance(values, Mapping) and _may_be_short(connection):
        text = _text(statement, connection.dialect, tuple(values))
        if not text.is_computed:
            gate.examine(connection, statement, (), values)
            return _ask_driver(connection, text, values)
    done = connection.execute(statement, values, execution_options=options)
    return done.rowcount, list(done) if done.returns_rows else []


def _ask_driver(connection: Connection, text: _Text, values: Values) -> tuple[int, list[Any]]:
    dialect = connection.dialect
    given, failure = text.parameters(values), dialect.loaded_dbapi.Error
    try:
        cursor = _cursor(connection)
        cursor.execute(text.sql, given)
        # the description of what came back is not asked for: drivers make it anew each time
        return cursor.rowcount, text.rows(cursor.fetchall()) if text.returns else []
    except failure as error:
        gone = dialect.is_disconnect(error, connection.connection.driver_connection, None)
        if gone:
            connection.invalidate(error)
        hidden = connection.engine.hide_parameters
        raise DBAPIError.instance(text.sql, given, error, failure, hidden, gone, dialect) from error


def _cursor(connection: Connection) -> Any:  # noqa: ANN401  # the driver's
    """PostgreSQL's serves all statements of a connection: a new one has to learn anew how to pass values.

    SQLite's is made in no time, and a database in memory may have one connection for several threads.
    """
    if connection.dialect.name == "sqlite":
        return connection.connection.cursor()
    kept = connection.connection.info
    if (found := kept.get(_CURSOR)) is None:
        found = kept[_CURSOR] = connection.connection.cursor()
    return found


def _text(statement: Asking | Writing, dialect: Dialect, names: Sequence[str] | None = None) -> _Text:
    if (by_dialect := _TEXTS.get(statement)) is None:
        by_dialect = _TEXTS[statement] = WeakKeyDictionary()
    if (texts := by_dialect.get(dialect)) is None:
        texts = by_dialect[dialect] = {}
    if (found := texts.get(names)) is None:
        found = texts[names] = _Text(statement, dialect, names)
    return found


def _may_be_short(connection: Connection) -> bool:
    options = connection.get_execution_options()
    if "schema_translate_map" in options or _LOG.isEnabledFor(logging.INFO):
        return False
    # looking at the engine's is quicker, and a connection says whether it has any of its own
    listened: Any = connection if getattr(connection, "_has_events", True) else connection.engine
    return not any(getattr(listened.dispatch, name) for name in _LISTENED)
