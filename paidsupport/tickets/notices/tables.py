"""Notices, notification settings, and who watches a ticket (P7, P8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Row,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from paidsupport.kernel.counts import MOST_UNREAD
from paidsupport.kernel.db.base import Base, BigKey, Id, Maybe, Moment, StaffName, Structure, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import FIGURES, plain
from paidsupport.kernel.db.parts import hanging
from paidsupport.kernel.staff.concerns import Way
from paidsupport.tickets.tables import Event, Ticket

#: Notices on one page.
PAGE = 50
#: Higher than any of our ids.
HIGHEST = 2**62
#: SQL for unread notices, and for those still to be sent by email.
UNREAD = "read_at IS NULL"
WAITING = "letter_id IS NULL AND read_at IS NULL AND way IN ('now', 'digest')"
#: The number of unread notices of a `person`, on tickets and issues; part of the query that finds staff.
UNREAD_COUNT = f"""(SELECT count(*) FROM (
    SELECT 1 FROM (
        SELECT id FROM paidsupport_notice WHERE person_id = person.id AND {UNREAD}
        UNION ALL SELECT id FROM paidsupport_issue_notice WHERE person_id = person.id AND {UNREAD}
    ) AS told LIMIT {MOST_UNREAD + 1}
) AS unread)"""  # noqa: S608  # words of ours


class Notice(Base):
    """Notifies one person of one event of a ticket's history; unique, and without personal data."""

    __tablename__ = "paidsupport_notice"
    __table_args__ = (
        UniqueConstraint("ticket_id", "number", "person_id"),
        CheckConstraint("concern IN ('mention', 'mine', 'watching', 'unassigned')", name="concern"),
        CheckConstraint("way IN ('now', 'digest', 'page')", name="way"),
        Index(None, "person_id", "id"),
        Index(None, "at"),
        partial_index("ix_paidsupport_notice_unread", "person_id", where=UNREAD),
        partial_index("ix_paidsupport_notice_waiting", "way", "ticket_id", "person_id", where=WAITING),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    #: The number of the event in its history.
    number: Mapped[int]
    kind: Mapped[Word]
    concern: Mapped[Word]
    at: Mapped[Moment]
    #: How it is told: `now` and `digest` also by email; `letter_id` then says by which one.
    way: Mapped[Word]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_letter.id"))
    read_at: Mapped[Maybe]


class Watcher(Base):
    """A member of staff who watches a ticket that is not theirs."""

    __tablename__ = "paidsupport_watcher"
    __table_args__ = (UniqueConstraint("ticket_id", "person_id"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    person_name: Mapped[StaffName]
    at: Mapped[Moment]


class Progress(Base):
    """How far the histories have been read for notices: one row.

    `gaps`: ranges of ids below `last_event` that were not visible yet, as [first, last, transaction].
    Whichever transaction took these ids began before that one.
    """

    __tablename__ = "paidsupport_notice_progress"

    id: Mapped[Id]
    last_event: Mapped[int] = mapped_column(BigKey)
    gaps: Mapped[list[list[int]]] = mapped_column(Structure, info=plain(FIGURES))


@dataclass(frozen=True, slots=True)
class Page:
    """Notices with their events and tickets; `before` is the id to ask for the next page with."""

    rows: Sequence[Row[Notice, Event, Ticket]]
    before: int | None


def page(session: Session, person_id: int, before: int | None, *, unread: bool = False) -> Page:
    """A person's notices, newest first: one query."""
    wanted = _told().where(Notice.person_id == person_id)
    if unread:
        wanted = wanted.where(text(UNREAD))
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    rows = session.execute(wanted.order_by(Notice.id.desc()).limit(PAGE + 1)).all()
    return Page(rows[:PAGE], rows[PAGE - 1][0].id if len(rows) > PAGE else None)


def waiting(
    session: Session, person_id: int, way: Way, *, ticket_id: int | None = None, most: int = 200
) -> Sequence[Row[Notice, Event, Ticket]]:
    """The notices still to be sent to a person by email, of one ticket or of all, by ticket, oldest first."""
    wanted = _told().where(Notice.person_id == person_id, Notice.way == way, text(WAITING))
    if ticket_id is not None:
        wanted = wanted.where(Notice.ticket_id == ticket_id)
    return session.execute(wanted.order_by(Notice.ticket_id, Notice.number).limit(most)).all()


_NEWEST = select(func.max(Event.id))


def newest_event(session: Session) -> int:
    """The highest id of an event."""
    return session.scalar(_NEWEST) or 0


def _told() -> Any:  # noqa: ANN401  # a select of three classes
    line = and_(Event.ticket_id == Notice.ticket_id, Event.number == Notice.number)
    return select(Notice, Event, Ticket).join(Event, line).join(Ticket, Ticket.id == Notice.ticket_id)


#: The watchers of a ticket, and the unread notices about it for `person`.
WATCHERS = hanging("watchers", Watcher.ticket_id)
UNREAD_OF_TICKET = hanging(
    "unread",
    Notice.ticket_id,
    Notice.person_id == bindparam("person", type_=Integer),
    Notice.read_at.is_(None),
)
