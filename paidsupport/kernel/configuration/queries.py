"""Queries for the configuration: settings that managers have changed, and the history of all changes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.kernel.configuration.tables import Setting


def settings(session: Session) -> dict[str, Setting]:
    """The settings that managers have ever changed, by name."""
    return {row.name: row for row in session.scalars(select(Setting))}
