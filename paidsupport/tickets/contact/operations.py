"""Writes the log of contacts: every operation on an email that opens a conversation calls this module."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.tickets.contact import tables as contact_log
from paidsupport.tickets.contact.rules import Contacted, ContactLog
from paidsupport.tickets.contact.tables import ContactLine
from paidsupport.tickets.emails.rules import EmailKind, EmailState, contact_slot
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

#: States in which the customer has an email, or may have.
_MAY_HAVE_LEFT = {EmailState.SENDING, EmailState.SENT, EmailState.UNCERTAIN}


def log_of(ctx: Context, email: Email) -> ContactLog:
    """The log that `email` belongs to; empty for emails without a claim, which are not logged."""
    if email.claim_number is None:
        return ContactLog([])
    return contact_log.of_ticket(ctx.session, email.ticket_id)


def slot_of(email: Email, log: ContactLog) -> str:
    """The slot that an email was written for, even after it gave the slot up; empty for plain messages."""
    by_kind = contact_slot(EmailKind(email.kind), email.claim_number or 0) if email.claim_number else None
    return email.contact or log.slot_of(email.reference) or by_kind or ""


def note(ctx: Context, email: Email, *happened: Contacted, slot: str = "", turn: int | None = None) -> None:
    """Record what happened to an email, if it is one that opens a conversation.

    Args:
        ctx: Who acts, and when.
        email: The email, before it gives its slot back.
        happened: What happened, in order.
        slot: The slot it was written for, in case the email itself no longer says.
        turn: The number of the attempt, if one begins.
    """
    if slot := slot or email.contact or "":
        ctx.session.add_all(
            ContactLine(
                ticket_id=email.ticket_id,
                slot=slot,
                turn=turn if what is Contacted.TAKEN else None,
                letter=email.reference,
                claim_number=email.claim_number,
                what=what,
                at=ctx.now,
            )
            for what in happened
        )


def keeps_slot(ctx: Context, email: Email) -> bool:
    """Whether an email that is being withdrawn keeps its slot for good: it may have left, now or earlier."""
    return email.state in _MAY_HAVE_LEFT or log_of(ctx, email).may_have_left(email.reference)


def has_begun(ctx: Context, ticket: Ticket) -> bool:
    """Whether the customer has heard from a person about the ticket, or is about to."""
    return bool(contact_log.of_ticket(ctx.session, ticket.id).openings())


def released(ctx: Context, ticket: Ticket, claim_number: int) -> None:
    """Record that a claim has ended, for each email written under it."""
    log = contact_log.of_ticket(ctx.session, ticket.id)
    ctx.session.add_all(
        ContactLine(
            ticket_id=ticket.id,
            slot=log.slot_of(email),
            letter=email,
            claim_number=claim_number,
            what=Contacted.RELEASED,
            at=ctx.now,
        )
        for email in log.under(claim_number)
    )
