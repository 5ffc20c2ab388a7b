"""How tickets came, read by the ticket."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.tickets.arrivals.tables import Intake


def intakes(session: Session, ticket_ids: Collection[int]) -> Sequence[Intake]:
    """How these tickets came, as far as they did not by the order form."""
    return session.scalars(select(Intake).where(Intake.ticket_id.in_(ticket_ids))).all()
