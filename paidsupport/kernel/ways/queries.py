"""Queries for ways to pay, and for who has filled them in."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.ways.tables import WayRow

_FILLED = select(Person.name, Person.pay_details).order_by(Person.name, Person.id)


def way_rows(session: Session) -> list[WayRow]:
    """What managers made of the ways, in order, to be edited."""
    wanted = select(WayRow).order_by(WayRow.position, WayRow.id)
    return list(session.scalars(wanted, execution_options={"populate_existing": True}))


def users(session: Session) -> dict[str, list[str]]:
    """The names of present and former staff who filled in each way, by its name."""
    found: dict[str, list[str]] = {}
    for name, details in session.execute(_FILLED):
        for way in details:
            found.setdefault(way, []).append(name)
    return found
