"""Holding a ticket: taking it with one click, and the clock that lets it go again (G5, G11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from paidsupport.desk import history, letters, moves
from paidsupport.desk.moves import Filled
from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import tidy_code
from paidsupport.domain.letters import LetterKind
from paidsupport.domain.workflow import Part
from paidsupport.store import tickets
from paidsupport.store.people import Person
from paidsupport.store.tickets import Ticket

#: Most claims looked at in one round of the clock.
ROUND = 100
#: The last part of a claim's time, in which its owner is warned: one in so many.
WARNING_SHARE = 4


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a ticket and since when; no name if nobody does, not `known` if there is no such ticket."""

    known: bool = False
    name: str = ""
    since: datetime | None = None


def claim(visit: Visit, code: str, *, version: int, key: str) -> Ticket:
    """Take an Open ticket. Of any number at once exactly one succeeds; see `moves.make` for errors."""
    return moves.make(visit, code, "claim", version=version, key=key)


def ensure(visit: Visit, ticket: Ticket, version: int) -> int:
    """Take a ticket that nobody holds before a deed on it; the version it has then, else `version` as it is.

    The caller holds the ticket's lock, and compares: raises what `moves.apply` raises.
    """
    if ticket.owner_id is None and ticket.version == version:
        return moves.apply(visit, ticket, "claim", version=version).version
    return version


def who_holds(visit: Visit, typed: str) -> Holding:
    """Who holds the ticket with the code that somebody typed, or the one it was merged into; nothing else.

    One and the same query for codes that exist, codes that do not, and texts that are no code.
    """
    named = aliased(Ticket)
    wanted = select(Person.name, Ticket.claimed_at).select_from(named)
    wanted = wanted.join(Ticket, Ticket.id == func.coalesce(named.merged_into_id, named.id))
    wanted = wanted.outerjoin(Person, (Person.id == Ticket.owner_id) & (Ticket.part == Part.PENDING))
    row = visit.session.execute(wanted.where(named.code == (tidy_code(typed) or ""))).one_or_none()
    if row is None:
        return Holding()
    return Holding(known=True, name=row[0] or "", since=row[1] if row[0] else None)


def due(visit: Visit) -> list[int]:
    """The ids of tickets whose claim has run out or about whose end nobody was warned yet."""
    horizon = visit.now + _warning_time(visit)
    wanted = select(Ticket.id).where(
        Ticket.lease_until <= horizon, (Ticket.lease_until <= visit.now) | ~Ticket.lease_warned
    )
    return list(visit.session.scalars(wanted.order_by(Ticket.lease_until).limit(ROUND)))


def tend(visit: Visit, ticket_id: int) -> str:
    """Warn of a claim's end or let it lapse, whichever is due; returns `lapsed`, `warned` or nothing.

    The lease is looked at again under the ticket's lock: its owner may have acted meanwhile.
    """
    ticket = tickets.lock_by_id(visit.session, ticket_id)
    if ticket.lease_until is None or ticket.owner_id is None:
        return ""
    if ticket.lease_until <= visit.now:
        return _lapse(visit, ticket, ticket.owner_id)
    if ticket.lease_warned or ticket.lease_until > visit.now + _warning_time(visit):
        return ""
    letters.to_person(visit, ticket, LetterKind.LEASE_WARNING, ticket.owner_id, until=ticket.lease_until)
    history.tell(visit, ticket, "lease-warned", lease_warned=True)
    return "warned"


def _lapse(visit: Visit, ticket: Ticket, owner_id: int) -> str:
    held = visit.now - (ticket.claimed_at or visit.now)
    note = f"The claim lapsed: nothing was done for too long ({_spoken(held)} after it was taken)."
    moves.apply(visit, ticket, "release", version=ticket.version, filled=Filled(note=note))
    letters.to_person(visit, ticket, LetterKind.LAPSED, owner_id)
    return "lapsed"


def _warning_time(visit: Visit) -> timedelta:
    return visit.house.settings.lease(patient=False) / WARNING_SHARE


def _spoken(length: timedelta) -> str:
    hours = int(length.total_seconds() // 3600)
    return f"{hours} hours" if hours < 72 else f"{hours // 24} days"  # noqa: PLR2004  # three days
