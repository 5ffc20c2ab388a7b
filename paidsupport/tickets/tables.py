"""Tickets, the log of their claims, and their history."""

from __future__ import annotations

from collections.abc import Iterable
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

#: Ended tickets whose customer has written since: they ask to be opened again.
REOPENING = "part = 'closed' AND awaits = 'desk'"


def _as_compared(context: Any) -> str:  # noqa: ANN401  # SQLAlchemy's
    return compared(context.get_current_parameters()["customer_email"])


class Ticket(Recorded, Base):
    """One piece of work under one workflow.

    `version` grows with every transition and with nothing else, `thread` with every message, `event_count`
    with every line of history.
    """

    __tablename__ = "paidsupport_ticket"
    __table_args__ = (
        CheckConstraint("part IN ('unassigned', 'pending', 'closed')", name="part"),
        CheckConstraint("part <> 'unassigned' OR owner_id IS NULL", name="unassigned"),
        CheckConstraint("part <> 'pending' OR owner_id IS NOT NULL", name="pending"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("merged_into_id IS NULL OR part = 'closed'", name="merged"),
        # what the queue sorts by, one each; the id makes every order total for keyset pages
        Index(None, "part", "submitted_at", "id"),
        Index(None, "part", "changed_at", "id"),
        Index(None, "part", "price_minor", "id"),
        Index(None, "part", "due_at", "id"),
        Index(None, "part", "priority", "id"),
        Index(None, "owner_id", "part", "submitted_at", "id"),
        Index(None, "service_id", "part", "submitted_at", "id"),
        # the requests that wait for triage, and the queue of one workflow
        Index(None, "workflow", "part", "submitted_at", "id"),
        # who writes or calls again is found by their address
        Index(None, "customer_address", "id"),
        # few tickets have these: the indexes stay small, and most orders do not touch them
        *(
            partial_index(f"ix_paidsupport_ticket_{column}", column, where=f"{column} IS NOT NULL")
            for column in ("customer_user_id", "lease_until", "merged_into_id")
        ),
        partial_index("ix_paidsupport_ticket_reopening", "id", where=REOPENING),
    )

    #: The random name inside private links and reply addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    #: Counted up to make every private link given out so far void.
    link_edition: Mapped[int] = mapped_column(default=1)

    workflow: Mapped[Word]
    state: Mapped[Word]
    part: Mapped[Word]
    version: Mapped[int] = mapped_column(default=1)

    service_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_service.id"))
    #: Copies of what was ordered, so that a later change of the catalogue changes no order.
    service_name: Mapped[Name] = mapped_column(info=plain(CATALOGUE, STAFF))
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), info=plain(CATALOGUE, STAFF))
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
    #: The address as it is compared; see `paidsupport.kernel.addresses`.
    customer_address: Mapped[str] = mapped_column(
        String(LONGEST), default=_as_compared, info=personal(PROGRAM)
    )
    #: When a mail or a sign-in showed that the address is theirs; an order only names it.
    address_proven_at: Mapped[Maybe]
    customer_user_id: Mapped[str | None] = mapped_column(String(200), info=personal(PROGRAM, becomes=None))

    owner_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_person.id"))
    claimed_at: Mapped[Maybe]
    lease_until: Mapped[Maybe]
    lease_warned: Mapped[bool] = mapped_column(default=False)
    agreed: Mapped[str] = mapped_column(Text, default="", info=personal(STAFF))
    #: When the present round of work began; nothing before that, and nothing once it is opened again.
    started_at: Mapped[Maybe]
    #: What decides about the checklist: names of traits, each with who said so (`order`, or a name).
    traits: Mapped[dict[str, str]] = mapped_column(Structure, default=dict, info=of_staff())
    end_reason: Mapped[Word] = mapped_column(default="")

    #: Who is waited for: `desk` after a word of the customer, `customer` after one of the owner.
    awaits: Mapped[Word] = mapped_column(default="desk")
    thread: Mapped[int] = mapped_column(default=0)

    #: The tag of the language that the customer is spoken to in; empty while nobody knows.
    language: Mapped[Word] = mapped_column(default="", server_default="")
    #: How urgent it is: see `priority.rules`.
    priority: Mapped[int] = mapped_column(default=NORMAL, server_default=str(NORMAL))
    submitted_at: Mapped[Moment]
    ended_at: Mapped[Maybe]
    #: When everything personal was taken out of it (P13).
    erased_at: Mapped[Maybe]
    #: The ticket that this duplicate was merged into; that one is merged into none (P7).
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_ticket.id"))

    #: Of its deadlines that run the nearest: when it is due (`NEVER` without one), its kind, when it is near.
    due_at: Mapped[Moment] = mapped_column(default=NEVER)
    due_kind: Mapped[Word] = mapped_column(default="")
    near_at: Mapped[Maybe]

    @validates("customer_email")
    def _compare(self, _name: str, email: str) -> str:
        self.customer_address = compared(email)
        return email


class Claim(Base):
    """One holding of a ticket: two owners under one number are impossible."""

    __tablename__ = "paidsupport_claim"
    __table_args__ = (UniqueConstraint("ticket_id", "number"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    number: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    taken_at: Mapped[Moment]
    ended_at: Mapped[Maybe]
    #: The transition that ended it, or nothing while it lasts.
    ending: Mapped[Word] = mapped_column(default="")


class Event(HistoryLine, Base):
    """One line of a ticket's history, never changed (P14). `data` may be erased, the rest may not."""

    __tablename__ = "paidsupport_event"
    __table_args__ = (
        UniqueConstraint("ticket_id", "number"),
        # one-time keys of forms: the event is the operation, so the key is unique here
        Index("uq_paidsupport_event_key", "key", unique=True),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))


#: What a kind of link is called from the other ticket, where that is not the same.
SEEN_FROM_THERE = {"follows": "followed-by", "duplicates": "duplicated-by"}


class Link(Base):
    """Two tickets that belong together; `kind` says how `ticket_id` stands to `other_id` (G17, P7)."""

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


# made once: every operation begins or ends with one of these
_TABLE = Base.metadata.tables[Ticket.__tablename__]
_BY_CODE = Locking(Ticket, _TABLE.c.code == bindparam("code"))
_BY_ID = Locking(Ticket, _TABLE.c.id == bindparam("id"))
_AS_READ = update(_TABLE).where(
    _TABLE.c.id == bindparam("read_id"), _TABLE.c.version == bindparam("read_version")
)
_INTO_CLAIMS = insert(Base.metadata.tables[Claim.__tablename__])


def lock(session: Session, code: str) -> Ticket:
    """The ticket called `code`, held against all other operations until the transaction ends.

    PostgreSQL locks the row; on SQLite the whole transaction already began as a writer.
    Raises NotFoundError.
    """
    return existing(_BY_CODE.row(session, {"code": code}))


def by_id(session: Session, ticket_id: int) -> Ticket:
    """The ticket with this id, as it is. Raises NotFoundError."""
    return existing(session.get(Ticket, ticket_id))


def lock_by_id(session: Session, ticket_id: int) -> Ticket:
    """As `lock`, for a ticket known by its id."""
    return existing(_BY_ID.row(session, {"id": ticket_id}))


def lock_all(session: Session, ids: Iterable[int]) -> dict[int, Ticket]:
    """As `lock_by_id` for several tickets, in the order of their ids.

    Two operations at once never deadlock.
    """
    return {id_: lock_by_id(session, id_) for id_ in sorted(set(ids))}


def living(session: Session, ticket: Ticket) -> Ticket:
    """The ticket on which things go on: `ticket`, or the one that it was merged into."""
    return ticket if ticket.merged_into_id is None else by_id(session, ticket.merged_into_id)


def family(ticket: Ticket) -> ColumnElement[bool]:
    """Whether a row is `ticket` or was merged into it."""
    return (Ticket.id == ticket.id) | (Ticket.merged_into_id == ticket.id)


def change(session: Session, ticket: Ticket, **values: object) -> None:
    """Write `values` to the row if it is still at the version that `ticket` was read at.

    The condition stands in the UPDATE itself, never only in Python before it.
    Raises StaleTicketError when no row was updated.
    """
    session.flush()
    done = write(session, _AS_READ, {**values, "read_id": ticket.id, "read_version": ticket.version})
    if done != 1:
        raise StaleTicketError(ticket.code)
    for name, value in values.items():
        set_committed_value(ticket, name, value)


def note_claim(session: Session, **values: object) -> None:
    """Put a line into the log of claims, at once."""
    write(session, _INTO_CLAIMS, values)
