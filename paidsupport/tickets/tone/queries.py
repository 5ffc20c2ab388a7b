"""Queries for the desk's own rules of tone."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.tickets.tone.tables import ToneRule


def rules(session: Session) -> list[ToneRule]:
    """All of them as they are now, in the order in which they were written."""
    wanted = select(ToneRule).order_by(ToneRule.id)
    return list(session.scalars(wanted, execution_options={"populate_existing": True}))
