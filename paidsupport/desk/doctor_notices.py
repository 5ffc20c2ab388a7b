"""What the doctor holds notices against (P8)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from paidsupport.desk.invariants import invariant
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterKind
from paidsupport.store import notices as rows
from paidsupport.store.notices import Notice, Progress
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Event, Ticket


@invariant("notices fit")
def notices_fit(visit: Visit) -> Iterator[str]:
    """Each tells somebody else than who did it, and by a letter about it, if by one."""
    line = and_(Event.ticket_id == Notice.ticket_id, Event.number == Notice.number)
    own = select(Ticket.code).join(Notice, Notice.ticket_id == Ticket.id).join(Event, line)
    for code in visit.session.scalars(
        own.where(Event.actor_kind == "person", Event.actor_id == Notice.person_id)
    ):
        yield f"{code}: somebody was told of their own deed"
    strange = (
        select(Ticket.code)
        .join(Notice, Notice.ticket_id == Ticket.id)
        .join(Letter, Letter.id == Notice.letter_id)
        .where(
            or_(
                Letter.kind.not_in((LetterKind.NOTICE, LetterKind.DIGEST)),
                and_(Letter.kind == LetterKind.NOTICE, Letter.ticket_id != Notice.ticket_id),
                Notice.way == "page",
            )
        )
    )
    for code in visit.session.scalars(strange):
        yield f"{code}: a notice was told by a letter about something else"


@invariant("a notice letter is for one person")
def letters_tell_one_person(visit: Visit) -> Iterator[str]:
    """No letter tells of the notices of two people."""
    several = (
        select(Letter.reference)
        .join(Notice, Notice.letter_id == Letter.id)
        .group_by(Letter.reference)
        .having(func.count(Notice.person_id.distinct()) > 1)
    )
    for reference in visit.session.scalars(several):
        yield f"letter {reference}: it tells two people of what concerns each of them"


@invariant("histories are read on for notices")
def histories_are_read_on(visit: Visit) -> Iterator[str]:
    """It is known, once, up to where notices were made, and that is not beyond the last event."""
    read = visit.session.scalars(select(Progress)).all()
    if len(read) != 1:
        yield f"how far histories were read for notices is known {len(read)} times, and not once"
    elif read[0].last_event > rows.newest_event(visit.session):
        yield "histories were read for notices further than they go: what is new is told to nobody"
