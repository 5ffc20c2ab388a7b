"""The rows of a ticket's page, for the desk and for the customer: a fixed number of queries each."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.orm import Session

from paidsupport.domain.actors import Actor
from paidsupport.domain.letters import LetterKind, LetterState, is_unanswered
from paidsupport.domain.organisations import domain_of
from paidsupport.errors import NotFoundError
from paidsupport.store import tags
from paidsupport.store.bundle import Bundle
from paidsupport.store.conversation import Annotation, File, Message
from paidsupport.store.deadlines import NEVER, Deadline
from paidsupport.store.decisions import Decision
from paidsupport.store.gaps import Asked, Gap
from paidsupport.store.hostwork import Entry, Item
from paidsupport.store.inbox import RawMail
from paidsupport.store.issue_analysis import NEVER_LEFT
from paidsupport.store.issues import OVER, Follower, Issue, IssueReader
from paidsupport.store.notices import Notice, Watcher, unread
from paidsupport.store.organisations import Contact, Organisation, OrganisationTicket
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.requests import Intake
from paidsupport.store.sales import Blocker, Wish
from paidsupport.store.sight import NOBODY, events_for, notes_for
from paidsupport.store.tags import Tag
from paidsupport.store.tickets import SEEN_FROM_THERE, Event, Link, Ticket, family
from paidsupport.store.vault import Given, Look, Secret, given, with_looks

#: Lines of history on the ticket page; the rest is on a page of its own.
RECENT_EVENTS = 20
#: States of a letter in which the customer may see its message: it has left, or may have. One that is still
#: tried, or was refused, can be taken back, and must then never have been seen (design §5.4).
_NEIGHBOURS = 4
_ON_ITS_WAY = (LetterState.SENT, LetterState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message with the letter that carried it, if it was one of ours, its files, and what it asks."""

    message: Message
    letter: Letter | None
    files: list[File]
    #: What it asks the customer to decide, if it does.
    decision: Decision | None = None
    #: The name of the mail that it came in.
    mail: str | None = None

    @property
    def as_said(self) -> tuple[str, str | None, str | None]:
        """Its direction, with kind and state of the letter that carried it."""
        letter = self.letter
        return self.message.direction, letter.kind if letter else None, letter.state if letter else None


@dataclass(frozen=True, slots=True)
class Linked:
    """A ticket that belongs to another one; `kind` is how that other one stands to it."""

    kind: str
    code: str
    summary: str
    workflow: str
    state: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A duplicate that was merged into the ticket of a page, its conversation, and its other files."""

    ticket: Ticket
    thread: list[Spoken]
    files: list[File]


@dataclass(frozen=True, slots=True)
class Followed:
    """An issue that a ticket follows or followed; `reads`: whoever looks may see it even if it is private."""

    follower: Follower
    issue: Issue
    reads: bool

    def is_untold(self, gone: Container[int | None]) -> bool:
        """As `issue_analysis.untold`, in Python; `gone` are the messages whose letters have never left."""
        row, issue = self.follower, self.issue
        waits = row.ended_at is None and row.told_at is None and row.investigating_at is None
        written = row.investigating_id is not None and row.investigating_id not in gone
        return waits and not written and issue.timeline_at is not None and issue.state not in OVER


@dataclass(frozen=True, slots=True)
class DeskPage:
    """All of a ticket that a person of the desk sees."""

    ticket: Ticket
    owner_name: str
    thread: list[Spoken]
    annotations: Sequence[Annotation]
    events: Sequence[Event]
    #: Files that belong to no message: to the order, to an annotation, or to an item.
    files: list[File]
    items: list[Item]
    entries: list[Entry]
    #: The ways into the customer's host.
    given: list[Given]
    links: list[Linked]
    #: Its own tags, as they were put on, and those that any ticket got lately.
    tags: list[Tag]
    proposed: list[str]
    #: Duplicates that were merged into it, oldest first; the ticket that it was merged into itself.
    merged: list[Merged]
    into: Ticket | None
    #: Who works here: those who can be called in an annotation.
    people: list[Person]
    #: Who watches it.
    watchers: list[Watcher]
    #: What whoever looks has been told of it and has not read.
    unread: list[Notice]
    #: How it reached the desk, if not by the order form, and the name of whoever took the call.
    intake: Intake | None
    taken_by: str
    #: Those that run or stand still, the nearest first.
    deadlines: list[Deadline]
    #: The missing documentation that it counts towards, unless its issue is private.
    gaps: list[Gap]
    #: What is worked on for its customer elsewhere, in the order in which it began to follow.
    followed: list[Followed]
    #: Whose ticket it is, what says so, and those that an address of the same domain proposes.
    organisation: Organisation | None
    belongs: OrganisationTicket | None
    neighbours: list[Organisation]
    #: Contacts with the address that the ticket came from.
    contacts: list[Contact]
    #: What a lead asks for, and what stands in its way.
    wishes: list[Wish]
    blockers: list[Blocker]

    @property
    def following(self) -> list[Follower]:
        """The issues that it follows, and what its customer knows of each."""
        return [each.follower for each in self.followed]

    @property
    def untold(self) -> list[Followed]:
        """Those of them that have a timeline, and of which the customer does not know yet (T13)."""
        gone = {letter.message_id for letter in self.letters if letter.state in NEVER_LEFT}
        return [each for each in self.followed if each.is_untold(gone)]

    @property
    def letters(self) -> list[Letter]:
        """The letters that carry a message of this thread."""
        return [spoken.letter for spoken in self.thread if spoken.letter]

    @property
    def decisions(self) -> list[Decision]:
        """What the customer was asked to decide, oldest first."""
        return _decisions(self.thread)

    @property
    def last_answer(self) -> Decision | None:
        """The customer's newest answer, if nobody has written since."""
        return _last_answer(self.thread)

    @property
    def unanswered(self) -> bool:
        """Whether the customer has written, and no letter has answered since."""
        return _unanswered(self.ticket, [*self.thread, *(each for m in self.merged for each in m.thread)])


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """All of a ticket that its customer sees: no annotation can be in it."""

    ticket: Ticket
    owner_name: str
    thread: list[Spoken]
    files: list[File]
    given: list[Given]
    #: Further orders of theirs that are dealt with here.
    merged: list[Merged]

    @property
    def has_report(self) -> bool:
        """Whether a closing report has left."""
        return any(spoken.letter and spoken.letter.kind == LetterKind.REPORT for spoken in self.thread)

    @property
    def decisions(self) -> list[Decision]:
        """What they were asked to decide and have received, oldest first."""
        return _decisions(self.thread)

    @property
    def last_answer(self) -> Decision | None:
        """Their newest answer, if nobody has written since."""
        return _last_answer(self.thread)

    @property
    def unanswered(self) -> bool:
        """Whether they have written, and no letter has answered since."""
        return _unanswered(self.ticket, [*self.thread, *(each for m in self.merged for each in m.thread)])


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter that has left, its ticket, and the files that went with it."""

    letter: Letter
    ticket: Ticket
    files: list[File]


def for_desk(session: Session, code: str, by: Actor = NOBODY) -> DeskPage:
    """Four queries: the ticket, its thread, linked tickets, and all else that hangs on it.

    `by`: who looks. What was merged into it comes along. Raises NotFoundError.
    """
    named = select(Ticket.id).where(Ticket.code == code).scalar_subquery()
    above = select(Ticket.merged_into_id).where(Ticket.code == code).scalar_subquery()
    around = or_(Ticket.code == code, Ticket.merged_into_id == named, Ticket.id == above)
    found = _with_owners(session, around)
    ticket, owner_name = next(((row, name) for row, name in found if row.code == code), (None, ""))
    if ticket is None:
        raise NotFoundError
    inside = [row for row, _ in found if row.merged_into_id == ticket.id]
    ids = [ticket.id, *(row.id for row in inside)]
    newest = select(Event).where(Event.ticket_id == ticket.id).order_by(Event.number.desc())
    rest = Bundle(
        session,
        select(Annotation).where(Annotation.ticket_id == ticket.id).order_by(Annotation.id.desc()),
        newest.limit(RECENT_EVENTS),
        select(File).where(File.ticket_id.in_(ids)).order_by(File.id),
        select(Item).where(Item.ticket_id == ticket.id).order_by(Item.position, Item.id),
        select(Entry).where(Entry.ticket_id == ticket.id).order_by(Entry.started_at, Entry.id),
        select(Secret).where(Secret.ticket_id == ticket.id).order_by(Secret.id),
        select(Look).where(Look.ticket_id == ticket.id).order_by(Look.id),
        _people(ticket),
        select(Watcher).where(Watcher.ticket_id == ticket.id).order_by(Watcher.id),
        unread(ticket.id, by.id),
        select(Intake).where(Intake.ticket_id == ticket.id),
        select(Tag).where((Tag.ticket_id == ticket.id) | tags.newest()).order_by(Tag.id),
        select(Deadline).where(Deadline.ticket_id == ticket.id, Deadline.done_at.is_(None)),
        select(Gap).where(
            Gap.id.in_(select(Asked.gap_id).where(Asked.ticket_id == ticket.id)),
            Gap.issue_id.in_(select(Issue.id).where(~Issue.private)),
        ),
        *_followed(ticket, by.id),
        _organisations(ticket),
        select(OrganisationTicket).where(OrganisationTicket.ticket_id == ticket.id),
        _contacts(ticket),
        select(Wish).where(Wish.ticket_id == ticket.id).order_by(Wish.id),
        select(Blocker).where(Blocker.ticket_id == ticket.id).order_by(Blocker.id),
    )
    files = rest.of(File)
    spoken = _spoken(session, ids, files, everything=True)
    intake = next(iter(rest.of(Intake)), None)
    belongs = next(iter(rest.of(OrganisationTicket)), None)
    theirs = {row.id: row for row in rest.of(Organisation)}
    return DeskPage(
        ticket,
        owner_name,
        _thread(ticket, spoken),
        notes_for(session, by, rest.of(Annotation)),
        events_for(session, by, rest.of(Event)),
        _loose(ticket, files),
        rest.of(Item),
        rest.of(Entry),
        with_looks(rest.of(Secret), rest.of(Look)),
        _links(session, ticket),
        [tag for tag in rest.of(Tag) if tag.ticket_id == ticket.id],
        tags.distinct(tag.name for tag in rest.of(Tag)),
        [Merged(row, _thread(row, spoken), _loose(row, files)) for row in inside],
        next((row for row, _ in found if row.id == ticket.merged_into_id), None),
        [person for person in rest.of(Person) if person.active],
        rest.of(Watcher),
        rest.of(Notice),
        intake,
        next((person.name for person in rest.of(Person) if intake and person.id == intake.taken_by_id), ""),
        sorted(rest.of(Deadline), key=lambda row: (row.due_at or NEVER, row.kind)),
        sorted(rest.of(Gap), key=lambda row: row.id),
        _follows(rest),
        theirs.get(belongs.organisation_id) if belongs else None,
        belongs,
        [row for row in theirs.values() if not belongs or row.id != belongs.organisation_id],
        rest.of(Contact),
        rest.of(Wish),
        rest.of(Blocker),
    )


def for_customer(session: Session, ticket: Ticket) -> CustomerPage:
    """Five queries: what has left the desk, what came in, and the ways into the customer's host."""
    found = _with_owners(session, family(ticket))
    ids = [row.id for row, _ in found]
    wanted = select(File).where(File.ticket_id.in_(ids), File.audience == "customer").order_by(File.id)
    files = list(session.scalars(wanted))
    spoken = _spoken(session, ids, files, everything=False)
    return CustomerPage(
        ticket,
        next(name for row, name in found if row.id == ticket.id),
        _thread(ticket, spoken),
        _loose(ticket, files),
        given(session, ticket),
        [Merged(row, _thread(row, spoken), _loose(row, files)) for row, _ in found if row.id != ticket.id],
    )


def history(session: Session, ticket: Ticket, by: Actor = NOBODY) -> Sequence[Event]:
    """Every line of a ticket's history as `by` may see it, oldest first."""
    lines = select(Event).where(Event.ticket_id == ticket.id).order_by(Event.number)
    return events_for(session, by, session.scalars(lines))


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
            File.ticket_id.in_(select(Ticket.id).where(family(ticket))),
            File.audience == "customer",
            or_(Letter.id.is_(None), Letter.state.in_(_ON_ITS_WAY)),
        )
    )
    if found is None:
        raise NotFoundError
    return found


def decision_for_customer(session: Session, ticket: Ticket, reference: str) -> Decision:
    """What the customer of `ticket` was asked, as it is now. Raises NotFoundError for all others.

    A question whose letter never left has not been asked.
    """
    found = session.scalar(
        select(Decision)
        .join(Letter, Letter.message_id == Decision.message_id)
        .where(
            Decision.reference == reference,
            # nothing waits for an answer on a ticket that was merged, but what became of it can be read
            Decision.ticket_id.in_(select(Ticket.id).where(family(ticket))),
            Letter.state.in_(_ON_ITS_WAY),
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError
    return found


def wish(session: Session, ticket: Ticket, number: int) -> Message:
    """The message of the customer with this number. Raises NotFoundError."""
    wanted = select(Message).where(
        Message.ticket_id == ticket.id, Message.number == number, Message.direction == "in"
    )
    # a number that no thread reaches may be one that no database takes
    found = session.scalar(wanted) if 0 < number <= ticket.thread else None
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


def _with_owners(session: Session, which: ColumnElement[bool]) -> list[tuple[Ticket, str]]:
    """The tickets and the names of their owners, oldest first."""
    wanted = select(Ticket, Person.name).outerjoin(Person, Person.id == Ticket.owner_id)
    rows = session.execute(wanted.where(which).order_by(Ticket.id))
    return [(ticket, name or "") for ticket, name in rows]


def _people(ticket: Ticket) -> Select[Person]:
    """Who works here, and whoever took the call that the ticket came by."""
    took = select(Intake.taken_by_id).where(Intake.ticket_id == ticket.id)
    return select(Person).where(or_(Person.active, Person.id.in_(took))).order_by(Person.name, Person.id)


def _followed(ticket: Ticket, person_id: int | None) -> list[Select[Any]]:
    """How it follows issues, these, and whether somebody may read them if they are private."""
    ids = select(Follower.issue_id).where(Follower.ticket_id == ticket.id)
    reads = IssueReader.issue_id.in_(ids), IssueReader.person_id == person_id
    return [
        select(Follower).where(Follower.ticket_id == ticket.id).order_by(Follower.id),
        select(Issue).where(Issue.id.in_(ids)),
        select(IssueReader).where(*reads),
    ]


def _follows(rest: Bundle) -> list[Followed]:
    found = {issue.id: issue for issue in rest.of(Issue)}
    read = {reader.issue_id for reader in rest.of(IssueReader)}
    return [Followed(row, found[row.issue_id], row.issue_id in read) for row in rest.of(Follower)]


def _organisations(ticket: Ticket) -> Select[Organisation]:
    """Whose ticket it is, and who has contacts with an address of the same domain: those are proposed."""
    belongs = select(OrganisationTicket.organisation_id).where(OrganisationTicket.ticket_id == ticket.id)
    domain = domain_of(ticket.customer_address)
    near = select(Contact.organisation_id).where(Contact.domain == domain, Contact.domain != "")
    alive = Organisation.archived_at.is_(None) & Organisation.id.in_(near)
    wanted = select(Organisation).where(Organisation.id.in_(belongs) | alive)
    # its own comes first: however many neighbours there are, it is among them
    own_first = Organisation.id.in_(belongs).desc(), Organisation.folded
    return wanted.order_by(*own_first).limit(_NEIGHBOURS + 1)


def _contacts(ticket: Ticket) -> Select[Contact]:
    same = Contact.folded == ticket.customer_address
    return select(Contact).where(same, Contact.folded != "").order_by(Contact.id).limit(_NEIGHBOURS)


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


def _loose(ticket: Ticket, files: list[File]) -> list[File]:
    """The files of a ticket that belong to no message."""
    return [file for file in files if file.ticket_id == ticket.id and file.message_id is None]


def _thread(ticket: Ticket, spoken: list[Spoken]) -> list[Spoken]:
    """What was said on one ticket."""
    return [each for each in spoken if each.message.ticket_id == ticket.id]


def _spoken(session: Session, ids: list[int], files: list[File], *, everything: bool) -> list[Spoken]:
    wanted = (
        select(Message, Letter, Decision, RawMail.reference)
        .outerjoin(Letter, Letter.message_id == Message.id)
        .outerjoin(Decision, Decision.message_id == Message.id)
        .outerjoin(RawMail, RawMail.message_id == Message.id)
        .where(Message.ticket_id.in_(ids))
        .order_by(Message.ticket_id, Message.number)
    )
    if not everything:
        wanted = wanted.where(or_(Message.direction == "in", Letter.state.in_(_ON_ITS_WAY)))
    return [
        Spoken(message, letter, [file for file in files if file.message_id == message.id], decision, mail)
        for message, letter, decision, mail in session.execute(wanted)
    ]


def _decisions(thread: list[Spoken]) -> list[Decision]:
    return [spoken.decision for spoken in thread if spoken.decision]


def _unanswered(ticket: Ticket, said: list[Spoken]) -> bool:
    """As `desk.correspondence.is_unanswered`, of what a page has read already."""
    newest_first = sorted(said, key=lambda each: each.message.id, reverse=True)
    return ticket.awaits == "desk" and is_unanswered(each.as_said for each in newest_first)


def _last_answer(thread: list[Spoken]) -> Decision | None:
    given = [
        (row.answered_at, row.number, row)
        for row in _decisions(thread)
        if row.answered_at and row.answer in {"approved", "declined"}
    ]
    if not given or thread[-1].message.direction == "in" or max(given)[0] < thread[-1].message.at:
        return None
    return max(given)[2]
