"""Rows of several tables in one query: a page about one ticket is made of many small ones."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Boolean, Date, Dialect, LargeBinary, Select, literal, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import NamedColumn
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import JSON

from paidsupport.store.base import Base, Structure, UTCDateTime

M = TypeVar("M", bound=Base)


class _Packed(FunctionElement[dict[str, Any]]):
    """A row as one JSON object; its arguments are names and values in turns."""

    type = Structure  # type: ignore[assignment]  # which knows no more than that it is JSON
    inherit_cache = True


@compiles(_Packed)
def _packed(element: _Packed, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # SQLAlchemy's
    name = "jsonb_build_object" if _is_postgres(compiler.dialect) else "json_object"
    return f"{name}({compiler.process(element.clauses, **options)})"


def _is_postgres(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"


class Bundle:
    """What one query brought: the rows of each table, to be read and never to be written.

    `wanted`: one select per table, of whole rows; its order holds for its rows. Bytes are left out.
    """

    def __init__(self, session: Session, *wanted: Select[Any]) -> None:
        models = [query.column_descriptions[0]["entity"] for query in wanted]
        self._rows: dict[type[Base], list[Any]] = {model: [] for model in models}
        parts = [_part(number, query) for number, query in enumerate(wanted)]
        for number, row in session.execute(union_all(*parts)).all():
            model = models[number]
            self._rows[model].append(_unpacked(model, row))

    def of(self, model: type[M]) -> list[M]:
        """The rows of one table."""
        return list(self._rows[model])


@cache
def _columns(model: type[Base]) -> list[tuple[str, NamedColumn[Any]]]:
    mapped = model.__mapper__.column_attrs
    pairs = [(attribute.key, attribute.columns[0]) for attribute in mapped]
    return [(key, column) for key, column in pairs if not isinstance(column.type, LargeBinary)]


def _part(number: int, query: Select[Any]) -> Select[int, dict[str, Any]]:
    model, rows = query.column_descriptions[0]["entity"], query.subquery()
    values = [part for key, column in _columns(model) for part in (literal(key), rows.c[column.name])]
    return select(literal(number).label("table"), _Packed(*values).label("row")).select_from(rows)


def _unpacked(model: type[M], values: dict[str, Any]) -> M:
    """A row of `model` that belongs to no session."""
    kinds = _kinds(model)
    return model(**{key: _value(kinds[key], value) for key, value in values.items()})


@cache
def _kinds(model: type[Base]) -> dict[str, object]:
    return {key: column.type for key, column in _columns(model)}


def _value(kind: object, value: Any) -> Any:  # noqa: ANN401  # whatever a column holds
    if value is None:
        return None
    if isinstance(kind, UTCDateTime):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Boolean):
        return bool(value)
    if isinstance(kind, JSON) and isinstance(value, str):
        return json.loads(value)
    return value
