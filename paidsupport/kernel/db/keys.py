"""Keys that do a thing once, and the error of the database when one comes twice."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError


def is_second_use_of_a_key(error: IntegrityError) -> bool:
    """Whether the database refused an event because its one-time key was used before."""
    said = str(error.orig)
    return any(name in said for name in _KEYS)


#: What PostgreSQL and SQLite call the unique keys of histories, of tickets and of issues.
_KEYS = (
    *("uq_paidsupport_event_key", "uq_paidsupport_issue_event_key"),
    *("paidsupport_event.key", "paidsupport_issue_event.key"),
)
