"""The queue: rows by keyset pages, the frame around them, and the revision for polling (G3, G5, P6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    String,
    and_,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from paidsupport.catalogue.tables import Service, ServiceVersion
from paidsupport.kernel.counts import COUNT_LIMIT
from paidsupport.kernel.db.base import UTCDateTime
from paidsupport.kernel.db.prepared import fetch_one
from paidsupport.kernel.db.search import among, newest_hits
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Part, Workflow
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails.tables import STUCK, Email
from paidsupport.tickets.notices.tables import UNREAD_COUNT
from paidsupport.tickets.queries.last_word import with_last_word
from paidsupport.tickets.standing import Standing
from paidsupport.tickets.tables import REOPENING, Ticket
from paidsupport.tickets.tags.rules import fold_tag
from paidsupport.tickets.tags.tables import Tag, distinct, newest
from paidsupport.tickets.turn import Turns, Whose

#: Tickets on one page of the queue.
PAGE = 40
#: For the tickets that a search found, this many of the newest messages are searched for an excerpt.
_MOST_TEXTS = 200
#: The most tickets in one person's list.
OWNED = 200
#: A search looks through this many of the newest tickets it finds.
HITS = 1000
#: This many of the newest event ids are added up in the revision, so that an event which commits late changes
#: it.
_PULSE_WINDOW = 100

#: Only tickets in these parts have deadlines.
_UNENDED = (Part.UNASSIGNED, Part.PENDING)
#: What the queue can be sorted by; anything else is refused.
SORTS = {
    "submitted": Ticket.submitted_at,
    "changed": Ticket.changed_at,
    "price": Ticket.price_minor,
    "due": Ticket.due_at,
    "priority": Ticket.priority,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets to show; empty fields do not filter. `after` is the key of the row before the page."""

    part: Part | None = Part.UNASSIGNED
    service: str = ""
    workflow: str = ""
    owner: int | None = None
    submitted_before: datetime | None = None
    reopening: bool = False
    tag: str = ""
    #: Only tickets that were due before this moment, in every part that has deadlines.
    due_before: datetime | None = None
    turn: Whose | None = None
    priority: int | None = None
    payment: Standing | None = None
    #: Set if the filter is about whose turn it is.
    turns: Turns | None = None
    words: Sequence[str] = ()
    sort: str = "submitted"
    descending: bool = False
    after: tuple[Any, int] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows; `following` is the key for the next page, None on the last one."""

    rows: Sequence[Row[Any]]
    following: tuple[Any, int] | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the rows: counts (at most COUNT_LIMIT + 1), and the choices for filters."""

    counts: dict[str, int]
    reopening: int
    overdue: int
    #: Emails that a person must decide about.
    stuck: int
    #: Requests that are not triaged yet.
    triage: int
    services: list[tuple[str, str]]
    people: list[tuple[int, str]]
    #: Recently used tags.
    tags: list[str]


#: Whether the customer has a decision open at `now`, in the sense of `is_open`.
_UNDECIDED = (
    exists()
    .where(
        Decision.ticket_id == Ticket.id,
        Decision.answer == "",
        or_(Decision.valid_until.is_(None), Decision.valid_until > bindparam("now", type_=UTCDateTime)),
    )
    .correlate(Ticket)
)
_COLUMNS = (
    Ticket.id,
    Ticket.code,
    Ticket.service_name,
    Ticket.summary,
    Ticket.customer_name,
    Ticket.state,
    Ticket.part,
    Ticket.price_minor,
    Ticket.currency,
    Ticket.payee,
    Ticket.paid_minor,
    Ticket.refunded_minor,
    Ticket.payment_mark,
    Ticket.priority,
    Ticket.workflow,
    Ticket.awaits,
    Ticket.thread,
    Ticket.version,
    Ticket.submitted_at,
    Ticket.changed_at,
    Ticket.lease_until,
    Ticket.due_at,
    Ticket.due_kind,
    Ticket.near_at,
    Ticket.owner_id,
    Person.name.label("owner_name"),
    # tag names have no commas
    select(func.aggregate_strings(Tag.name, ","))
    .where(Tag.ticket_id == Ticket.id)
    .correlate(Ticket)
    .scalar_subquery()
    .label("tags"),
    # the decisions of most rows need not be read, because those rows wait for staff
    and_(Ticket.awaits == "customer", _UNDECIDED).label("undecided"),
)
_BASE = with_last_word(select(*_COLUMNS).outerjoin(Person, Person.id == Ticket.owner_id))


def page(session: Session, wanted: Wanted, now: datetime, most: int | None = None) -> Page:
    """The rows of one page, at most `most`: one query, and one or two more for a search."""
    most = most or PAGE
    query = _filtered(_BASE, wanted)
    if wanted.words:
        query = query.where(among(session, Ticket.id, newest_hits(session, list(wanted.words), HITS)))
    column = SORTS[wanted.sort]
    if wanted.after is not None:
        # compared as a pair, like the index: ties cost nothing
        key, before = tuple_(column, Ticket.id), tuple_(*_literals(column, wanted.after))
        query = query.where(key < before if wanted.descending else key > before)
    order = (column.desc(), Ticket.id.desc()) if wanted.descending else (column, Ticket.id)
    rows = session.execute(query.order_by(*order).limit(most + 1), {"now": now}).all()
    if len(rows) <= most:
        return Page(rows, None)
    last = rows[most - 1]
    return Page(rows[:most], (getattr(last, column.key), last.id))


def found(session: Session, wanted: Sequence[str], most: int, now: datetime) -> Sequence[Row[Any]]:
    """At most `most` of the newest tickets that contain all these words: two queries."""
    if not (ids := newest_hits(session, list(wanted), most) if wanted else []):
        return ()
    return session.execute(_BASE.where(Ticket.id.in_(ids)).order_by(Ticket.id.desc()), {"now": now}).all()


def texts_of(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """The latest messages of these tickets, newest first, with credentials masked."""
    body = func.coalesce(Message.shown, Message.raw).label("body")
    newest = select(Message.ticket_id, body).where(Message.ticket_id.in_(ids))
    texts = defaultdict[int, list[str]](list)
    for row in session.execute(newest.order_by(Message.id.desc()).limit(_MOST_TEXTS)) if ids else ():
        texts[row.ticket_id].append(row.body)
    return texts


def frame(session: Session, now: datetime, workflows: Iterable[Workflow]) -> Frame:
    """Everything around the rows in one query; `workflows` are those of this desk."""
    sorted_first = tuple(flow.name for flow in workflows if flow.sorted_first)
    rows = session.execute(_frame(sorted_first), {"now": now}).all()
    by_kind: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    return Frame(
        counts={row.name: row.number for row in by_kind["part"]},
        reopening=by_kind["reopening"][0].number,
        overdue=by_kind["overdue"][0].number,
        stuck=by_kind["stuck"][0].number,
        triage=by_kind["triage"][0].number,
        services=[(row.name, row.label) for row in by_kind["service"]],
        people=sorted(((row.number, row.label) for row in by_kind["person"]), key=lambda pair: pair[1]),
        tags=distinct(row.label for row in by_kind["tag"]),
    )


def owned(session: Session, person_id: int, now: datetime) -> Sequence[Row[Any]]:
    """The tickets that a person owns, at most OWNED: one query."""
    held = Ticket.owner_id == person_id, Ticket.part == Part.PENDING
    rows = _BASE.where(*held).order_by(Ticket.submitted_at, Ticket.id).limit(OWNED)
    return session.execute(rows, {"now": now}).all()


def counts(session: Session, wanted: Sequence[Wanted], now: datetime) -> list[int]:
    """The number of tickets in each list, at most COUNT_LIMIT + 1; the lists must not search for words."""
    if not wanted:
        return []
    some = [_filtered(select(Ticket.id), each).limit(COUNT_LIMIT + 1).subquery() for each in wanted]
    numbers = [select(func.count()).select_from(each).scalar_subquery() for each in some]
    columns = [number.label(f"number_{at}") for at, number in enumerate(numbers)]
    return list(session.execute(select(*columns), {"now": now}).one())


def revision(connection: Connection, person_id: int) -> str | None:
    """A short text that changes with every event; None if `person_id` is not, or no longer, active staff.

    The highest event id alone would miss an event with a lower id that commits later, so the newest ids are
    added up as well. One query on primary keys.
    """
    row = beat(connection, person_id)
    return row.revision if row else None


def beat(connection: Connection, person_id: int) -> Any | None:  # noqa: ANN401  # a row
    """The `revision`, and the number of this person's unread notices (`unread`); None as for `revision`."""
    return fetch_one(connection, _BY_ID, {"id": person_id})


def watcher(connection: Connection, host_user_id: str) -> Any | None:  # noqa: ANN401  # a row
    """The active member of staff for a user of the host app, like `present.by_host_user`, with `revision`."""
    return fetch_one(connection, _BY_HOST_USER, {"host_user_id": host_user_id})


def _filtered(query: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    if wanted.reopening:
        return query.where(sql(REOPENING))
    if wanted.part is not None:
        query = query.where(Ticket.part == wanted.part)
    if wanted.due_before is not None:
        query = query.where(Ticket.part.in_(_UNENDED), Ticket.due_at < wanted.due_before)
    if wanted.turn is not None and wanted.turns is not None:
        query = query.where(*_turns(wanted.turn, wanted.turns))
    if wanted.payment is not None:
        query = query.where(*_payments(wanted.payment))
    return query.where(*_conditions(wanted))


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """The condition of each filter on one column."""
    if wanted.service:
        yield Ticket.service_id == select(Service.id).where(Service.slug == wanted.service).scalar_subquery()
    if wanted.workflow:
        yield Ticket.workflow == wanted.workflow
    if wanted.tag:
        yield Ticket.id.in_(select(Tag.ticket_id).where(Tag.folded == fold_tag(wanted.tag)))
    if wanted.owner is not None:
        yield Ticket.owner_id == wanted.owner
    if wanted.priority is not None:
        yield Ticket.priority == wanted.priority
    if wanted.submitted_before is not None:
        yield Ticket.submitted_at < wanted.submitted_before


def _turns(turn: Whose, turns: Turns) -> Sequence[ColumnElement[bool]]:
    """The condition for whose turn it is, matching `turn.whose`."""
    pending, rests = Ticket.part == Part.PENDING, Ticket.state.in_(turns.resting)
    waits = and_(Ticket.awaits == "customer", or_(Ticket.state.not_in(turns.working), _UNDECIDED))
    return {
        Whose.DESK: (Ticket.part != Part.PENDING, Ticket.awaits == "desk"),
        Whose.OWNER: (pending, not_(waits)),
        Whose.CUSTOMER: (pending, waits, ~rests),
        Whose.COLLEAGUE: (pending, waits, rests),
        Whose.NONE: (Ticket.part == Part.CLOSED, Ticket.awaits != "desk"),
    }[turn]


def _payments(payment: Standing) -> Sequence[ColumnElement[bool]]:
    """The condition for how the payment of a ticket stands, matching `standing.standing`."""
    price, paid, refunded, mark = (
        Ticket.price_minor,
        Ticket.paid_minor,
        Ticket.refunded_minor,
        Ticket.payment_mark,
    )
    settled, less, left = mark != Standing.DISPUTED, paid < price, paid + refunded < price
    nothing = and_(left, paid == 0)
    return {
        Standing.DISPUTED: (mark == Standing.DISPUTED, or_(price > 0, paid > 0)),
        Standing.OVERPAID: (settled, paid > price),
        Standing.PAID: (settled, price > 0, paid == price),
        Standing.REFUNDED: (settled, less, or_(not_(left), and_(nothing, mark == "", refunded > 0))),
        Standing.PART: (settled, less, left, paid > 0),
        Standing.BEGUN: (nothing, mark == Standing.BEGUN),
        Standing.DUE: (nothing, mark == "", refunded == 0),
    }[payment]


def _capped_count(*conditions: Any) -> Any:  # noqa: ANN401  # SQL expressions
    some = select(literal(1)).where(*conditions).limit(COUNT_LIMIT + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _literals(column: Any, key: tuple[Any, int]) -> tuple[Any, Any]:  # noqa: ANN401  # SQL expressions
    return literal(key[0], column.type), literal(key[1], Ticket.id.type)


def _line(kind: str, name: Any, label: Any, number: Any) -> Select[Any]:  # noqa: ANN401  # SQL expressions
    return select(
        literal(kind).label("kind"),
        cast(name, String).label("name"),
        cast(label, String).label("label"),
        number.label("number"),
    )


_OVERDUE = (Ticket.part.in_(_UNENDED), Ticket.due_at < bindparam("now", type_=Ticket.due_at.type))
_FRAME = (
    *(_line("part", literal(part.value), null(), _capped_count(Ticket.part == part)) for part in Part),
    _line("reopening", null(), null(), _capped_count(sql(REOPENING), Ticket.id > 0)),
    _line("overdue", null(), null(), _capped_count(*_OVERDUE)),
    _line("stuck", null(), null(), _capped_count(sql(STUCK), Email.id > 0)),
    _line("service", Service.slug, ServiceVersion.name, Service.position).where(
        Service.active, ServiceVersion.service_id == Service.id, ServiceVersion.number == Service.published
    ),
    _line("person", null(), Person.name, Person.id).where(Person.active),
    _line("tag", null(), Tag.name, Tag.id).where(newest()),
)


@cache
def _frame(sorted_first: tuple[str, ...]) -> CompoundSelect[Any]:
    these = or_(false(), *(Ticket.workflow == literal(name) for name in sorted_first))
    waiting = _capped_count(these, Ticket.part == literal(Part.UNASSIGNED.value))
    return union_all(*_FRAME, _line("triage", null(), null(), waiting))


# as text, because every request for the queue runs it: each literal of an expression would be a parameter
_WATCHER = f"""
SELECT person.id, person.name, person.role, person.language, {UNREAD_COUNT} AS unread, beat.revision
FROM paidsupport_person AS person CROSS JOIN (
    SELECT CAST(coalesce(max(id), 0) AS VARCHAR) || '.' || CAST(coalesce(sum(id), 0) AS VARCHAR) AS revision
    FROM (SELECT id FROM paidsupport_event ORDER BY id DESC LIMIT {_PULSE_WINDOW}) AS newest
) AS beat WHERE person.active AND person."""  # noqa: S608  # a number of ours
_SEEN: list[ColumnClause[Any]] = [
    column(name) for name in ("id", "name", "role", "language", "unread", "revision")
]
_BY_ID = sql(f"{_WATCHER}id = :id").columns(*_SEEN)
_BY_HOST_USER = sql(f"{_WATCHER}host_user_id = :host_user_id").columns(*_SEEN)
