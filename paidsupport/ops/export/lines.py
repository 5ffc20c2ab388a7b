"""The lines of an export, as the declared tables and the marks on their columns make them; their schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Date, Integer, LargeBinary, Row, String, Table, func
from sqlalchemy.types import JSON

from paidsupport.kernel.configuration import sealing
from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import PREFIX, UTCDateTime, metadata
from paidsupport.kernel.db.marks import HASHED, Whose
from paidsupport.ops.export import rules
from paidsupport.ops.export.rules import VERSION

#: The folder of the contents of files.
FILES = "files"
#: The types of lines that no table has: what the export is, and customers, who are in their tickets.
EXPORT, CUSTOMER = "export", "customer"
#: What stands in place of a column that names a content in the store.
CONTENT = "stored_as"
_SETTING = f"{PREFIX}setting"


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One type of line: the rows of one table."""

    type: str
    table: Table
    #: What is exported of a row, under the names of the columns.
    columns: tuple[Column[Any], ...]
    #: How each of these is selected.
    selected: tuple[ColumnElement[Any], ...]
    #: Turns a value of each of these into JSON.
    turned: tuple[Callable[[Any], Any], ...]
    #: The column that names the content of a row in the store of files.
    stored: Column[Any] | None

    def line(self, row: Row[Any]) -> dict[str, Any]:
        """A row as it is exported; it holds `columns`, then `stored`, if there is that."""
        told: dict[str, Any] = {"type": self.type, "version": VERSION}
        for column, turn, value in zip(self.columns, self.turned, row, strict=False):
            told[column.name] = None if value is None else turn(value)
        if self.stored is not None:
            told[CONTENT] = content_name(told["reference"]) if row[-1] else None
        if self.table.name == _SETTING and _is_secret(told["name"]):
            told["value"] = None
        return told


def _is_secret(setting: str) -> bool:
    """Also of a setting that is not declared any more."""
    return sealing.is_secret(setting) or rules.is_secret_setting(setting)


@cache
def kinds() -> tuple[Kind, ...]:
    """Every type of line but the two that no table has; what is referred to comes first."""
    ours = (table for table in metadata.sorted_tables if table.name.startswith(PREFIX))
    return tuple(_kind(table) for table in ours if short(table) not in rules.LEFT_OUT)


def short(table: Table) -> str:
    """The name of a table without our prefix."""
    return table.name.removeprefix(PREFIX)


def content_name(reference: str) -> str:
    """Where the content of a file is."""
    return f"{FILES}/{reference}"


def written(line: Mapping[str, Any]) -> bytes:
    """A line as it stands in the file."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def is_shown(column: Column[Any]) -> bool:
    """Whether a column is exported as it is."""
    name, table = column.name, short(column.table)
    if isinstance(column.type, LargeBinary) or marks.is_stored(column) or f"{table}.{name}" in rules.HIDDEN:
        return False
    mark = marks.mark_of(column)
    if mark is not None and mark.reason == HASHED:
        return rules.is_hash_shown(table, name)
    return True


def _kind(table: Table) -> Kind:
    columns = tuple(column for column in table.columns if is_shown(column))
    stored = [
        column
        for column in table.columns
        if marks.is_stored(column) and f"{short(table)}.{column.name}" not in rules.HIDDEN
    ]
    return Kind(
        rules.type_of(short(table)),
        table,
        columns,
        tuple(_selected(column) for column in columns),
        tuple(_turning(column) for column in columns),
        stored[0] if stored else None,
    )


def _selected(column: Column[Any]) -> ColumnElement[Any]:
    """A column, or what is shown in its place where there is that."""
    instead = rules.INSTEAD.get(f"{short(column.table)}.{column.name}")
    return func.coalesce(column.table.c[instead], column).label(column.name) if instead else column


def _turning(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, String):
        return rules.without_links
    if isinstance(column.type, JSON):
        return _without_links
    return _dated if isinstance(column.type, UTCDateTime | Date) else _as_it_is


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  # a number or a truth
    return value


def _dated(value: Any) -> str:  # noqa: ANN401  # a moment or a day
    return str(value.isoformat())


def _without_links(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, str):
        return rules.without_links(value)
    if isinstance(value, Mapping):
        return {name: _without_links(each) for name, each in value.items()}
    return [_without_links(each) for each in value] if isinstance(value, list) else value


def schema() -> dict[str, Any]:
    """The JSON Schema of a line."""
    own = {EXPORT: _EXPORT, CUSTOMER: _CUSTOMER}
    found = own | {kind.type: _described(kind) for kind in kinds()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of an export of paidsupport",
        "type": "object",
        "required": ["type", "version"],
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in found],
        "$defs": found,
    }


def _object(name: str, properties: Mapping[str, Any], *, may_lack: Collection[str] = ()) -> dict[str, Any]:
    known = {"type": {"const": name}, "version": {"const": VERSION}, **properties}
    required = [each for each in known if each not in may_lack]
    return {"type": "object", "required": required, "additionalProperties": False, "properties": known}


_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_MOMENT = {"type": "string", "format": "date-time"}
_EXPORT = _object(
    EXPORT,
    {
        "made_at": _MOMENT,
        "desk": _TEXT,
        "lines": {"type": "object", "additionalProperties": _NUMBER},
    },
)
_CUSTOMER = _object(
    CUSTOMER,
    {
        "address": {**_TEXT, "x-about": "customer"},
        "name": {**_TEXT, "x-about": "customer"},
        "email": {**_TEXT, "x-about": "customer"},
        "tickets": _NUMBER,
    },
)


def _described(kind: Kind) -> dict[str, Any]:
    properties = {column.name: _property(column) for column in kind.columns}
    if kind.stored is not None:
        properties[CONTENT] = {"type": ["string", "null"], "pattern": f"^{FILES}/"}
    # a customer gets the same lines without what staff say to each other
    own = {column.name for column in kind.columns if f"{short(kind.table)}.{column.name}" in rules.FOR_STAFF}
    return _object(kind.type, properties, may_lack=own)


def _property(column: Column[Any]) -> dict[str, Any]:
    told = dict(_typed(column))
    if column.nullable and "type" in told:
        told["type"] = [told["type"], "null"]
    for key in column.foreign_keys:
        told["x-refers-to"] = rules.type_of(key.target_fullname.split(".")[0].removeprefix(PREFIX))
    mark = marks.mark_of(column)
    if mark is not None and mark.whose is not Whose.NOBODY:
        told["x-about"] = str(mark.whose)
    return told


def _typed(column: Column[Any]) -> dict[str, Any]:
    kind = column.type
    if isinstance(kind, UTCDateTime):
        return _MOMENT
    if isinstance(kind, Date):
        return {"type": "string", "format": "date"}
    if isinstance(kind, Boolean):
        return {"type": "boolean"}
    if isinstance(kind, Integer):
        return _NUMBER
    # any JSON, unless it is a text
    return {} if isinstance(kind, JSON) else _TEXT
