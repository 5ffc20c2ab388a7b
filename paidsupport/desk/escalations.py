"""What the clock does about deadlines: it warns before one is missed, and tells when it was (P9)."""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.desk import history, letters, people
from paidsupport.desk.visit import Visit
from paidsupport.domain.deadlines import LABELS, DeadlineKind, time_left
from paidsupport.domain.letters import LetterKind
from paidsupport.store import tickets
from paidsupport.store.deadlines import Deadline
from paidsupport.store.people import Person

#: Most deadlines looked at in one round of the clock.
ROUND = 100


def due(visit: Visit) -> list[int]:
    """The ids of the deadlines that somebody has to be warned or told of."""
    wanted = select(Deadline.id).where(Deadline.look_at <= visit.now)
    return list(visit.session.scalars(wanted.order_by(Deadline.look_at).limit(ROUND)))


def tend(visit: Visit, deadline_id: int) -> str:
    """Warn of a deadline or tell that it was missed, whichever is due; returns `warned`, `missed` or nothing.

    It is looked at again under the ticket's lock: the deed may be done meanwhile, or another worker was here.
    """
    wanted = select(Deadline.ticket_id).where(Deadline.id == deadline_id)
    ticket = tickets.lock_by_id(visit.session, visit.session.scalars(wanted).one())
    row = visit.session.get_one(Deadline, deadline_id, populate_existing=True)
    if row.look_at is None or row.due_at is None or row.look_at > visit.now:
        return ""
    owner = None if ticket.owner_id is None else visit.session.get(Person, ticket.owner_id)
    if owner and not owner.active:
        owner = None  # whoever has left answers nobody
    missed = row.due_at <= visit.now
    if missed:
        row.missed_at, row.look_at = visit.now, None
        told = _in_charge(visit)
    else:
        row.warned_at, row.look_at = visit.now, row.due_at
        told = set() if owner else _in_charge(visit)
    context = {
        "deadline": row,
        "label": LABELS[DeadlineKind(row.kind)],
        "due": row.due_at.astimezone(visit.house.hours.zone),
        "holder": owner.name if owner else "",
        "left": time_left(row.due_at, visit.now, visit.house.hours),
    }
    kind = LetterKind.DEADLINE_MISSED if missed else LetterKind.DEADLINE_WARNING
    for person_id in sorted(told | ({owner.id} if owner else set())):
        letters.to_person(visit, ticket, kind, person_id, **context)
    history.tell(visit, ticket, str(kind), {"kind": row.kind})
    return "missed" if missed else "warned"


def _in_charge(visit: Visit) -> set[int]:
    return {person.id for person in people.in_charge(people.everybody(visit.session))}
