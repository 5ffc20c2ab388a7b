"""Queries for events without notices yet, and for the people to notify."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, or_, select, text
from sqlalchemy.orm import Session

from paidsupport.kernel.staff.concerns import Concern, Way, wishes
from paidsupport.kernel.staff.tables import Person, Preference
from paidsupport.tickets.notices.tables import UNREAD, WAITING, Notice, Progress, Watcher
from paidsupport.tickets.tables import Claim, Event, Ticket

#: Events read at once.
BATCH = 200
#: The most emails written in one run of a worker.
_ROUND = 100
_EVENTS = (
    *(Event.id, Event.ticket_id, Event.number, Event.kind, Event.at, Event.claim_number),
    *(Event.actor_kind, Event.actor_id, Event.data, Ticket.workflow),
)
# made once, because workers send them all the time
_PROGRESS = select(Progress)
_LOCKED = _PROGRESS.with_for_update(skip_locked=True)
_UNTOLD = select(*_EVENTS).join(Ticket, Ticket.id == Event.ticket_id).order_by(Event.id).limit(BATCH)
_NEXT = _UNTOLD.where(Event.id > bindparam("last"))
_DUE = (
    select(func.min(Notice.id))
    .join(Person, Person.id == Notice.person_id)
    .where(text(WAITING), Notice.way == Way.NOW, Person.active)
    .group_by(Notice.ticket_id, Notice.person_id)
    .limit(_ROUND)
)
#: An event with the workflow of its ticket.
Line = Row[*tuple[Any, ...]]


def progress(session: Session) -> Progress:
    """How far the histories have been read."""
    return session.scalars(_PROGRESS).one()


def lock_progress(session: Session) -> Progress | None:
    """Like `progress`, locked; None if another worker holds it."""
    return session.scalar(_LOCKED)


def untold_events(session: Session, progress: Progress) -> Sequence[Line]:
    """The next events after those already read, and events that fill its gaps."""
    if not progress.gaps:
        return session.execute(_NEXT, {"last": progress.last_event}).all()
    late = [Event.id.between(first, last) for first, last, _ in progress.gaps]
    return session.execute(_UNTOLD.where(or_(Event.id > progress.last_event, *late))).all()


def due(session: Session) -> list[int]:
    """The first notice of each ticket and person that is to be sent by email at once."""
    return list(session.scalars(_DUE))


def lock_notices(session: Session, *which: ColumnElement[bool]) -> list[int]:
    """Lock these notices in the order of their ids; returns the ids."""
    return list(session.scalars(select(Notice.id).where(*which).order_by(Notice.id).with_for_update()))


def unread_tickets(session: Session, person_id: int) -> frozenset[int]:
    """The tickets with unread notices for this person; the newest hundred."""
    wanted = select(Notice.ticket_id).where(Notice.person_id == person_id, text(UNREAD))
    return frozenset(session.scalars(wanted.order_by(Notice.id.desc()).limit(_ROUND)))


def mailed_of_messages(session: Session, ticket_id: int, since: datetime) -> set[int]:
    """Staff who got an email about a message of this customer since a moment, and have not answered it."""
    earlier = select(Notice.person_id).where(
        Notice.ticket_id == ticket_id,
        Notice.kind == "message-in",
        Notice.way == Way.NOW,
        Notice.letter_id.is_not(None),
        Notice.read_at.is_(None),
        Notice.at > since,
    )
    return set(session.scalars(earlier))


def ways_of_staff(session: Session) -> dict[int, dict[Concern, Way]]:
    """All active staff, with how they want to be notified about each concern."""
    ways = (getattr(Preference, concern) for concern in Concern)
    wanted = select(Person.id, *ways).outerjoin(Preference, Preference.person_id == Person.id)
    found = session.execute(wanted.where(Person.active).order_by(Person.id))
    return {id_: wishes(dict(zip(Concern, said, strict=True))) for id_, *said in found}


def owners(session: Session, ticket_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """The owners of each ticket, by its id and the number of the claim."""
    wanted = select(Claim.ticket_id, Claim.number, Claim.person_id).where(Claim.ticket_id.in_(ticket_ids))
    return {(row.ticket_id, row.number): row.person_id for row in session.execute(wanted)}


def watchers(session: Session, ticket_ids: Collection[int]) -> defaultdict[int, set[int]]:
    """The watchers of each ticket, by its id."""
    wanted = select(Watcher.ticket_id, Watcher.person_id).where(Watcher.ticket_id.in_(ticket_ids))
    found = defaultdict[int, set[int]](set)
    for row in session.execute(wanted):
        found[row.ticket_id].add(row.person_id)
    return found
