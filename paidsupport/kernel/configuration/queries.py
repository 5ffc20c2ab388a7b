"""Queries for the configuration: settings that managers have changed, and the history of all changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from paidsupport.kernel.configuration.tables import Setting
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.prepared import fetch, fetch_one

_SETTING = Base.metadata.tables[Setting.__tablename__]
_EDITION = select(func.coalesce(func.sum(_SETTING.c.version), 0).label("edition"))
_VALUES = select(_SETTING.c.name, _SETTING.c.value)


def edition(connection: Connection) -> int:
    """A number that grows with every change of a setting."""
    found = fetch_one(connection, _EDITION, {})
    return int(found.edition) if found else 0


def values(connection: Connection) -> dict[str, Any]:
    """What managers have chosen, by the name of the setting; None: as it is configured."""
    return {row.name: row.value for row in fetch(connection, _VALUES, {})}


def settings(session: Session) -> dict[str, Setting]:
    """The settings that managers have ever changed, by name."""
    return {row.name: row for row in session.scalars(select(Setting))}
