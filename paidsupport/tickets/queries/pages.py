"""Queries for a ticket's page, for staff and for the customer: a fixed number for each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Row, bindparam, case, exists, or_, select
from sqlalchemy.orm import DeclarativeBase, Session

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.parts import Keep, Loaded, Part, Record, any_with, hanging, keep_nothing
from paidsupport.kernel.db.rows import ReadOnly, replaced
from paidsupport.kernel.errors import existing
from paidsupport.kernel.staff.tables import STAFF_LIST, Person
from paidsupport.kernel.text import shorten
from paidsupport.kernel.ways.paying import told
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.tickets.checklist.wording import ITEMS
from paidsupport.tickets.conversation.tables import Annotation, File, Message
from paidsupport.tickets.deadlines.tables import DEADLINES
from paidsupport.tickets.decisions.rules import is_open
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails.rules import EmailKind, EmailState, is_unanswered
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.hooks import censored
from paidsupport.tickets.notices.tables import UNREAD_OF_TICKET, WATCHERS
from paidsupport.tickets.queries.tickets import family_ids
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import SEEN_FROM_THERE, Event, Link, Ticket, family
from paidsupport.tickets.tags.tables import TAGS
from paidsupport.tickets.turn import Turn, turn
from paidsupport.tickets.vault.tables import GIVEN, Given, given

M = TypeVar("M", bound=DeclarativeBase)

#: From this length on a message is long; and the length of the excerpt shown in its place.
_LONG, _BEGINNING = 500, 90
#: States of an email in which the customer may see its message: it has left, or may have. An email that is
#: still being sent, or failed, can be withdrawn, and then its message must never have been seen.
_ON_ITS_WAY = (EmailState.SENT, EmailState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message with the email that carried it, if it was one of ours, its files, and its decision."""

    message: Message
    email: Email | None
    files: list[File]
    #: The decision it asks the customer for, if any.
    decision: Decision | None = None
    #: The reference of the mail that it arrived in.
    mail: str | None = None

    @property
    def beginning(self) -> str:
        """The first words of a long message; empty if it is short."""
        text = self.message.body
        return shorten(" ".join(text.split()), _BEGINNING) if len(text) > _LONG else ""

    @property
    def as_said(self) -> tuple[str, str | None, str | None]:
        """Its direction, with the kind and state of the email that carried it."""
        email = self.email
        return self.message.direction, email.kind if email else None, email.state if email else None


@dataclass(frozen=True, slots=True)
class Linked:
    """A related ticket; `kind` says how the other one relates to it."""

    kind: str
    code: str
    summary: str
    workflow: str
    state: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A duplicate that was merged into the page's ticket, with its conversation and its other files."""

    ticket: Ticket
    thread: list[Spoken]
    files: list[File]


class DeskPage(Loaded[Ticket]):
    """All of a ticket that a member of staff sees; `PARTS` says what else is in it."""

    #: The viewer, and the moment.
    ctx: Context

    @property
    def ticket(self) -> Ticket:
        """The ticket itself, detached from any session."""
        return self.record

    @property
    def owner_name(self) -> str:
        """The name of its owner or, without one, of its last owner."""
        return self.flags["owner_name"] or ""

    @property
    def owner_payment(self) -> HowToPay:
        """How customers pay its owner."""
        return told(self.ctx, self.flags["owner_details"], self.flags["owner_payment"])

    @property
    def turn(self) -> Turn:
        """Whose turn it is, for the viewer."""
        ticket = self.ticket
        state = self.ctx.services.workflows[ticket.workflow].state(ticket.state)
        return turn(ticket, state, self.owner_name, self.ctx.by.id, undecided=bool(self.undecided))

    @cached_property
    def annotations(self) -> list[Annotation]:
        """Its annotations, newest first."""
        return _censored(self.ctx, self.notes, "body")

    @cached_property
    def files(self) -> list[File]:
        """Files that belong to no message: to the order, an annotation, or an item."""
        return _loose(self.ticket, self.all_files)

    @cached_property
    def thread(self) -> list[Spoken]:
        """Its messages."""
        return _thread(self.ticket, self.spoken)

    @cached_property
    def merged(self) -> list[Merged]:
        """Duplicates that were merged into it, oldest first."""
        spoken, files = self.spoken, self.all_files
        return [Merged(row, _thread(row, spoken), _loose(row, files)) for row in self.inside]

    @cached_property
    def emails(self) -> list[Email]:
        """The emails that carry messages of this thread."""
        return [spoken.email for spoken in self.thread if spoken.email]

    @cached_property
    def decisions(self) -> list[Decision]:
        """All decisions that the customer was asked for, oldest first."""
        return _decisions(self.thread)

    @cached_property
    def undecided(self) -> list[Decision]:
        """The decisions that the customer can still make, oldest first."""
        return [decision for decision in self.decisions if is_open(decision, self.ctx.now)]

    @property
    def last_answer(self) -> Decision | None:
        """The customer's newest decision, if no message was written since."""
        return _last_answer(self.thread)

    @property
    def unanswered(self) -> bool:
        """Whether the customer has written, and no email has answered since."""
        return _unanswered(self.ticket, self.spoken)


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """All of a ticket that its customer sees: it can hold no annotation."""

    ticket: Ticket
    owner_name: str
    #: How to pay its owner.
    owner_payment: HowToPay
    thread: list[Spoken]
    files: list[File]
    given: list[Given]
    #: Further orders of the customer that are dealt with here.
    merged: list[Merged]

    @property
    def has_report(self) -> bool:
        """Whether a closing report has left."""
        return any(spoken.email and spoken.email.kind == EmailKind.REPORT for spoken in self.thread)

    @property
    def decisions(self) -> list[Decision]:
        """The decisions that have reached the customer, oldest first."""
        return _decisions(self.thread)

    @property
    def last_answer(self) -> Decision | None:
        """The customer's newest decision, if no message was written since."""
        return _last_answer(self.thread)

    @property
    def unanswered(self) -> bool:
        """Whether the customer has written, and no email has answered since."""
        return _unanswered(self.ticket, [*self.thread, *(each for m in self.merged for each in m.thread)])


@dataclass(frozen=True, slots=True)
class SentEmail:
    """An email that has left, its ticket, and the files that went with it."""

    email: Email
    ticket: Ticket
    files: list[File]


def for_desk(ctx: Context, code: str, keep: Keep = keep_nothing) -> DeskPage:
    """A ticket as `ctx` sees it, with the tickets merged into it.

    Args:
        ctx: The viewer.
        code: The code of the ticket.
        keep: Caches what is the same for all staff.

    Raises:
        NotFoundError: There is no such ticket.
    """
    read = _by_code(ctx.services.capabilities.parts("ticket"))
    page = existing(read(ctx.session, {"code": code, "person": ctx.by.id}, keep))
    page.ctx = ctx
    return page


def for_customer(ctx: Context, ticket: Ticket) -> CustomerPage:
    """Five queries: our messages, the customer's messages, and the logins to the customer's server."""
    session = ctx.session
    found = _with_owners(ctx, family(ticket))
    ids = [row.id for row, *_ in found]
    wanted = select(File).where(File.ticket_id.in_(ids), File.audience == "customer").order_by(File.id)
    files = list(session.scalars(wanted))
    spoken = _spoken(session, ids, files)
    return CustomerPage(
        ticket,
        *next((name, payment) for row, name, payment in found if row.id == ticket.id),
        _thread(ticket, spoken),
        _loose(ticket, files),
        given(session, ticket),
        [Merged(row, _thread(row, spoken), _loose(row, files)) for row, *_ in found if row.id != ticket.id],
    )


def history(ctx: Context, ticket: Ticket) -> Sequence[Event]:
    """Every event of a ticket's history that `ctx` may see, oldest first."""
    lines = ctx.session.connection().execute(_HISTORY, {"record": ticket.id})
    return _censored(ctx, _EVENTS.rows(lines), "data")


def milestones(session: Session, ticket: Ticket, kinds: Collection[str]) -> list[Event]:
    """The events of these kinds in a ticket's history, oldest first."""
    wanted = select(Event).where(Event.ticket_id == ticket.id, Event.kind.in_(kinds))
    return list(session.scalars(wanted.order_by(Event.number)))


def receivers(session: Session, events: Sequence[Event]) -> dict[int, str]:
    """The names of colleagues that a ticket was handed over to in `events`; no query if there are none."""
    ids = {event.data["colleague"] for event in events if event.data.get("colleague")}
    if not ids:
        return {}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def file_for_customer(session: Session, ticket: Ticket, reference: str) -> File:
    """A file that the customer of `ticket` may download. Raises NotFoundError for all others.

    A file sent with an email that never left stays hidden, like the email.
    """
    theirs = File.ticket_id.in_(family_ids(ticket)), File.audience == "customer"
    seen = or_(Email.id.is_(None), Email.state.in_(_ON_ITS_WAY))
    wanted = select(File).outerjoin(Email, Email.message_id == File.message_id)
    return existing(session.scalar(wanted.where(File.reference == reference, *theirs, seen)))


def decision_for_customer(session: Session, ticket: Ticket, reference: str) -> Decision:
    """A decision that the customer of `ticket` was asked for, as it is now. Raises NotFoundError otherwise.

    A question whose email never left has not been asked.
    """
    # a merged ticket has no open questions, but the customer can still read the answers
    theirs = Decision.reference == reference, Decision.ticket_id.in_(family_ids(ticket))
    wanted = select(Decision).join(Email, Email.message_id == Decision.message_id)
    wanted = wanted.where(*theirs, Email.state.in_(_ON_ITS_WAY))
    return existing(session.scalar(wanted, execution_options={"populate_existing": True}))


def file_for_desk(session: Session, code: str, reference: str) -> File:
    """Any file of a ticket. Raises NotFoundError."""
    wanted = select(File).join(Ticket).where(File.reference == reference, Ticket.code == code)
    return existing(session.scalar(wanted))


def stuck_emails(session: Session) -> Sequence[tuple[Email, Ticket]]:
    """Emails that a person must decide about, each with its ticket, oldest first."""
    most = 200
    wanted = (
        select(Email, Ticket)
        .join(Ticket, Ticket.id == Email.ticket_id)
        .where(Email.state.in_((EmailState.UNCERTAIN, EmailState.FAILED)))
        .order_by(Email.id)
        .limit(most)
    )
    return [(email, ticket) for email, ticket in session.execute(wanted)]


def sent_emails(session: Session) -> list[SentEmail]:
    """The emails that left last, newest first, with everything their mail is built from: two queries."""
    most = 100
    wanted = (
        select(Email, Ticket)
        .join(Ticket, Ticket.id == Email.ticket_id)
        .where(Email.state == EmailState.SENT, Ticket.erased_at.is_(None))
        .order_by(Email.sent_at.desc(), Email.id.desc())
        .limit(most)
    )
    rows = session.execute(wanted).all()
    messages = [email.message_id for email, _ in rows if email.message_id]
    files = session.scalars(select(File).where(File.message_id.in_(messages)).order_by(File.id)).all()
    return [
        SentEmail(email, ticket, [file for file in files if file.message_id == email.message_id])
        for email, ticket in rows
    ]


def _censored(ctx: Context, rows: list[M], attribute: str) -> list[M]:
    """Rows that `ReadOnly` has read, with one of their attributes reduced to what `ctx` may see."""
    whole = [getattr(row, attribute) for row in rows]
    shown = censored(ctx, whole)
    if shown is whole:
        return rows
    return [replaced(row, **{attribute: value}) for row, value in zip(rows, shown, strict=True)]


def _with_owners(ctx: Context, which: ColumnElement[bool]) -> list[tuple[Ticket, str, HowToPay]]:
    """The tickets with the names of their owners and how to pay them, oldest first."""
    wanted = select(Ticket, Person.name, Person.pay_details, Person.payment)
    wanted = wanted.outerjoin(Person, Person.id == Ticket.owner_id)
    rows = ctx.session.execute(wanted.where(which).order_by(Ticket.id))
    return [(ticket, name or "", told(ctx, details, other)) for ticket, name, details, other in rows]


def _loose(ticket: Ticket, files: list[File]) -> list[File]:
    """The files of a ticket that belong to no message."""
    return [file for file in files if file.ticket_id == ticket.id and file.message_id is None]


def _thread(ticket: Ticket, spoken: list[Spoken]) -> list[Spoken]:
    """The messages of one ticket."""
    return [each for each in spoken if each.message.ticket_id == ticket.id]


def _spoken(session: Session, ids: list[int], files: list[File]) -> list[Spoken]:
    """Our messages, and the customer's."""
    seen = or_(Message.direction == "in", Email.state.in_(_ON_ITS_WAY))
    wanted = _SAID.where(Message.ticket_id.in_(ids), seen)
    return _together(session.connection().execute(wanted), files)


def _together(rows: Iterable[Row[Any]], files: list[File]) -> list[Spoken]:
    """Turn the rows of `_SAID` into messages with their files."""
    first, second = _MESSAGES.width, _MESSAGES.width + _LETTERS.width
    found = []
    for each in rows:
        mail, row = each[0], each[1:]
        message = _MESSAGES.row(row[:first])
        found.append(
            Spoken(
                message,
                _LETTERS.joined(row[first:second]),
                [file for file in files if file.message_id == message.id],
                _DECISIONS.joined(row[second:]),
                mail,
            )
        )
    return found


def _decisions(thread: list[Spoken]) -> list[Decision]:
    return [spoken.decision for spoken in thread if spoken.decision]


def _unanswered(ticket: Ticket, said: list[Spoken]) -> bool:
    """Like `correspondence.is_unanswered`, from what a page has read already."""
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


_TICKETS, _EVENTS, _MESSAGES = ReadOnly(Ticket), ReadOnly(Event), ReadOnly(Message)
#: The message has the text of its email, so that is not read twice.
_LETTERS = ReadOnly(Email, without=("body", "subject", "to_name", "to_address"))
_FILES, _DECISIONS = ReadOnly(File), ReadOnly(Decision)
_LINES = select(*_EVENTS.columns).where(Event.ticket_id == bindparam("record"))
_HISTORY = _LINES.order_by(Event.number)
_SAID = (
    select(RawMail.reference, *_MESSAGES.columns, *_LETTERS.columns, *_DECISIONS.columns)
    .select_from(Message)
    .outerjoin(Email, Email.message_id == Message.id)
    .outerjoin(Decision, Decision.message_id == Message.id)
    .outerjoin(RawMail, RawMail.message_id == Message.id)
    .order_by(Message.ticket_id, Message.number)
)
_INSIDE = select(*_TICKETS.columns).where(Ticket.merged_into_id == bindparam("record")).order_by(Ticket.id)
_INTO = select(*_TICKETS.columns).where(Ticket.id == bindparam("into"))
_TICKET: BindParameter[int] = bindparam("record")
_FAMILY = select(Ticket.id).where(or_(Ticket.id == _TICKET, Ticket.merged_into_id == _TICKET))
_KEPT = select(*_FILES.columns).order_by(File.id)
#: The messages of a ticket, and those of a ticket that others were merged into.
_SAID_ON = _SAID.where(Message.ticket_id == _TICKET), _SAID.where(Message.ticket_id.in_(_FAMILY))
_FILES_OF = _KEPT.where(File.ticket_id == _TICKET), _KEPT.where(File.ticket_id.in_(_FAMILY))
_DUPLICATE = Ticket.__table__.alias()
_MERGED = exists().where(_DUPLICATE.c.merged_into_id == Ticket.id).correlate(Ticket.__table__)
_OURS = Link.ticket_id == bindparam("record")
_LINKED = (
    select(Link.kind, _OURS.label("ours"), Ticket.code, Ticket.summary, Ticket.workflow, Ticket.state)
    .join(Ticket, Ticket.id == case((_OURS, Link.other_id), else_=Link.ticket_id))
    .where(or_(_OURS, Link.other_id == bindparam("record")))
    .order_by(Link.id)
)


def _links(page: Loaded[Ticket]) -> list[Linked]:
    return [
        Linked(
            row.kind if row.ours else SEEN_FROM_THERE.get(row.kind, row.kind),
            row.code,
            row.summary,
            row.workflow,
            row.state,
        )
        for row in page.ask(_LINKED)
    ]


#: What every page of a ticket consists of, besides what its sections declare.
PARTS: Sequence[Part[Any]] = (
    Part(
        "all_files",
        any_with(File.ticket_id),
        lambda page: _FILES.rows(page.ask(_FILES_OF[bool(page.flags["inside"])])),
        also="inside",
    ),
    Part(
        "spoken",
        Ticket.thread > 0,
        lambda page: _together(page.ask(_SAID_ON[bool(page.flags["inside"])]), page.all_files),
        also="inside",
    ),
    Part("inside", _MERGED, lambda page: _TICKETS.rows(page.ask(_INSIDE))),
    Part(
        "into",
        Ticket.merged_into_id.is_not(None),
        lambda page: _TICKETS.row(page.ask(_INTO, into=page.ticket.merged_into_id)[0]),
        lambda: None,
    ),
    Part(
        "links",
        any_with(Link.ticket_id) | any_with(Link.other_id),
        _links,
    ),
    hanging("notes", Annotation.ticket_id, order=(Annotation.id.desc(),)),
    STAFF_LIST,
    ITEMS,
    GIVEN,
    WATCHERS,
    UNREAD_OF_TICKET,
    TAGS,
    DEADLINES,
)


@cache
def _by_code(parts: tuple[Part[Any], ...]) -> Callable[..., DeskPage | None]:
    """The query for a ticket with everything in `parts`; each desk has its own."""
    record = Record(
        DeskPage,
        _TICKETS,
        Ticket.__table__.outerjoin(Person.__table__, Person.id == Ticket.owner_id),
        tuple(dict.fromkeys((*PARTS, *parts))),
        owner_name=Person.name,
        owner_details=Person.pay_details,
        owner_payment=Person.payment,
    )
    return record.where(Ticket.code == bindparam("code"))
