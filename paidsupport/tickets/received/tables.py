"""Incoming mail: the bytes as they arrived, and what became of them (P4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, Session, defer, mapped_column, validates

from paidsupport.kernel.db.base import Base, BigKey, Id, Maybe, Moment, Name, Word
from paidsupport.kernel.db.indexes import partial_index
from paidsupport.kernel.db.marks import CUSTOMER, GONE, OURS, PROGRAM, STAFF, STORED, personal, plain
from paidsupport.kernel.errors import existing
from paidsupport.kernel.text import LINE_LIMIT
from paidsupport.privacy import redaction
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.emails.rules import MailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

#: SQL for mails that are stored but not processed yet, or whose processing was interrupted.
UNSETTLED = "settled_at IS NULL"
#: Mails on one page of the inbox.
PAGE = 50


def _own_name(table: Table) -> ColumnElement[str]:
    """What an erasure puts in place of the Message-ID, which may contain the name of the sender's machine."""
    return table.c.reference


class RawMail(Base):
    """One mail as it arrived; its bytes are stored in the file store before it is processed.

    A mail that is delivered again has the same Message-ID and the same content. If only the id is the same,
    it is another mail: otherwise a sender who knows an id could keep a mail from being read.
    """

    __tablename__ = "paidsupport_raw_mail"
    __table_args__ = (
        UniqueConstraint("header_id", "content_hash"),
        CheckConstraint("state IN ('kept', 'filed', 'ignored', 'quarantined', 'failed')", name="state"),
        CheckConstraint("state <> 'filed' OR message_id IS NOT NULL", name="filed"),
        CheckConstraint("settled_at IS NULL OR state = 'filed' OR reason <> ''", name="reason"),
        Index(None, "state", "id"),
        partial_index("ix_paidsupport_raw_mail_unsettled", "id", where=UNSETTLED),
    )

    id: Mapped[Id]
    #: Its name in addresses.
    reference: Mapped[Word] = mapped_column(unique=True)
    #: The Message-ID as the sender wrote it; may be empty.
    header_id: Mapped[str] = mapped_column(String(250), info=personal(CUSTOMER, becomes=_own_name))
    #: A hash of all but the headers that mail servers add, so that it is the same for every delivery.
    content_hash: Mapped[str] = mapped_column(String(64), info=personal(PROGRAM))
    #: The hash of the bytes as they are stored.
    sha256: Mapped[str] = mapped_column(String(64), info=personal(PROGRAM))
    size: Mapped[int] = mapped_column(BigKey)
    storage_key: Mapped[Word] = mapped_column(unique=True, info=STORED)
    #: The address it was delivered to, if known, and the purpose of that address.
    recipient: Mapped[Name] = mapped_column(info=personal(CUSTOMER))
    purpose: Mapped[Word]
    received_at: Mapped[Moment]

    state: Mapped[Word] = mapped_column(default="kept")
    #: Why it is in its state, in words; empty until it was processed.
    reason: Mapped[str] = mapped_column(
        Text, default="", info=personal(STAFF, PROGRAM, becomes="The customer was erased.")
    )
    settled_at: Mapped[Maybe]
    sender: Mapped[Name] = mapped_column(default="", info=personal(CUSTOMER))
    subject: Mapped[Name] = mapped_column(default="", info=personal(CUSTOMER, becomes=GONE))
    #: Its whole text with quotes and signature, as plain text. Credentials are masked, here and in the
    #: subject.
    text: Mapped[str] = mapped_column(Text, default="", info=personal(CUSTOMER))
    #: Whether something was masked: then only the ticket's owner can see its bytes, by a recorded view.
    holds_login: Mapped[bool] = mapped_column(default=False)
    #: When its bytes were deleted: its customer was erased, or a credential was cut out of it.
    dropped_at: Mapped[Maybe]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_ticket.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("paidsupport_message.id"), unique=True)

    @validates("subject", "text")
    def _mask(self, name: str, value: str) -> str:
        """Mask a value when it is set, because masking takes time."""
        if not redaction.looks_like_credential(value):
            return value
        self.holds_login = True
        shown = redaction.masked(value)
        return shown[:LINE_LIMIT] if name == "subject" else shown

    @property
    def is_for_a_look(self) -> bool:
        """Whether its bytes are still there and contain what looks like a credential."""
        return self.holds_login and self.dropped_at is None


class Mailbox(Base):
    """How far a mailbox has been read; `busy_until` is the lease of the worker reading it."""

    __tablename__ = "paidsupport_mailbox"

    id: Mapped[Id]
    #: Server, user and folder; never the password.
    name: Mapped[Name] = mapped_column(unique=True, info=plain(OURS))
    #: The UIDVALIDITY of the folder; empty before the first connection.
    uid_validity: Mapped[int | None] = mapped_column(BigKey)
    last_uid: Mapped[int] = mapped_column(BigKey, default=0)
    read_at: Mapped[Maybe]
    busy_until: Mapped[Maybe]


def same_mail(session: Session, header_id: str, content_hash: str) -> RawMail | None:
    """The mail that was delivered before with this id and content, if any."""
    return session.scalar(
        select(RawMail).where(RawMail.header_id == header_id, RawMail.content_hash == content_hash)
    )


def lock(session: Session, mail_id: int) -> RawMail:
    """Lock one mail, so that no other worker processes it. Raises NotFoundError."""
    wanted = select(RawMail).where(RawMail.id == mail_id).with_for_update()
    return existing(session.scalar(wanted.execution_options(populate_existing=True)))


def by_reference(session: Session, reference: str) -> RawMail:
    """The mail with this reference. Raises NotFoundError."""
    return existing(session.scalar(select(RawMail).where(RawMail.reference == reference)))


def with_ticket(session: Session, reference: str) -> tuple[RawMail, Ticket | None]:
    """A mail and the ticket it belongs to, if any. Raises NotFoundError."""
    wanted = select(RawMail, Ticket).outerjoin(Ticket, Ticket.id == RawMail.ticket_id)
    row = existing(session.execute(wanted.where(RawMail.reference == reference)).one_or_none())
    return row[0], row[1]


def unsettled(session: Session, before: datetime) -> Sequence[int]:
    """The ids of mails that were stored before `before` and never processed, oldest first."""
    wanted = select(RawMail.id).where(RawMail.settled_at.is_(None), RawMail.received_at < before)
    return session.scalars(wanted.order_by(RawMail.id).limit(PAGE)).all()


def in_state(session: Session, state: MailState) -> Sequence[int]:
    """The ids of all mails in `state`, oldest first."""
    return session.scalars(select(RawMail.id).where(RawMail.state == state).order_by(RawMail.id)).all()


def page(
    session: Session, state: str = "", before: int | None = None
) -> tuple[Sequence[tuple[RawMail, str | None]], int | None]:
    """Mails with the codes of their tickets, newest first, and the id where the next page begins.

    Without a `state`: all that did not end up on a ticket. Their texts are not read.
    """
    wanted = select(RawMail, Ticket.code).outerjoin(Ticket, Ticket.id == RawMail.ticket_id)
    wanted = wanted.options(defer(RawMail.text, raiseload=True)).where(
        RawMail.state == state if state else RawMail.state != MailState.FILED
    )
    if before is not None:
        wanted = wanted.where(RawMail.id < before)
    rows = session.execute(wanted.order_by(RawMail.id.desc()).limit(PAGE + 1)).all()
    shown = [(mail, code) for mail, code in rows[:PAGE]]
    return shown, shown[-1][0].id if len(rows) > PAGE else None


def before(session: Session, email: Email) -> Sequence[tuple[str, datetime]]:
    """The customer's mails on the ticket before an email, oldest first, as (Message-ID, moment)."""
    wanted = select(RawMail.header_id, Message.at).join(Message, Message.id == RawMail.message_id)
    wanted = wanted.where(
        Message.ticket_id == email.ticket_id, RawMail.header_id != "", Message.at <= email.created_at
    )
    return [(row.header_id, row.at) for row in session.execute(wanted.order_by(Message.number))]
