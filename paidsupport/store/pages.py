"""The rows of a ticket's page, for the desk and for the customer: a fixed number of queries each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from paidsupport.domain.letters import LetterState
from paidsupport.errors import NotFoundError
from paidsupport.store.conversation import Annotation, File, Message
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import SEEN_FROM_THERE, Event, Link, Ticket

#: Lines of history on the ticket page; the rest is on a page of its own.
RECENT_EVENTS = 20
#: States of a letter in which the customer may see its message: it has left, or may have. One that is still
#: tried, or was refused, can be taken back, and must then never have been seen (design §5.4).
_ON_ITS_WAY = (LetterState.SENT, LetterState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message with the letter that carried it, if it was one of ours, and its files."""

    message: Message
    letter: Letter | None
    files: list[File]


@dataclass(frozen=True, slots=True)
class Linked:
    """A ticket that belongs to another one; `kind` is how that other one stands to it."""

    kind: str
    code: str
    summary: str
    workflow: str
    state: str


@dataclass(frozen=True, slots=True)
class DeskPage:
    """All of a ticket that a person of the desk sees."""

    ticket: Ticket
    owner_name: str
    thread: list[Spoken]
    annotations: Sequence[Annotation]
    events: Sequence[Event]
    files: list[File]
    links: list[Linked]

    @property
    def letters(self) -> list[Letter]:
        """The letters that carry a message of this thread."""
        return [spoken.letter for spoken in self.thread if spoken.letter]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """All of a ticket that its customer sees: no annotation can be in it."""

    ticket: Ticket
    owner_name: str
    thread: list[Spoken]
    files: list[File]


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter that has left, its ticket, and the files that went with it."""

    letter: Letter
    ticket: Ticket
    files: list[File]


def for_desk(session: Session, code: str) -> DeskPage:
    """Six queries. Raises NotFoundError."""
    ticket, owner_name = _ticket(session, code)
    annotations = session.scalars(
        select(Annotation).where(Annotation.ticket_id == ticket.id).order_by(Annotation.id.desc())
    ).all()
    events = session.scalars(
        select(Event).where(Event.ticket_id == ticket.id).order_by(Event.number.desc()).limit(RECENT_EVENTS)
    ).all()
    files = list(session.scalars(select(File).where(File.ticket_id == ticket.id).order_by(File.id)))
    thread = _thread(session, ticket, files, everything=True)
    loose = [file for file in files if file.message_id is None]
    return DeskPage(ticket, owner_name, thread, annotations, events, loose, _links(session, ticket))


def for_customer(session: Session, ticket: Ticket) -> CustomerPage:
    """Three queries: what has left the desk, and what came in."""
    owner = select(Person.name).where(Person.id == ticket.owner_id)
    owner_name = session.scalar(owner) if ticket.owner_id else None
    wanted = select(File).where(File.ticket_id == ticket.id, File.audience == "customer").order_by(File.id)
    files = list(session.scalars(wanted))
    thread = _thread(session, ticket, files, everything=False)
    return CustomerPage(ticket, owner_name or "", thread, [f for f in files if f.message_id is None])


def history(session: Session, ticket: Ticket) -> Sequence[Event]:
    """Every line of a ticket's history, oldest first."""
    return session.scalars(select(Event).where(Event.ticket_id == ticket.id).order_by(Event.number)).all()


def receivers(session: Session, events: Sequence[Event]) -> dict[int, str]:
    """The names of the colleagues that a ticket was passed to in `events`; no query if to none."""
    ids = {event.data["colleague"] for event in events if event.data.get("colleague")}
    if not ids:
        return {}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def file_for_customer(session: Session, ticket: Ticket, reference: str) -> File:
    """A file the customer of `ticket` may have. Raises NotFoundError for all others.

    What was sent with a letter that never left is as unseen as the letter.
    """
    found = session.scalar(
        select(File)
        .outerjoin(Letter, Letter.message_id == File.message_id)
        .where(
            File.reference == reference,
            File.ticket_id == ticket.id,
            File.audience == "customer",
            or_(Letter.id.is_(None), Letter.state.in_(_ON_ITS_WAY)),
        )
    )
    if found is None:
        raise NotFoundError
    return found


def file_for_desk(session: Session, code: str, reference: str) -> File:
    """Any file of a ticket. Raises NotFoundError."""
    wanted = select(File).join(Ticket).where(File.reference == reference, Ticket.code == code)
    found = session.scalar(wanted)
    if found is None:
        raise NotFoundError
    return found


def stuck_letters(session: Session) -> Sequence[tuple[Letter, Ticket]]:
    """Letters that only a person can decide about, each with its ticket, oldest first."""
    most = 200
    wanted = (
        select(Letter, Ticket)
        .join(Ticket, Ticket.id == Letter.ticket_id)
        .where(Letter.state.in_((LetterState.UNCERTAIN, LetterState.FAILED)))
        .order_by(Letter.id)
        .limit(most)
    )
    return [(letter, ticket) for letter, ticket in session.execute(wanted)]


def sent_letters(session: Session) -> list[SentLetter]:
    """The newest letters that have left, newest first, with what their mail is made of: two queries."""
    most = 100
    wanted = (
        select(Letter, Ticket)
        .join(Ticket, Ticket.id == Letter.ticket_id)
        .where(Letter.state == LetterState.SENT, Ticket.erased_at.is_(None))
        .order_by(Letter.sent_at.desc(), Letter.id.desc())
        .limit(most)
    )
    rows = session.execute(wanted).all()
    messages = [letter.message_id for letter, _ in rows if letter.message_id]
    files = session.scalars(select(File).where(File.message_id.in_(messages)).order_by(File.id)).all()
    return [
        SentLetter(letter, ticket, [file for file in files if file.message_id == letter.message_id])
        for letter, ticket in rows
    ]


def _ticket(session: Session, code: str) -> tuple[Ticket, str]:
    wanted = select(Ticket, Person.name).outerjoin(Person, Person.id == Ticket.owner_id)
    row = session.execute(wanted.where(Ticket.code == code)).one_or_none()
    if row is None:
        raise NotFoundError
    return row[0], row[1] or ""


def _links(session: Session, ticket: Ticket) -> list[Linked]:
    ours = Link.ticket_id == ticket.id
    other = case((ours, Link.other_id), else_=Link.ticket_id)
    wanted = (
        select(Link.kind, ours.label("ours"), Ticket.code, Ticket.summary, Ticket.workflow, Ticket.state)
        .join(Ticket, Ticket.id == other)
        .where(or_(ours, Link.other_id == ticket.id))
        .order_by(Link.id)
    )
    return [
        Linked(
            row.kind if row.ours else SEEN_FROM_THERE.get(row.kind, row.kind),
            row.code,
            row.summary,
            row.workflow,
            row.state,
        )
        for row in session.execute(wanted)
    ]


def _thread(session: Session, ticket: Ticket, files: list[File], *, everything: bool) -> list[Spoken]:
    wanted = (
        select(Message, Letter)
        .outerjoin(Letter, Letter.message_id == Message.id)
        .where(Message.ticket_id == ticket.id)
        .order_by(Message.number)
    )
    if not everything:
        wanted = wanted.where(or_(Message.direction == "in", Letter.state.in_(_ON_ITS_WAY)))
    return [
        Spoken(message, letter, [file for file in files if file.message_id == message.id])
        for message, letter in session.execute(wanted)
    ]
