"""Queries for the pages of organisations: the list, and one record with its whole history (T8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, func, literal, null, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.issues.tables import Follower, Issue, visible
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.db.statements import Gathered
from paidsupport.kernel.errors import existing
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Part
from paidsupport.sales.invoices.tables import Invoice
from paidsupport.sales.organisations.rules import fold_name
from paidsupport.sales.organisations.tables import (
    Contact,
    Organisation,
    OrganisationChange,
    OrganisationTicket,
)
from paidsupport.tickets.conversation.tables import Annotation, Message
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

#: Organisations on one page of the list, entries on one page of a record, and tickets shown on a record.
PAGE, ENTRIES, TICKETS = 50, 30, 50
_CHANGES = 10
#: The kinds of entries in a record's timeline; the number orders entries of the same moment.
MESSAGE, LETTER, CALL, NOTE, ANSWER = range(5)

Key = tuple[datetime, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, call, note or decision on a ticket; which one, its `rank` says."""

    rank: int
    at: datetime
    code: str
    row: Any
    #: The email that carried a message of ours, and the decision it asks for.
    email: Email | None = None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Everything shown about one organisation."""

    organisation: Organisation
    holder: str
    #: The record that this one was merged into.
    into: Organisation | None
    contacts: list[Contact]
    tickets: list[Ticket]
    offers: list[Decision]
    issues: list[Issue]
    invoices: list[Invoice]
    changes: list[OrganisationChange]
    entries: list[Entry]
    #: The key of the last entry, if there are more.
    following: Key | None

    @property
    def leads(self) -> list[Ticket]:
        """Its open leads."""
        return [row for row in self.tickets if row.workflow == "sales" and row.part != Part.CLOSED]

    def code_of(self, ticket_id: int) -> str:
        """The code of one of its tickets."""
        return next((row.code for row in self.tickets if row.id == ticket_id), "")


def listed(
    session: Session, words: list[str], after: str = "", *, away: bool = False, most: int = PAGE
) -> tuple[Sequence[Row[Any]], str | None]:
    """Organisations by name with the numbers of their contacts and tickets, and where the next page begins.

    `words`: each must occur in its name, or in the name, address or number of one contact. `after`: the
    reference of the last one on the previous page. `most`: how many on one page. At most two queries.
    """
    people = select(func.count()).where(Contact.organisation_id == Organisation.id).scalar_subquery()
    theirs = select(func.count()).where(OrganisationTicket.organisation_id == Organisation.id)
    wanted = (
        select(
            Organisation,
            Person.name.label("holder"),
            people.label("people"),
            theirs.scalar_subquery().label("theirs"),
        )
        .outerjoin(Person, Person.id == Organisation.holder_id)
        .where(Organisation.archived_at.is_not(None) if away else Organisation.archived_at.is_(None))
        .order_by(Organisation.folded, Organisation.id)
        .limit(most + 1)
    )
    for word in words:
        speaks = exists().where(
            Contact.organisation_id == Organisation.id, Contact.words.contains(word, autoescape=True)
        )
        wanted = wanted.where(or_(Organisation.folded.contains(word, autoescape=True), speaks))
    if after:
        place = select(Organisation.folded, Organisation.id).where(Organisation.reference == after)
        last = existing(session.execute(place).one_or_none())
        wanted = wanted.where(tuple_(Organisation.folded, Organisation.id) > tuple_(last[0], last[1]))
    rows = session.execute(wanted).all()
    return rows[:most], rows[most - 1].Organisation.reference if len(rows) > most else None


def record(session: Session, reference: str, by: Actor, before: Key | None = None) -> RecordPage:
    """One organisation with everything about it. Raises NotFoundError.

    `before`: the key of the last entry that was shown; the timeline continues after it.
    """
    wanted = select(Organisation, Person.name).outerjoin(Person, Person.id == Organisation.holder_id)
    row = existing(session.execute(wanted.where(Organisation.reference == reference)).one_or_none())
    found: Organisation = row[0]
    keys = session.execute(_timeline(found.id, before)).all()
    rest = _rest(session, found, keys[:ENTRIES], by)
    theirs = rest.of(Ticket)
    codes = {each.id: each.code for each in theirs}
    more = len(keys) > ENTRIES
    last = keys[ENTRIES - 1] if more else None
    return RecordPage(
        found,
        row[1] or "",
        next(iter(rest.of(Organisation)), None),
        rest.of(Contact),
        theirs[:TICKETS],
        [each for each in rest.of(Decision) if each.kind == "offer" and each.answer != "withdrawn"],
        rest.of(Issue),
        rest.of(Invoice),
        rest.of(OrganisationChange),
        _entries(rest, keys[:ENTRIES], codes),
        (last.at, last.rank, last.id) if last else None,
    )


def _timeline(organisation_id: int, before: Key | None) -> Select[Any]:
    """The keys of all entries on the tickets of an organisation, newest first."""
    parts = (
        (MESSAGE, Message, Message.at, None),
        (LETTER, Email, Email.created_at, Email.message_id.is_(None) & (Email.audience == "customer")),
        (CALL, Intake, Intake.called_at, Intake.called_at.is_not(None)),
        (NOTE, Annotation, Annotation.at, None),
        (ANSWER, Decision, Decision.answered_at, Decision.answered_at.is_not(None)),
    )
    queries = [_part(organisation_id, before, *part) for part in parts]
    found = union_all(*queries).subquery()
    newest = (found.c.at.desc(), found.c.rank.desc(), found.c.id.desc())
    return (
        select(found.c.rank, found.c.id, found.c.at, found.c.ticket_id).order_by(*newest).limit(ENTRIES + 1)
    )


def _part(organisation_id: int, before: Key | None, rank: int, row: Any, at: Any, which: Any) -> Any:  # noqa: ANN401  # columns
    wanted = (
        select(
            literal(rank).label("rank"), row.id.label("id"), at.label("at"), row.ticket_id.label("ticket_id")
        )
        .join(OrganisationTicket, OrganisationTicket.ticket_id == row.ticket_id)
        .where(OrganisationTicket.organisation_id == organisation_id)
        .order_by(at.desc(), row.id.desc())
        .limit(ENTRIES + 1)
    )
    if which is not None:
        wanted = wanted.where(which)
    if before is not None:
        moment, place, id_ = literal(before[0], at.type), before[1], before[2]
        earlier = at < moment
        if rank < place:
            earlier = at <= moment
        elif rank == place:
            earlier = or_(at < moment, (at == moment) & (row.id < id_))
        wanted = wanted.where(earlier)
    rows = wanted.subquery()
    return select(rows.c.rank, rows.c.id, rows.c.at, rows.c.ticket_id)


def _rest(session: Session, found: Organisation, keys: Sequence[Row[Any]], by: Actor) -> Gathered:
    """Everything else about a record, and the rows of its timeline."""
    ids = {rank: [key.id for key in keys if key.rank == rank] for rank in range(5)}
    theirs = select(OrganisationTicket.ticket_id).where(OrganisationTicket.organisation_id == found.id)
    newest = theirs.order_by(OrganisationTicket.ticket_id.desc()).limit(TICKETS).subquery()
    shown = Ticket.id.in_(select(newest.c.ticket_id)) | Ticket.id.in_({key.ticket_id for key in keys})
    followed = select(Follower.issue_id).where(Follower.ticket_id.in_(theirs))
    of_messages = Email.message_id.in_(ids[MESSAGE])
    asked = Decision.ticket_id.in_(theirs) & (Decision.kind == "offer")
    offers = select(Decision.id).where(asked).order_by(Decision.id.desc()).limit(_CHANGES).subquery()
    decided = (
        Decision.id.in_(ids[ANSWER])
        | Decision.message_id.in_(ids[MESSAGE])
        | Decision.id.in_(select(offers.c.id))
    )
    return Gathered(
        session,
        select(Organisation).where(Organisation.id == found.merged_into_id, Organisation.id.is_not(null())),
        select(Contact).where(Contact.organisation_id == found.id).order_by(Contact.id),
        select(Ticket).where(shown).order_by(Ticket.id.desc()),
        select(OrganisationChange)
        .where(OrganisationChange.organisation_id == found.id)
        .order_by(OrganisationChange.id.desc())
        .limit(_CHANGES),
        select(Issue).where(Issue.id.in_(followed), visible(by)).order_by(Issue.id.desc()),
        select(Invoice).where(Invoice.ticket_id.in_(theirs)).order_by(Invoice.id.desc()).limit(TICKETS),
        select(Decision).where(decided).order_by(Decision.id.desc()),
        select(Message).where(Message.id.in_(ids[MESSAGE])),
        select(Email).where(Email.id.in_(ids[LETTER]) | of_messages),
        select(Intake).where(Intake.id.in_(ids[CALL])),
        select(Annotation).where(Annotation.id.in_(ids[NOTE])),
    )


def _entries(rest: Gathered, keys: Sequence[Row[Any]], codes: dict[int, str]) -> list[Entry]:
    tables: dict[int, list[Any]] = {
        MESSAGE: rest.of(Message),
        LETTER: rest.of(Email),
        CALL: rest.of(Intake),
        NOTE: rest.of(Annotation),
        ANSWER: rest.of(Decision),
    }
    rows = {(rank, row.id): row for rank, found in tables.items() for row in found}
    emails = {row.message_id: row for row in rest.of(Email)}
    decisions = {row.message_id: row for row in rest.of(Decision)}
    return [
        Entry(
            key.rank,
            key.at,
            codes.get(key.ticket_id, ""),
            rows[key.rank, key.id],
            emails.get(key.id) if key.rank == MESSAGE else None,
            decisions.get(key.id) if key.rank == MESSAGE else None,
        )
        for key in keys
    ]


def words_of(text: str) -> list[str]:
    """The words of a search, in the form in which names are compared."""
    return fold_name(text).split()[:8]
