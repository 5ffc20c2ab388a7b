"""Queries for incoming mails by ticket, message or reference, and for mailboxes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.emptying import is_full
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.received.tables import Mailbox, RawMail
from paidsupport.tickets.tables import Ticket

_TABLE = Base.metadata.tables[RawMail.__tablename__]
_WITHOUT_TEXT: Select[*tuple[Any, ...]] = select(
    *(RawMail.id, RawMail.ticket_id, RawMail.reference, RawMail.sender, RawMail.state, RawMail.storage_key)
)


def mailbox(session: Session, name: str) -> Mailbox | None:
    """How far a mailbox has been read."""
    return session.scalar(select(Mailbox).where(Mailbox.name == name))


def mails_of(session: Session, ticket_ids: Collection[int]) -> Sequence[RawMail]:
    """The mails on these tickets."""
    return session.scalars(select(RawMail).where(RawMail.ticket_id.in_(ticket_ids))).all()


def mail_of(session: Session, message: Message) -> RawMail | None:
    """The mail that a message arrived in."""
    return session.scalar(select(RawMail).where(RawMail.message_id == message.id))


def full_mails(session: Session, references: Collection[str]) -> Sequence[RawMail]:
    """The mails with these references whose bytes are still there."""
    full = is_full(_TABLE)
    return session.scalars(select(RawMail).where(RawMail.reference.in_(references), full)).all()


def stray_mails(session: Session) -> Sequence[Row[Any]]:
    """Mails outside of conversations whose bytes are still there, without their texts."""
    loose = _WITHOUT_TEXT.where(RawMail.message_id.is_(None), RawMail.dropped_at.is_(None))
    return session.execute(loose.order_by(RawMail.id)).all()


def mails_of_unknown(session: Session) -> Sequence[Row[Any]]:
    """Mails on tickets without an address, without their texts."""
    unknown = _WITHOUT_TEXT.join(Ticket, Ticket.id == RawMail.ticket_id)
    unknown = unknown.where(Ticket.customer_address == "", Ticket.erased_at.is_(None))
    return session.execute(unknown.where(RawMail.message_id.is_not(None)).order_by(RawMail.id)).all()


def emails_called(session: Session, names: Collection[str]) -> Sequence[Email]:
    """Our emails with these references."""
    return session.scalars(select(Email).where(Email.reference.in_(names))).all()
