"""Rows that every operation locks or makes: objects of the ORM, without the time it takes over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Insert, insert, select
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached

from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.prepared import fetch_one
from paidsupport.kernel.db.statements import insert_row

M = TypeVar("M", bound=DeclarativeBase)


class Locking(Generic[M]):
    """How the row of a mapped class is locked and read, as it is by then.

    The class has an `id`, and no relationships.
    """

    def __init__(self, model: type[M], condition: Any) -> None:  # noqa: ANN401  # with parameters
        """Build the statement for the row for which `condition` holds."""
        self._model = model
        columns = model.__mapper__.columns
        self._names = tuple(columns.keys())
        self._id = self._names.index("id")
        self._wanted = select(*columns.values()).where(condition).with_for_update()
        self._again = select(model).where(condition).with_for_update()

    def row(self, session: Session, values: Mapping[str, Any]) -> M | None:
        """The row, held against all other operations until the transaction ends, if it is there."""
        session.flush()
        found = fetch_one(session.connection(), self._wanted, values)
        if found is None:
            return None
        key = session.identity_key(self._model, found[self._id])
        if key in session.identity_map:
            known: M | None = session.scalar(
                self._again, values, execution_options={"populate_existing": True}
            )
            return known
        locked = _object(self._model, zip(self._names, found, strict=True))
        _attach(session, locked)
        return locked


def made(model: type[M], **values: object) -> M:
    """A new object with these columns, for `enter`: the ORM keeps no account of what is set, nor checks it.

    Raises:
        TypeError: There is no such column.
    """
    if unknown := values.keys() - model.__mapper__.columns.keys():
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))}.")
    return _object(model, values.items())


def enter(session: Session, record: Any) -> None:  # noqa: ANN401  # an object of one of our tables
    """Write a new record at once; it is in the session as if that had been flushed, which comes first.

    Its class has an `id`, and no relationships.
    """
    session.flush()
    model: type[Base] = type(record)
    known = record.__dict__
    for name, default in _defaults(model).items():
        if name not in known:
            known[name] = default.arg if default.is_scalar else default.arg(None)
    columns = model.__mapper__.columns.keys()
    values = {name: known[name] for name in columns if name in known}
    known.update(dict.fromkeys(columns) | values)
    known["id"] = insert_row(session, _new(model), values)
    _attach(session, record)


def _object(model: type[M], values: Iterable[tuple[str, object]]) -> M:
    record: M = model.__mapper__.class_manager.new_instance()
    record.__dict__.update(values)
    return record


def _attach(session: Session, record: object) -> None:
    """Let a session have an object that is as its row is."""
    make_transient_to_detached(record)
    session.add(record)


@cache
def _defaults(model: type[Base]) -> dict[str, Any]:
    columns = model.__mapper__.columns
    return {name: column.default for name, column in columns.items() if column.default is not None}


@cache
def _new(model: type[Base]) -> Insert:
    return insert(Base.metadata.tables[model.__tablename__])
