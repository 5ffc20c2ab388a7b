"""Rows that are locked to be changed: objects of the ORM, without the way in which it reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached

from paidsupport.kernel.db.prepared import fetch_one

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
        made: M = self._model.__mapper__.class_manager.new_instance()
        made.__dict__.update(zip(self._names, found, strict=True))
        make_transient_to_detached(made)
        session.add(made)
        return made
