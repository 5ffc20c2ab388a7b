"""Keys that do a thing once, and the error of the database when one comes twice."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Select, bindparam, literal, select
from sqlalchemy.exc import IntegrityError


def line_by_key(lines: type[Any], owner: str) -> Select[Any]:
    """The line of a log that a one-time `key` brought about: `kind`, `owner_id`, `data`, `fingerprint`."""
    data = getattr(lines, "data", literal(None, JSON).label("data"))
    wanted = select(lines.kind, getattr(lines, owner).label("owner_id"), data, lines.fingerprint)
    return wanted.where(lines.key == bindparam("key"))


def is_second_use_of_a_key(error: IntegrityError) -> bool:
    """Whether the database refused an event because its one-time key was used before."""
    said = str(error.orig)
    return any(name in said for name in _KEYS)


#: What PostgreSQL and SQLite call the unique keys of histories, of tickets and of issues.
_KEYS = (
    *("uq_paidsupport_event_key", "uq_paidsupport_issue_event_key"),
    *("paidsupport_event.key", "paidsupport_issue_event.key"),
)
