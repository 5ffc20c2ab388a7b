"""What programs have asked for lately."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from paidsupport.connect.idempotency.tables import ApiRequest

#: What PostgreSQL and SQLite call the unique key of requests.
_KEYS = ("uq_paidsupport_api_request", "paidsupport_api_request.person_id")


def by_digest(session: Session, person_id: int | None, digest: str) -> ApiRequest | None:
    """The request of a person's program with this key, if it was answered lately."""
    wanted = select(ApiRequest).where(ApiRequest.person_id == person_id, ApiRequest.digest == digest)
    return session.scalar(wanted)


def is_second_request(error: IntegrityError) -> bool:
    """Whether the database refused a request because the same one is answered at the same time."""
    said = str(error.orig)
    return any(name in said for name in _KEYS)
