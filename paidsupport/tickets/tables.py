"""Tickets, the log of their claims, and their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    insert,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, validates
from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.kernel.addresses import LONGEST, compared
from paidsupport.kernel.db.base import (
    Base,
    HistoryLine,
    Id,
    Maybe,
    Moment,
    Name,
    Recorded,
    StaffName,
    Structure,
    Word,
)
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import CATALOGUE, CUSTOMER, GONE, PROGRAM, STAFF, of_staff, personal, plain
from paidsupport.kernel.db.objects import Locking
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.errors import StaleTicketError, existing
from paidsupport.tickets.deadlines.tables import NEVER
from paidsupport.tickets.priority.rules import NORMAL

#: SQL for ended tickets whose customer has written since: they ask to be reopened.
REOPENING = "part = 'closed' AND awaits = 'desk'"


def _as_compared(context: Any) -> str:  # noqa: ANN401  # SQLAlchemy's
    return compared(context.get_current_parameters()["customer_email"])


class Ticket(Recorded, Base):
    """One piece of work under one workflow.

    `version` grows with every transition and nothing else, `thread` with every message, and `event_count`
    with every event.
    """

    __tablename__ = "paidsupport_ticket"
    __table_args__ = (
        CheckConstraint("part IN ('unassigned', 'pending', 'closed')", name="part"),
        CheckConstraint("part <> 'unassigned' OR owner_id IS NULL", name="unassigned"),
        CheckConstraint("part <> 'pending' OR owner_id IS NOT NULL", name="pending"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("merged_into_id IS NULL OR part = 'closed'", name="merged"),
        # one for each column the queue sorts by; the id makes every order total for keyset pages
        Index(None, "part", "submitted_at", "id"),
        Index(None, "part", "changed_at", "id"),
        Index(None, "part", "price_minor", "id"),
        Index(None, "part", "due_at", "id"),
        Index(None, "part", "priority", "id"),
        Index(None, "owner_id", "part", "submitted_at", "id"),
        Index(None, "service_id", "part", "submitted_at", "id"),
        # requests to triage, and the queue of one workflow
        Index(None, "workflow", "part", "submitted_at", "id"),
        # finds the earlier tickets of a customer who writes or calls again
        Index(None, "customer_address", "id"),
        # few tickets have these values: the indexes stay small, and most orders do not touch them
        *(
            partial_index(f"ix_paidsupport_ticket_{column}", column, where=f"{column} IS NOT NULL")
            for column in ("customer_user_id", "lease_until", "merged_into_id")
        ),
        partial_index("ix_paidsupport_ticket_reopening", "id", where=REOPENING),
    )

    #: The random name inside private links and reply addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    #: Raised by one to revoke every private link given out so far.
    link_edition: Mapped[int] = mapped_column(default=1)

    workflow: Mapped[Word]
    state: Mapped[Word]
    part: Mapped[Word]
    version: Mapped[int] = mapped_column(default=1)

    service_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_service.id"))
    #: The version that it was ordered under: its terms hold whatever is published later.
    # nullable in the database alone: SQLite adds no other column that refers to a table
    service_version_id: Mapped[int] = mapped_column(
        ForeignKey("paidsupport_service_version.id"), nullable=True
    )
    #: The version whose checklist its owner has taken over since, if any.
    checklist_version_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_service_version.id"))
    #: Copied when the order was placed, so that later changes of the catalogue do not affect it.
    service_name: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), info=plain(CATALOGUE, STAFF))
    #: Who is paid, and when: `developer`, or the desk `before` or `after` the work.
    payee: Mapped[Word] = mapped_column(default="developer", server_default="developer")
    #: What came for it and was not paid back, what was paid back, and whether a payment is `begun` or
    #: `disputed`: sums over its payments, written with them.
    paid_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    refunded_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    payment_mark: Mapped[Word] = mapped_column(default="", server_default="")
    requirements: Mapped[list[str]] = mapped_column(Structure, info=plain(CATALOGUE, STAFF))
    answers: Mapped[list[dict[str, Any]]] = mapped_column(
        Structure, info=personal(CUSTOMER, STAFF, becomes=[])
    )
    summary: Mapped[Name] = mapped_column(info=personal(CUSTOMER, STAFF, becomes=GONE))
    details: Mapped[str] = mapped_column(Text, info=personal(CUSTOMER, STAFF))
    host_url: Mapped[str] = mapped_column(Text, info=personal(CUSTOMER, STAFF))
    host_access: Mapped[str] = mapped_column(Text, info=personal(CUSTOMER, STAFF))

    customer_name: Mapped[Name] = mapped_column(info=personal(CUSTOMER, STAFF, becomes=GONE))
    customer_email: Mapped[Name] = mapped_column(info=personal(CUSTOMER, STAFF))
    #: The address in the form used for comparing; see `paidsupport.kernel.addresses`.
    customer_address: Mapped[str] = mapped_column(
        String(LONGEST), default=_as_compared, info=personal(PROGRAM)
    )
    #: When a mail or a sign-in proved that the address is the customer's; an order alone does not.
    address_proven_at: Mapped[Maybe]
    customer_user_id: Mapped[str | None] = mapped_column(String(200), info=personal(PROGRAM, becomes=None))

    owner_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    claimed_at: Mapped[Maybe]
    lease_until: Mapped[Maybe]
    lease_warned: Mapped[bool] = mapped_column(default=False)
    agreed: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    #: When the present round of work began; empty before it, and after reopening.
    started_at: Mapped[Maybe]
    #: What decides about the checklist: names of traits, each with its source (`order`, or a person's name).
    traits: Mapped[dict[str, str]] = mapped_column(Structure, default=dict, info=of_staff())
    end_reason: Mapped[Word] = mapped_column(default="")

    #: Who has to write next: `desk` after a message of the customer, `customer` after one of the owner.
    awaits: Mapped[Word] = mapped_column(default="desk")
    thread: Mapped[int] = mapped_column(default=0)

    #: The tag of the customer's language; empty while it is not known.
    language: Mapped[Word] = mapped_column(default="", server_default="")
    #: How urgent it is: see `priority.rules`.
    priority: Mapped[int] = mapped_column(default=NORMAL, server_default=str(NORMAL))
    submitted_at: Mapped[Moment]
    ended_at: Mapped[Maybe]
    #: When it was moved in from another system, if it was: no cascade begins before its first claim.
    moved_in_at: Mapped[Maybe]
    #: When all personal data was erased from it (P13).
    erased_at: Mapped[Maybe]
    #: The ticket that this duplicate was merged into, which is itself not merged (P7).
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_ticket.id"))

    #: The nearest running deadline: when it is due (`NEVER` without one), its kind, and when it is near.
    due_at: Mapped[Moment] = mapped_column(default=NEVER)
    due_kind: Mapped[Word] = mapped_column(default="")
    near_at: Mapped[Maybe]

    @validates("customer_email")
    def _compare(self, _name: str, email: str) -> str:
        self.customer_address = compared(email)
        return email


class Claim(Base):
    """One claim of a ticket; the database rules out two owners under one claim number."""

    __tablename__ = "paidsupport_claim"
    __table_args__ = (UniqueConstraint("ticket_id", "number"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    number: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    taken_at: Mapped[Moment]
    ended_at: Mapped[Maybe]
    #: The transition that ended it; empty while it lasts.
    ending: Mapped[Word] = mapped_column(default="")


class Event(HistoryLine, Base):
    """One event of a ticket's history, never changed (P14). `data` may be erased, the rest may not."""

    __tablename__ = "paidsupport_event"
    __table_args__ = (
        UniqueConstraint("ticket_id", "number"),
        # the one-time key of a form is unique here, because the event stands for the operation
        Index("uq_paidsupport_event_key", "key", unique=True),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))


#: The kind of a link as seen from the other ticket, where it differs.
SEEN_FROM_THERE = {"follows": "followed-by", "duplicates": "duplicated-by"}


class Link(Base):
    """Two related tickets; `kind` says how `ticket_id` relates to `other_id` (G17, P7)."""

    __tablename__ = "paidsupport_link"
    __table_args__ = (
        UniqueConstraint("ticket_id", "other_id"),
        CheckConstraint("ticket_id <> other_id", name="two"),
        Index(None, "other_id"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    kind: Mapped[Word]
    author_name: Mapped[StaffName]
    at: Mapped[Moment]


# built once: every operation begins or ends with one of these
_TABLE = Base.metadata.tables[Ticket.__tablename__]
_BY_CODE = Locking(Ticket, _TABLE.c.code == bindparam("code"))
_BY_ID = Locking(Ticket, _TABLE.c.id == bindparam("id"))
_AS_READ = update(_TABLE).where(
    _TABLE.c.id == bindparam("read_id"), _TABLE.c.version == bindparam("read_version")
)
#: Rows of one statement that changes many.
_BATCH = 500
_INTO_CLAIMS = insert(Base.metadata.tables[Claim.__tablename__])


def lock(session: Session, code: str) -> Ticket:
    """Lock the ticket called `code` against all other operations until the transaction ends.

    PostgreSQL locks the row; on SQLite the transaction holds the write lock from its start. Raises
    NotFoundError.
    """
    return existing(_BY_CODE.row(session, {"code": code}))


def by_id(session: Session, ticket_id: int) -> Ticket:
    """The ticket with this id, not locked. Raises NotFoundError."""
    return existing(session.get(Ticket, ticket_id))


def lock_by_id(session: Session, ticket_id: int) -> Ticket:
    """Like `lock`, by id."""
    return existing(_BY_ID.row(session, {"id": ticket_id}))


def lock_all(session: Session, ids: Iterable[int]) -> dict[int, Ticket]:
    """Like `lock_by_id` for several tickets, in the order of their ids, so operations never deadlock."""
    return {id_: lock_by_id(session, id_) for id_ in sorted(set(ids))}


def living(session: Session, ticket: Ticket) -> Ticket:
    """The ticket itself or, if it was merged, the one it was merged into."""
    return ticket if ticket.merged_into_id is None else by_id(session, ticket.merged_into_id)


def family(ticket: Ticket) -> ColumnElement[bool]:
    """The condition that a row is `ticket` or was merged into it."""
    return (Ticket.id == ticket.id) | (Ticket.merged_into_id == ticket.id)


def change(session: Session, ticket: Ticket, **values: object) -> None:
    """Write `values` to the row if it still has the version that `ticket` was read at.

    The condition is part of the UPDATE, never only a check in Python before it. Raises StaleTicketError when
    no row was updated.
    """
    session.flush()
    done = write(session, _AS_READ, {**values, "read_id": ticket.id, "read_version": ticket.version})
    if done != 1:
        raise StaleTicketError(ticket.code)
    for name, value in values.items():
        set_committed_value(ticket, name, value)


def change_all(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write to many locked tickets at once, the same columns of each; objects do not learn of it.

    Args:
        session: Where.
        rows: The columns, with the id as `read_id` and the version that was read as `read_version`.

    Raises:
        StaleTicketError: One of them has another version.
    """
    if not rows:
        return
    columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if not name.startswith("read_")}
    done = 0
    for start in range(0, len(rows), _BATCH):
        done += write(session, _AS_READ.values(columns), list(rows[start : start + _BATCH]))
    if done != len(rows):
        raise StaleTicketError("")


def note_claim(session: Session, **values: object) -> None:
    """Add a line to the log of claims, at once."""
    write(session, _INTO_CLAIMS, values)
