"""Queries: how tickets reached the desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.kernel import phones


def intakes(session: Session, ticket_ids: Collection[int]) -> Sequence[Intake]:
    """How these tickets reached the desk, if not by the order form."""
    return session.scalars(select(Intake).where(Intake.ticket_id.in_(ticket_ids))).all()


def called_from(session: Session, number: str, most: int | None = None) -> list[int]:
    """The ids of the tickets of callers from this number, newest first."""
    if not (digits := phones.compared(number)):
        return []
    wanted = select(Intake.ticket_id, Intake.phone).where(Intake.digits == digits)
    rows = session.execute(wanted.order_by(Intake.ticket_id.desc()).limit(most))
    return [row.ticket_id for row in rows if phones.is_same(row.phone, number)]
