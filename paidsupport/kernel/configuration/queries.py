"""Queries for the configuration: settings that managers have changed, and the history of all changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from paidsupport.kernel.configuration.tables import ConfigurationSnapshot, ReasonRow, Setting
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.prepared import fetch, fetch_one
from paidsupport.kernel.ways.tables import WayRow

_SETTING = Base.metadata.tables[Setting.__tablename__]
_REASON = Base.metadata.tables[ReasonRow.__tablename__]
_WAY = Base.metadata.tables[WayRow.__tablename__]
_EDITION = select(
    (
        select(func.coalesce(func.sum(_SETTING.c.version), 0)).scalar_subquery()
        + select(func.coalesce(func.sum(_REASON.c.version), 0)).scalar_subquery()
        + select(func.coalesce(func.sum(_WAY.c.version), 0)).scalar_subquery()
    ).label("edition")
)
_REASONS = select(_REASON).order_by(_REASON.c.position, _REASON.c.id)
_WAYS = select(_WAY).order_by(_WAY.c.position, _WAY.c.id)
_VALUES = select(_SETTING.c.name, _SETTING.c.value)


def edition(connection: Connection) -> int:
    """A number that grows with every change of a setting, a reason or a way to pay."""
    found = fetch_one(connection, _EDITION, {})
    return int(found.edition) if found else 0


def values(connection: Connection) -> dict[str, Any]:
    """What managers have chosen, by the name of the setting; None: as it is configured."""
    return {row.name: row.value for row in fetch(connection, _VALUES, {})}


def reasons(connection: Connection) -> Sequence[Any]:
    """What managers made of the reasons of workflows, in order."""
    return list(fetch(connection, _REASONS, {}))


def ways(connection: Connection) -> Sequence[Any]:
    """What managers made of the ways to pay, in order."""
    return list(fetch(connection, _WAYS, {}))


def reason_rows(session: Session) -> list[ReasonRow]:
    """The same to be edited, as it is now."""
    wanted = select(ReasonRow).order_by(ReasonRow.position, ReasonRow.id)
    return list(session.scalars(wanted, execution_options={"populate_existing": True}))


def settings(session: Session) -> dict[str, Setting]:
    """The settings that managers have ever changed, by name."""
    return {row.name: row for row in session.scalars(select(Setting))}


def imports(session: Session, most: int) -> Sequence[ConfigurationSnapshot]:
    """The files that were loaded last, the newest first."""
    loaded = select(ConfigurationSnapshot).where(ConfigurationSnapshot.applied_at.is_not(None))
    return session.scalars(loaded.order_by(ConfigurationSnapshot.id.desc()).limit(most)).all()
