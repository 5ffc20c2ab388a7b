"""Queries: which emails leave next, and what keeps one back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from paidsupport.kernel.errors import existing
from paidsupport.kernel.outbox.queries import Rows
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.departures.tables import Departed
from paidsupport.tickets.emails.rules import EmailKind, EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

#: How emails are taken from their table, each with its ticket.
OUTBOX = Rows(Email)
LEAVING = select(Email, Ticket).join(Ticket, Ticket.id == Email.ticket_id)


def locked(session: Session, ticket: Ticket, reference: str) -> Email:
    """Lock the email with this reference against the workers. Raises NotFoundError."""
    wanted = select(Email).where(Email.ticket_id == ticket.id, Email.reference == reference)
    return existing(session.scalar(wanted.with_for_update().execution_options(populate_existing=True)))


def unsent(session: Session, ticket: Ticket, under: int | None) -> Sequence[Email]:
    """Lock all emails that have not left under the claim number `under` (None: under no claim)."""
    wanted = (
        select(Email)
        .where(
            Email.ticket_id == ticket.id,
            Email.claim_number == under,
            Email.state.in_((EmailState.QUEUED, EmailState.FAILED)),
        )
        .order_by(Email.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).all()


def attached(session: Session, email: Email) -> list[File]:
    """The files attached to an email."""
    if email.message_id is None:
        return []
    files = select(File).where(File.message_id == email.message_id).order_by(File.id)
    return list(session.scalars(files))


def departed_like(session: Session, email: Email, who: str) -> Departed | None:
    """The first email of this kind to this person that left before a restore and is not matched yet."""
    like = select(Departed).where(
        Departed.ticket_id == email.ticket_id,
        Departed.kind == email.kind,
        Departed.audience == email.audience,
        Departed.who == who,
        Departed.met_by == "",
    )
    return session.scalars(like.order_by(Departed.id).limit(1)).first()


def emails_before(session: Session, email: Email) -> Sequence[Row[*tuple[Any, ...]]]:
    """The emails to the customer up to this one, oldest first, without their texts."""
    columns = (Email.reference, Email.subject, Email.state, Email.message_id, Email.created_at)
    wanted = select(*columns).where(Email.ticket_id == email.ticket_id, Email.audience == "customer")
    return session.execute(wanted.where(Email.id <= email.id).order_by(Email.id)).all()


def last_confirmation(session: Session, ticket: Ticket) -> Row[str, datetime] | None:
    """State and moment of the newest email with the code of a ticket."""
    theirs = Email.ticket_id == ticket.id, Email.kind == EmailKind.CONFIRMATION
    return session.execute(
        select(Email.state, Email.created_at).where(*theirs).order_by(Email.id.desc()).limit(1)
    ).one_or_none()
