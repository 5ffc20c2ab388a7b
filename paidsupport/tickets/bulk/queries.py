"""What was done with several tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from paidsupport.tickets.bulk.tables import Bulk


def find(session: Session, person_id: int, reference: str) -> Bulk | None:
    """What this person did, locked."""
    wanted = select(Bulk).where(Bulk.reference == reference, Bulk.person_id == person_id)
    return session.scalar(wanted.with_for_update())


def shown(session: Session, person_id: int, reference: str) -> Bulk | None:
    """The same to be shown, if the address names one."""
    if not reference:
        return None
    return session.scalar(select(Bulk).where(Bulk.reference == reference, Bulk.person_id == person_id))


def by_key(session: Session, person_id: int, key: str) -> Bulk | None:
    """What this person did with a form."""
    return session.scalar(select(Bulk).where(Bulk.person_id == person_id, Bulk.key == key))


def forget(session: Session, until: datetime) -> None:
    """Delete what can be undone no more."""
    session.execute(delete(Bulk).where(Bulk.at <= until))
