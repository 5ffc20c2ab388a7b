"""Rows as the ledger reads them: every column as text, spelled alike by SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    Table,
    TextualSelect,
    column,
    literal_column,
    null,
    text,
)
from sqlalchemy.types import JSON

from paidsupport.kernel.chain import START
from paidsupport.kernel.db.base import Base, UTCDateTime
from paidsupport.kernel.db.prepared import fetch
from paidsupport.kernel.ledger import rules as ledger
from paidsupport.kernel.ledger.tables import chain_of, head_key, owner_column, short

#: A row by the short name of its table and its id.
RowName = tuple[str, int]
#: Rows fetched at once.
_BATCH = 2000


@dataclass(frozen=True)
class Form:
    """Which columns of a table are read, in the order in which digests have them."""

    table: Table
    columns: tuple[str, ...]

    @cached_property
    def name(self) -> str:
        """The table's name without our prefix."""
        return short(self.table)

    @cached_property
    def structured(self) -> tuple[int, ...]:
        """The places of columns that hold JSON: both databases spell it in their own way."""
        found = (self.table.columns[name].type for name in self.columns)
        return tuple(place for place, type_ in enumerate(found) if isinstance(type_, JSON))

    def digest(self, salt: str, row_id: int, content: str) -> str:
        """The digest of a row; `content` are its columns as a JSON list of texts, as queries here give it."""
        values = json.loads(content)
        for place in self.structured:
            values[place] = ledger.canonical(values[place])
        return ledger.digest(salt, self.name, row_id, self.columns, values)


@cache
def form_of(name: str) -> Form:
    """All columns of the table with this full name except its id, which names the row."""
    table = Base.metadata.tables[name]
    return Form(table, tuple(sorted(column.name for column in table.columns if column.name != "id")))


def contents(
    connection: Connection, heads: Sequence[str], wanted: Mapping[str, Sequence[int]]
) -> tuple[dict[str, tuple[int, str]], dict[RowName, str]]:
    """Marks and rows in one query; on PostgreSQL the marks stay locked until the transaction ends.

    Args:
        connection: Of the transaction that wrote the rows.
        heads: The keys of the marks.
        wanted: The ids of rows by the full name of their table.

    Returns:
        The number and value of each mark that is there, and the content of each row that is there.
    """
    postgres = connection.dialect.name == "postgresql"
    asked = {"heads": heads, **{short(name): ids for name, ids in wanted.items()}}
    values = {
        name: found[0] if len(found) == 1 else list(found) if postgres else json.dumps(found)
        for name, found in asked.items()
    }
    several = frozenset(name for name, found in asked.items() if len(found) > 1)
    marks: dict[str, tuple[int, str]] = {}
    rows: dict[RowName, str] = {}
    for row in fetch(connection, _query(tuple(sorted(wanted)), several, postgres=postgres), values):
        if row[0].startswith("@"):
            marks[row[0]] = (row[1], row[2])
        else:
            rows[row[0], row[1]] = row[2]
    return marks, rows


def every(connection: Connection, form: Form) -> Iterator[tuple[int, int | None, str]]:
    """The id, the owner (see `owner_column`) and the content of every row of a table."""
    query = _all_rows(form, postgres=connection.dialect.name == "postgresql")
    with connection.execute(query, execution_options={"yield_per": _BATCH}) as rows:
        for row in rows:
            yield row[0], row[1], row[2]


@cache
def _all_rows(form: Form, *, postgres: bool) -> TextualSelect:
    owner = owner_column(form.table.name) or "NULL"
    query = f"SELECT id, {owner}, {_packed(form, postgres=postgres)} FROM {form.table.name} ORDER BY id"  # noqa: S608
    return text(query).columns(column("id"), column("owner"), column("content"))


def given_back(table: Table) -> tuple[ColumnElement[Any], ...]:
    """For RETURNING in PostgreSQL: a row's content, and where the chain of its record ends, for `head_of`."""
    content: ColumnElement[Any] = literal_column(_packed(form_of(table.name), postgres=True))
    if not (owner := owner_column(table.name)):
        return content, null()
    key = f"'{head_key(chain_of(table.name, ''))}' || {table.name}.{owner}"
    head = f"(SELECT number || ' ' || value FROM paidsupport_ledger_mark WHERE key = {key})"  # noqa: S608
    return content, literal_column(head)


def head_of(given: str | None) -> tuple[int, str]:
    """The number and the hash that a chain ends with, as `given_back` gives them."""
    number, _, value = (given or f"0 {START}").partition(" ")
    return int(number), value


@cache
def _query(names: tuple[str, ...], several: frozenset[str], *, postgres: bool) -> TextualSelect:
    """`several`: what is asked for by a list. What is asked for alone has a plan that serves for ever."""
    heads = _HEADS.format(_among("heads", "text", several, postgres=postgres))
    parts = [_LOCKED.format(heads) if postgres else heads]
    for name in names:
        packed = _packed(form_of(name), postgres=postgres)
        among = _among(short(name), "bigint", several, postgres=postgres)
        parts.append(f"SELECT '{short(name)}', id, {packed} FROM {name} WHERE id {among}")  # noqa: S608  # names of ours
    # with columns, what comes back is understood once and for all
    return text("\nUNION ALL ".join(parts)).columns(column("key"), column("number"), column("value"))


_HEADS = "SELECT key, number, value FROM paidsupport_ledger_mark WHERE key {}"
_LOCKED = "WITH head AS MATERIALIZED ({} ORDER BY key FOR UPDATE) SELECT key, number, value FROM head"


def _among(name: str, type_: str, several: frozenset[str], *, postgres: bool) -> str:
    if name not in several:
        return f"= CAST(:{name} AS {type_})"
    listed = "= ANY(CAST(:{} AS {}[]))" if postgres else "IN (SELECT value FROM json_each(:{}))"
    return listed.format(name, type_)


def _packed(form: Form, *, postgres: bool) -> str:
    """An expression for all columns as one JSON list of texts."""
    spelled: Iterable[str] = (
        (_in_postgres if postgres else _in_sqlite)(form.table.columns[name]) for name in form.columns
    )
    listed = ", ".join(spelled)
    return f"CAST(json_build_array({listed}) AS text)" if postgres else f"json_array({listed})"


def _in_postgres(column: Column[object]) -> str:
    name, type_ = f'{column.table}."{column.name}"', column.type
    if isinstance(type_, UTCDateTime | DateTime):
        # as SQLite has them, whatever the server's time zone is
        return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    if isinstance(type_, Date):
        return f"to_char({name}, 'YYYY-MM-DD')"
    if isinstance(type_, LargeBinary):
        return f"encode({name}, 'hex')"
    return f"CAST(CAST({name} AS int) AS text)" if isinstance(type_, Boolean) else f"CAST({name} AS text)"


def _in_sqlite(column: Column[object]) -> str:
    name = f'"{column.name}"'
    if isinstance(column.type, LargeBinary):
        return f"CASE WHEN {name} IS NOT NULL THEN lower(hex({name})) END"
    return f"CAST({name} AS TEXT)"
