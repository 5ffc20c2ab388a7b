"""Queries for what customers were asked to decide."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.kernel.errors import existing
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

_NEVER_LEFT = (EmailState.QUEUED, EmailState.FAILED, EmailState.WITHDRAWN)
_BY_NUMBER = select(Decision).order_by(Decision.number).execution_options(populate_existing=True)


def asked(session: Session, ticket: Ticket) -> list[Decision]:
    """Everything the customer of a ticket was asked, as it is now, by number."""
    return list(session.scalars(_BY_NUMBER.where(Decision.ticket_id == ticket.id)))


def named(session: Session, ticket: Ticket, reference: str) -> Decision:
    """The decision of a ticket with this reference, as it is now. Raises NotFoundError."""
    wanted = _BY_NUMBER.where(Decision.ticket_id == ticket.id, Decision.reference == reference)
    return existing(session.scalar(wanted))


def unsent(session: Session, ticket: Ticket) -> list[Decision]:
    """The decisions that have no answer because they never reached the customer, by number."""
    open_ones = _BY_NUMBER.where(Decision.ticket_id == ticket.id, Decision.answer == "")
    wanted = open_ones.join(Email, Email.message_id == Decision.message_id)
    return list(session.scalars(wanted.where(Email.state.in_(_NEVER_LEFT))))


def lock_unsent_email(session: Session, decision: Decision) -> Email | None:
    """The email that asks for a decision, if it has not left, locked against the workers."""
    here = Email.state.in_((EmailState.QUEUED, EmailState.FAILED))
    wanted = select(Email).where(Email.message_id == decision.message_id, here).with_for_update()
    return session.scalar(wanted, execution_options={"populate_existing": True})
