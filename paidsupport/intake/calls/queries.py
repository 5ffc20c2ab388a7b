"""Earlier tickets of a caller, found while their name is still being typed (T6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.kernel.addresses import compared
from paidsupport.kernel.db.search import among, newest_hits_of_any
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.tables import Ticket

#: The most tickets shown.
MOST = 8
#: Why a ticket is shown, the best reason first.
EMAIL, PHONE, WORDS = range(3)


def earlier(session: Session, email: str, digits: str, groups: list[list[str]]) -> Sequence[Row[Any]]:
    """The tickets with this address, with this number, and with all words of a group: newest first in each.

    Empty texts find nothing. At most three queries, each served by an index.
    """
    # more than are shown, because some of them were found by another reason already
    hits = newest_hits_of_any(session, groups, 2 * MOST)
    parts = [_of_address(email)] if email else []
    parts += [_of_number(digits)] if digits else []
    if hits:
        ours = select(Ticket.id.label("id"), literal(WORDS).label("rank"))
        parts.append(ours.where(among(session, Ticket.id, hits)))
    if not parts:
        return []
    found = union_all(*parts).subquery()
    best = select(found.c.id, func.min(found.c.rank).label("rank")).group_by(found.c.id).subquery()
    # many tickets have no address: without one, none of them matches
    is_theirs = Ticket.customer_address == (compared(email) or None)
    why = case((is_theirs, EMAIL), else_=best.c.rank)
    wanted = (
        select(*_COLUMNS, why.label("why"))
        .join(best, best.c.id == Ticket.id)
        .outerjoin(Person, Person.id == Ticket.owner_id)
        .where(Ticket.erased_at.is_(None))
        .order_by(why, Ticket.id.desc())
        .limit(MOST)
    )
    return session.execute(wanted).all()


_COLUMNS = (
    *(Ticket.code, Ticket.summary, Ticket.service_name, Ticket.customer_name, Ticket.workflow, Ticket.state),
    *(Ticket.part, Ticket.submitted_at, Person.name.label("owner_name")),
)


def _of_address(email: str) -> Select[int, int]:
    newest = select(Ticket.id.label("id"), literal(EMAIL).label("rank"))
    newest = newest.where(Ticket.customer_address == compared(email)).order_by(Ticket.id.desc()).limit(MOST)
    return _as_part(newest)


def _of_number(digits: str) -> Select[int, int]:
    newest = select(Intake.ticket_id.label("id"), literal(PHONE).label("rank"))
    newest = newest.where(Intake.digits == digits).order_by(Intake.ticket_id.desc()).limit(MOST)
    return _as_part(newest)


def _as_part(query: Select[int, int]) -> Select[int, int]:
    """SQLite takes no order inside a union."""
    rows = query.subquery()
    return select(rows.c.id, rows.c.rank)
