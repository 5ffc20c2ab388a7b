"""A record and what hangs on it: each part is read when it is first asked for, and only if it is there.

The record's own statement asks for every part whether there is any of it, which costs the database a look at
an index each. So a page takes as many statements as it has kinds of things to show, however many rows they
are. All statements are built once, at import.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Boolean, ColumnElement, FromClause, Select, bindparam, exists, literal_column, select
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from paidsupport.kernel.db.prepared import fetch, fetch_one
from paidsupport.kernel.db.rows import ReadOnly

T = TypeVar("T")
M = TypeVar("M", bound=DeclarativeBase)
L = TypeVar("L", bound="Loaded[Any]")

#: Gives what is kept under a key, or else keeps what a function makes.
Keep = Callable[[Hashable, Callable[[], Any]], Any]


def keep_nothing(_key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever is made
    """For those who look once."""
    return make()


@dataclass(frozen=True, slots=True, eq=False)
class Part(Generic[T]):
    """Something that hangs on a record.

    `there` is an expression over the record's table, as text or not: where it is false or 0, nothing
    is read and `none` makes the part, unless the part called `also` is there. `read` gets the record as it
    was loaded.
    """

    key: str
    there: ColumnElement[Any] | str
    read: Callable[[Any], T]
    none: Callable[[], T] = list  # type: ignore[assignment]  # mostly there are many
    also: str = ""


class Loaded(Generic[M]):
    """A record as a page shows it; its parts are attributes by their keys."""

    def __init__(
        self,
        session: Session,
        record: M,
        flags: Mapping[str, Any],
        parts: Mapping[str, Part[Any]],
        asked: Mapping[str, Any],
        keep: Keep = keep_nothing,
    ) -> None:
        self.session = session
        self.record = record
        #: What the record's statement found of each part, and its further columns.
        self.flags = flags
        #: What is a parameter of every statement: the record's id, and what it was asked for with.
        self.asked = {**asked, "record": cast("Any", record).id}
        self.keep = keep
        self._parts = parts

    def __getattr__(self, key: str) -> Any:  # noqa: ANN401  # whatever the part is
        """The part called `key`, read now if it is there; after that it is a plain attribute."""
        part = self.__dict__.get("_parts", {}).get(key)
        if part is None:
            raise AttributeError(key)
        there = self.flags[key] or (part.also and self.flags[part.also])
        found = part.read(self) if there else part.none()
        self.__dict__[key] = found
        return found

    def __getitem__(self, part: Part[T]) -> T:
        """The same, of a known type; `none` of it where the page is not made of this part."""
        return cast("T", getattr(self, part.key)) if part.key in self._parts else part.none()

    def ask(self, statement: Select[*tuple[Any, ...]], **values: object) -> list[Any]:
        """All rows of a statement that was made at import."""
        return fetch(self.session.connection(), statement, {**self.asked, **values})


class Record(Generic[L]):
    """How a kind of record is read together with the flags of its parts: by one statement."""

    def __init__(
        self,
        made: type[L],
        rows: ReadOnly[Any],
        source: FromClause,
        parts: Sequence[Part[Any]],
        **more: Any,  # noqa: ANN401  # columns
    ) -> None:
        """Build the statement.

        Args:
            made: What is made of the record.
            rows: How its row is read.
            source: The tables of the statement.
            parts: What can hang on it.
            more: Further columns, by the names that `Loaded.flags` knows them by.
        """
        self._made, self._rows = made, rows
        self.parts = {part.key: part for part in parts}
        self._names = (*more, *self.parts)
        flags = map(_flag, parts)
        self._wanted = select(*rows.columns, *more.values(), *flags).select_from(source)

    def where(self, condition: Any) -> Callable[..., L | None]:  # noqa: ANN401  # an expression with parameters
        """A function that reads the record for which `condition` holds, given a session and parameters."""
        wanted, width = self._wanted.where(condition), self._rows.width

        def read(session: Session, values: Mapping[str, Any], keep: Keep = keep_nothing) -> L | None:
            session.flush()
            found = fetch_one(session.connection(), wanted, values)
            if found is None:
                return None
            flags = dict(zip(self._names, found[width:], strict=True))
            return self._made(session, self._rows.row(found[:width]), flags, self.parts, values, keep)

        return read


def _flag(part: Part[Any]) -> ColumnElement[Any]:
    return literal_column(f"({part.there})") if isinstance(part.there, str) else part.there


def _column(on: InstrumentedAttribute[Any]) -> Any:  # noqa: ANN401  # a column, whatever is in it
    # its `property` would set up all classes of tables
    return on.class_.__mapper__.columns[on.key]


def any_with(on: InstrumentedAttribute[Any], *only: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row of a table names the record by its foreign key `on`, and fulfils `only`."""
    column = _column(on)
    target = next(iter(column.foreign_keys)).target_fullname
    if only:
        return exists().where(column == literal_column(target), *only)
    # short, for there are many: what is longer than 4,096 letters, Psycopg takes apart each time it is sent
    found = f"(EXISTS (SELECT 1 FROM {column.table} WHERE {column.name} = {target}))"  # noqa: S608  # names of ours
    return literal_column(found, Boolean)


def hanging(
    key: str,
    on: InstrumentedAttribute[Any],
    *only: ColumnElement[bool],
    order: Sequence[InstrumentedAttribute[Any] | ColumnElement[Any]] = (),
    without: Sequence[str] = (),
) -> Part[list[Any]]:
    """The rows of one table that name the record.

    Args:
        key: The name of the part.
        on: The foreign key to the record.
        only: Which of them; may use the parameters that the record was asked for with.
        order: By what they are ordered; by their ids, if by nothing.
        without: Attributes that are left out.
    """
    model: Any = on.class_
    rows, column = ReadOnly(model, without=without), _column(on)
    wanted = select(*rows.columns).where(column == bindparam("record"), *only)
    wanted = wanted.order_by(*(order or (model.id,)))

    def read(page: Loaded[Any]) -> list[Any]:
        return rows.rows(page.ask(wanted))

    return Part(key, any_with(on, *only), read)
