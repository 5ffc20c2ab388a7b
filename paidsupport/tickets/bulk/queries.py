"""Queries for bulk actions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from paidsupport.tickets.bulk.tables import Bulk


def find(session: Session, person_id: int, reference: str) -> Bulk | None:
    """Lock a bulk action of this person."""
    wanted = select(Bulk).where(Bulk.reference == reference, Bulk.person_id == person_id)
    return session.scalar(wanted.with_for_update())


def shown(session: Session, person_id: int, reference: str) -> Bulk | None:
    """Find a bulk action for display, if the address names one."""
    if not reference:
        return None
    return session.scalar(select(Bulk).where(Bulk.reference == reference, Bulk.person_id == person_id))


def by_key(session: Session, person_id: int, key: str) -> Bulk | None:
    """The bulk action that this person started with this form."""
    return session.scalar(select(Bulk).where(Bulk.person_id == person_id, Bulk.key == key))


def forget(session: Session, until: datetime) -> None:
    """Delete the bulk actions that can no longer be undone."""
    session.execute(delete(Bulk).where(Bulk.at <= until))
