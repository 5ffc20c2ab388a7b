"""Statements sent past all that the ORM keeps account of: for what every request asks, and to be counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Delete, Executable, Update
from sqlalchemy.orm import Session


def plainly(
    session: Session, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> CursorResult[Any]:
    """Send a statement in the transaction of `session`, past all that the ORM keeps account of.

    It flushes nothing, and objects in the session do not learn of it. For what every request asks.
    """
    return session.connection().execute(statement, values)


def changed(session: Session, statement: Update | Delete) -> int:
    """Send an UPDATE or DELETE and return how many rows it met; objects in the session do not learn of it."""
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
