"""Queries for messages and files of tickets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.errors import existing
from paidsupport.tickets.conversation.tables import File, Message
from paidsupport.tickets.emails.rules import EmailKind, EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.queries.tickets import family_ids
from paidsupport.tickets.tables import Ticket

_MESSAGE = select(Message)
_LOCKED_MESSAGE = _MESSAGE.with_for_update().execution_options(populate_existing=True)


def message_of_customer(session: Session, ticket: Ticket, number: int) -> Message:
    """The customer's message with this number. Raises NotFoundError."""
    return _of_customer(session, ticket, _MESSAGE, number)


def lock_message_of_customer(session: Session, ticket: Ticket, number: int) -> Message:
    """Like `message_of_customer`, locked."""
    return _of_customer(session, ticket, _LOCKED_MESSAGE, number)


def messages_of_customer(session: Session, ticket: Ticket) -> Sequence[Message]:
    """Everything the customer of a ticket wrote, also on tickets merged into it, oldest first."""
    wanted = select(Message).where(Message.ticket_id.in_(family_ids(ticket)), Message.direction == "in")
    return session.scalars(wanted.order_by(Message.id)).all()


def texts_with_credentials(session: Session, ticket: Ticket) -> Sequence[str]:
    """The customer's texts that seem to contain a password or a key, unmasked."""
    wanted = select(Message.raw).where(Message.ticket_id.in_(family_ids(ticket)))
    return session.scalars(wanted.where(Message.shown.is_not(None))).all()


def direction(session: Session, message_id: int) -> str | None:
    """Whether a message is from the customer (`in`) or to them (`out`)."""
    return session.scalar(select(Message.direction).where(Message.id == message_id))


def email(session: Session, reference: str) -> Email | None:
    """The email with this reference, if it exists."""
    return session.scalar(select(Email).where(Email.reference == reference))


def emails(session: Session, ticket: Ticket) -> Sequence[Email]:
    """The emails of a ticket that carry a message, as they are now, oldest first."""
    wanted = select(Email).where(Email.ticket_id == ticket.id, Email.message_id.is_not(None))
    return session.scalars(wanted.order_by(Email.id), execution_options={"populate_existing": True}).all()


def texts_of_contacts(session: Session, ticket: Ticket) -> Sequence[str]:
    """The texts of the emails that opened a conversation and have left."""
    opened = Email.contact.is_not(None), Email.state == EmailState.SENT
    return session.scalars(select(Email.body).where(Email.ticket_id == ticket.id, *opened)).all()


def report(session: Session, ticket: Ticket) -> Message:
    """The last closing report that has left, or may have. Raises NotFoundError."""
    wanted = select(Message).join(Email, Email.message_id == Message.id).where(Message.ticket_id == ticket.id)
    left = Email.state.in_((EmailState.SENT, EmailState.UNCERTAIN))
    newest = wanted.where(Email.kind == EmailKind.REPORT, left).order_by(Message.number.desc())
    return existing(session.scalar(newest.limit(1)))


def from_customer(session: Session, ticket: Ticket) -> Sequence[Message]:
    """The customer's messages on a ticket, in order."""
    wanted = select(Message).where(Message.ticket_id == ticket.id, Message.direction == "in")
    return session.scalars(wanted.order_by(Message.number)).all()


def is_written_to(session: Session, ticket: Ticket) -> bool:
    """Whether any message was written to the customer."""
    ours = select(Message.id).where(Message.ticket_id == ticket.id, Message.direction == "out")
    return session.scalar(ours.limit(1)) is not None


def has_replied(session: Session, ticket: Ticket, since: datetime) -> bool:
    """Whether the last message is from the customer, and not older than a moment."""
    last = Message.ticket_id == ticket.id, Message.number == ticket.thread
    replied = select(Message.id).where(*last, Message.direction == "in", Message.at >= since)
    return session.scalar(replied) is not None


def spoken_besides(
    session: Session, ticket: Ticket, message: Message
) -> Iterable[tuple[str, str | None, str | None]]:
    """Direction, kind and state of all messages on a ticket except `message`, newest first."""
    wanted = select(Message.direction, Email.kind, Email.state)
    wanted = wanted.outerjoin(Email, Email.message_id == Message.id)
    wanted = wanted.where(Message.ticket_id.in_(family_ids(ticket)), Message.id != message.id)
    return session.execute(wanted.order_by(Message.id.desc()))


def names_of_sent_files(session: Session, ticket: Ticket) -> Sequence[str]:
    """The names of the files that were sent to the customer."""
    wanted = select(File.name).join(Message, Message.id == File.message_id)
    sent = wanted.where(File.ticket_id == ticket.id, Message.direction == "out")
    return session.scalars(sent.order_by(File.id)).all()


def bytes_of_files(session: Session, ticket: Ticket) -> int:
    """The total size of the files of a ticket."""
    return session.scalar(select(func.sum(File.size)).where(File.ticket_id == ticket.id)) or 0


def named_in_rows(session: Session, keys: Collection[str]) -> set[str]:
    """Which of these keys of the file store are referred to by any row."""
    columns = marks.stored(Base.metadata)
    return {key for each in columns for key in session.scalars(select(each).where(each.in_(keys)))}


def _of_customer(session: Session, ticket: Ticket, wanted: Select[Message], number: int) -> Message:
    theirs = Message.ticket_id == ticket.id, Message.number == number, Message.direction == "in"
    # larger numbers may not fit into the database's integers
    return existing(session.scalar(wanted.where(*theirs)) if 0 < number <= ticket.thread else None)
