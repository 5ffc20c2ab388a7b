"""The one gate that texts of staff pass on their way into the database, below all operations (G15).

Every INSERT and UPDATE of our sessions is seen right before it is sent, whether the ORM makes it or we do.
What it writes into columns that staff may have chosen the words of (`marks`) is shown to the keeper of the
session first. A session without a keeper writes no such text at all.

What managers set up passes here as well, deleted rows too: see `configured`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Column, Connection, Delete, Engine, Executable, Insert, Table, Update, event, select
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList

from paidsupport.kernel.db import configured
from paidsupport.kernel.db.marks import Writer, mark_of

#: The connection option under which a connection knows what its session knows.
_SESSION = "paidsupport_gate"
#: In a session's `info`: who looks at what is written.
_KEEPER = "paidsupport_keeper"
#: Columns besides the keys by which a keeper knows what a row is.
_PLACING = {"direction", "kind", "storage_key", "sha256"}
#: Keys in one query, below what each database takes as parameters.
_AT_ONCE = 500


class UngatedError(RuntimeError):
    """A fault of ours: a text of staff was about to be written without being compared with secrets."""

    def __init__(self, table: str) -> None:
        super().__init__(f"Rows of {table} hold texts of staff. Make a Context on this session first.")


@dataclass(frozen=True, slots=True)
class Written:
    """One row as a statement writes it.

    `texts`: what goes into columns that staff write, by the name of the column. `place`: the id, the foreign
    keys, the kind and the direction of the row, as far as they are known.
    """

    table: str
    texts: Mapping[str, object]
    place: Mapping[str, Any]


Keeper = Callable[[list[Written]], None]


def watch(engine: Engine) -> None:
    """See whatever is written through this engine."""
    event.listen(engine, "before_execute", _pass)


def lead_through(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Let a session's connection know its session: a listener for `after_begin`."""
    connection.execution_options(**{_SESSION: session.info})


def keep(session: Session, keeper: Keeper) -> None:
    """Let `keeper` look at what is written in a session from now on; it raises what stands against it."""
    session.info[_KEEPER] = keeper


@contextmanager
def set_aside(session: Session) -> Iterator[None]:
    """Show nothing to the keeper within: for erasing alone, which writes no word that was not there."""
    keeper = session.info.get(_KEEPER)
    keep(session, lambda _rows: None)
    try:
        yield
    finally:
        session.info[_KEEPER] = keeper


def staff_columns(table: Table) -> dict[str, Column[Any]]:
    """The columns of a table that staff choose the words of, by their names."""
    return {
        column.key: column
        for column in table.columns
        if (mark := mark_of(column)) and Writer.STAFF in mark.writers
    }


def _pass(
    connection: Connection,
    statement: Executable,
    several: Sequence[Mapping[str, Any]],
    single: Mapping[str, Any],
    _options: Mapping[str, Any],
) -> None:
    if isinstance(statement, Insert | Update | Delete):
        examine(connection, statement, several, single)


def examine(
    connection: Connection,
    statement: Insert | Update | Delete,
    several: Sequence[Mapping[str, Any]],
    single: Mapping[str, Any],
) -> None:
    """Show the keeper what a statement is about to write, with these values for several rows or for one.

    Raises:
        UngatedError: There is no keeper.
        UntoldConfigurationError: It changes what managers set up, in a session that commits nothing.
    """
    table = statement.table
    if isinstance(table, Table) and table.info:
        info = connection.get_execution_options().get(_SESSION) or {}
        configured.note(connection, info, table, statement, several or [single], _stated)
    if isinstance(statement, Delete) or not isinstance(table, Table) or not _columns(table)[0]:
        return
    places = _places(connection, statement, several)
    rows = [
        row
        for values in several or [single]
        for stated in _stated(statement, values)
        for row in _written(connection, statement, stated, values, places)
    ]
    if not rows:
        return
    info = connection.get_execution_options().get(_SESSION) or {}
    keeper = info.get(_KEEPER)
    if keeper is None:
        raise UngatedError(table.name)
    keeper(rows)


@cache
def _columns(table: Table) -> tuple[frozenset[str], tuple[Column[Any], ...]]:
    """The names of the columns to be looked at, and the columns that say where a row belongs."""
    place = [
        column
        for column in table.columns
        if column.primary_key or column.foreign_keys or column.key in _PLACING
    ]
    return frozenset(staff_columns(table)), tuple(place)


@cache
def _names(table: Table) -> frozenset[str]:
    return frozenset(table.columns.keys())


def _stated(statement: Insert | Update, values: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """What a statement writes, by column: one each for all rows that it holds."""
    known = _names(cast("Table", statement.table))
    given = {name: value for name, value in values.items() if name in known}
    # nothing public tells what `values()` was given
    several = [row for rows in statement._multi_values for row in rows]  # noqa: SLF001
    for row in several or [statement._values or {}]:  # noqa: SLF001
        pairs = row.items() if isinstance(row, Mapping) else zip(statement.table.columns, row, strict=False)
        yield given | {_name(column): _value(value, values) for column, value in pairs}


def _name(column: Any) -> str:  # noqa: ANN401  # a column or its name
    return str(getattr(column, "key", column))


def _value(value: Any, values: Mapping[str, Any]) -> object:  # noqa: ANN401  # whatever is written
    """The value itself; of an expression all values in it."""
    if isinstance(value, BindParameter):
        return values.get(value.key, value.effective_value)
    if not hasattr(value, "__clause_element__") and not hasattr(value, "compile"):
        return value
    return [
        values.get(each.key, each.effective_value)
        for each in visitors.iterate(value)
        if isinstance(each, BindParameter)
    ]


def _key_of(statement: Insert | Update) -> BindParameter[Any] | None:
    """The parameter by which an UPDATE names its one row, if it does: `id = :id`, perhaps with more."""
    where = statement.whereclause if isinstance(statement, Update) else None
    if where is None:
        return None
    (key,) = cast("Table", statement.table).primary_key.columns
    for each in where.clauses if isinstance(where, BooleanClauseList) else (where,):
        if isinstance(each, BinaryExpression) and each.operator is operators.eq and each.left is key:
            return each.right if isinstance(each.right, BindParameter) else None
    return None


def _places(
    connection: Connection, statement: Insert | Update, several: Sequence[Mapping[str, Any]]
) -> dict[object, Mapping[str, Any]] | None:
    """Where the rows of many updates belong, by their keys: asked for once. None where that cannot be."""
    named = _key_of(statement) if len(several) > 1 else None
    if named is None:
        return None
    table = cast("Table", statement.table)
    (key,) = table.primary_key.columns
    found: dict[object, Mapping[str, Any]] = {}
    for at in range(0, len(several), _AT_ONCE):
        keys = [values.get(named.key) for values in several[at : at + _AT_ONCE]]
        rows = connection.execute(select(*_columns(table)[1]).where(key.in_(keys))).mappings()
        found |= {row[key.key]: row for row in rows}
    return found


def _written(
    connection: Connection,
    statement: Insert | Update,
    stated: dict[str, object],
    values: Mapping[str, Any],
    places: dict[object, Mapping[str, Any]] | None,
) -> Iterator[Written]:
    table = cast("Table", statement.table)
    columns, place = _columns(table)
    texts = {name: value for name, value in stated.items() if name in columns and value}
    if not texts:
        return
    known = {column.key: stated[column.key] for column in place if column.key in stated}
    if isinstance(statement, Insert):
        yield Written(table.name, texts, known)
        return
    named = _key_of(statement)
    if places is not None and named is not None:
        if there := places.get(values.get(named.key)):
            yield Written(table.name, texts, {**there, **known})
        return
    wanted = select(*place)
    if statement.whereclause is not None:
        wanted = wanted.where(statement.whereclause)
    for row in connection.execute(wanted, dict(values)).mappings():
        yield Written(table.name, texts, {**row, **known})
