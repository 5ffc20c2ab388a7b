"""The one statement that an open page of a ticket runs every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.presence.tables import Presence
from paidsupport.tickets.tables import Ticket


@dataclass(frozen=True, slots=True)
class Beat:
    """The facts about a ticket that decide whether an open page is out of date."""

    events: int
    #: Colleagues who have it open, by name, each with whether they are writing.
    others: tuple[tuple[str, bool], ...]

    @property
    def stamp(self) -> str:
        """A short text that changes with any of these facts."""
        return stamp(self.events) + ",".join(
            f"{name}{'+' if writing else ''}" for name, writing in self.others
        )


def stamp(events: int) -> str:
    """The `Beat.stamp` of a page that does not know of any colleagues yet."""
    return f"{events}:"


_HERE = and_(
    Presence.ticket_id == Ticket.id,
    Presence.person_id != bindparam("me"),
    Presence.seen_at > bindparam("since", type_=Presence.seen_at.type),
)
_BEAT = (
    select(Ticket.event_count, Person.name, Presence.writing)
    .outerjoin(Presence, _HERE)
    .outerjoin(Person, Person.id == Presence.person_id)
    .where(Ticket.code == bindparam("code"))
    .order_by(Person.name)
)


def beat(session: Session, code: str, me: int, since: datetime) -> Beat:
    """Read the facts about a ticket for this person, who has its page open. Raises NotFoundError.

    `since`: colleagues who were last seen before this moment have left.
    """
    rows = session.connection().execute(_BEAT, {"code": code, "me": me, "since": since}).all()
    if not rows:
        raise NotFoundError
    others = tuple((row.name, bool(row.writing)) for row in rows if row.name is not None)
    return Beat(rows[0].event_count, others)
