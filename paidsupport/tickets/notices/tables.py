"""Notices, what people want to be told of, and who watches a ticket (P7, P8)."""

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
#: No id of ours is as high.
HIGHEST = 2**62
#: Notices that nobody has read, and those that are still to be told by mail.
UNREAD = "read_at IS NULL"
WAITING = "letter_id IS NULL AND read_at IS NULL AND way IN ('now', 'digest')"
#: How many notices of tickets and issues a `person` has not read; part of the query that finds somebody.
UNREAD_COUNT = f"""(SELECT count(*) FROM (
    SELECT 1 FROM (
        SELECT id FROM paidsupport_notice WHERE person_id = person.id AND {UNREAD}
        UNION ALL SELECT id FROM paidsupport_issue_notice WHERE person_id = person.id AND {UNREAD}
    ) AS told LIMIT {MOST_UNREAD + 1}
) AS unread)"""  # noqa: S608  # words of ours


class Notice(Base):
    """That somebody is told of one line of a ticket's history. Unique: one thing once. Nothing personal."""

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
    #: The line of the history.
    number: Mapped[int]
    kind: Mapped[Word]
    concern: Mapped[Word]
    at: Mapped[Moment]
    #: How it is told: `now` and `digest` by mail as well, once `letter_id` says by which one.
    way: Mapped[Word]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_letter.id"))
    read_at: Mapped[Maybe]


class Watcher(Base):
    """Somebody who wants to hear of a ticket that is not theirs."""

    __tablename__ = "paidsupport_watcher"
    __table_args__ = (UniqueConstraint("ticket_id", "person_id"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_ticket.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("paidsupport_person.id"))
    person_name: Mapped[StaffName]
    at: Mapped[Moment]


class Progress(Base):
    """How far the histories have been read for notices: one row.

    `gaps`: ids below `last_event` that were not there yet, as ranges with the transaction before which
    whoever had taken them began: [first, last, transaction].
    """

    __tablename__ = "paidsupport_notice_progress"

    id: Mapped[Id]
    last_event: Mapped[int] = mapped_column(BigKey)
    gaps: Mapped[list[list[int]]] = mapped_column(Structure, info=plain(FIGURES))


@dataclass(frozen=True, slots=True)
class Page:
    """Notices with the lines and tickets they are about; `before` is the id to ask for the next page with."""

    rows: Sequence[Row[Notice, Event, Ticket]]
    before: int | None


def page(session: Session, person_id: int, before: int | None, *, unread: bool = False) -> Page:
    """What a person was told, newest first: one query."""
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
    """What is still to be told to a person by mail, of one ticket or of all, by ticket and oldest first."""
    wanted = _told().where(Notice.person_id == person_id, Notice.way == way, text(WAITING))
    if ticket_id is not None:
        wanted = wanted.where(Notice.ticket_id == ticket_id)
    return session.execute(wanted.order_by(Notice.ticket_id, Notice.number).limit(most)).all()


def newest_event(session: Session) -> int:
    """The highest id of an event."""
    return session.scalar(select(func.max(Event.id))) or 0


def _told() -> Any:  # noqa: ANN401  # a select of three classes
    line = and_(Event.ticket_id == Notice.ticket_id, Event.number == Notice.number)
    return select(Notice, Event, Ticket).join(Event, line).join(Ticket, Ticket.id == Notice.ticket_id)


#: Who watches a ticket, and what `person` was told of it and has not read.
WATCHERS = hanging("watchers", Watcher.ticket_id)
UNREAD_OF_TICKET = hanging(
    "unread",
    Notice.ticket_id,
    Notice.person_id == bindparam("person", type_=Integer),
    Notice.read_at.is_(None),
)
