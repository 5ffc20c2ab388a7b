"""Rows that a page shows: read past the ORM, which keeps account of every object it hands out."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, LargeBinary, TextualSelect, column, text
from sqlalchemy.orm import DeclarativeBase

from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.prepared import fetch

M = TypeVar("M", bound=DeclarativeBase)


class ReadOnly(Generic[M]):
    """How rows of a mapped class are read as tuples with its attributes and properties.

    They belong to no session and cannot be changed. Columns of bytes are left out: no page shows any.
    """

    def __init__(self, model: type[M], *, without: Iterable[str] = ()) -> None:
        """Args: `without` names further attributes that are left out, for they are long and not shown."""
        # known before SQLAlchemy has set up all classes together, which takes its time
        shown = {
            key: column
            for key, column in model.__mapper__.columns.items()
            if key not in set(without) and not isinstance(column.type, LargeBinary)
        }
        #: What to select, in the order of the attributes.
        self.columns: Sequence[Any] = tuple(shown.values())
        self.width = len(self.columns)
        properties = {name: each for name, each in vars(model).items() if isinstance(each, property)}
        self._made: Any = type(model.__name__, (namedtuple(model.__name__, shown),), properties)  # noqa: PYI024

    def row(self, values: Iterable[Any]) -> M:
        """One row, from the values of `columns`."""
        return cast("M", self._made._make(values))

    def rows(self, found: Iterable[Iterable[Any]]) -> list[M]:
        """Many of them."""
        return cast("list[M]", list(map(self._made._make, found)))

    def joined(self, values: Sequence[Any]) -> M | None:
        """One row from the outer side of a join: nothing where there was none."""
        return None if values[0] is None else self.row(values)


def parted(found: Iterable[Sequence[Any]], *kinds: ReadOnly[Any]) -> list[list[Any]]:
    """The rows of each kind, out of rows that hold the columns of all `kinds` side by side.

    What a join has multiplied is there once, in the order in which it first came.
    """
    whole = list(found)
    parts, start = [], 0
    for kind in kinds:
        end = start + kind.width
        # the first column is the id: nothing where an outer join found nothing
        each = {row[start]: row[start:end] for row in whole if row[start] is not None}
        parts.append(kind.rows(each.values()))
        start = end
    return parts


def replaced(row: M, **values: object) -> M:
    """A copy of a row of `ReadOnly` with some other values."""
    return cast("M", cast("Any", row)._replace(**values))


def filled_tables(connection: Connection) -> set[str]:
    """The full names of our tables that have a row: what looks at all tables can leave out the others."""
    return {row.name for row in fetch(connection, _filled(), {})}


@cache
def _filled() -> TextualSelect:
    """Made when all tables are known."""
    names = sorted(metadata.tables)
    asked = (f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM {name})" for name in names)  # noqa: S608  # ours
    return text(" UNION ALL ".join(asked)).columns(column("name"))
