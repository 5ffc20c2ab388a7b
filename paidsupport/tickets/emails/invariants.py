"""Invariants: emails fit the messages they carry, and left under the right claim."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.tickets.conversation.tables import ELSEWHERE, Message
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Claim, Ticket

#: States of emails that have left, or may have.
_LEFT = (EmailState.SENDING, EmailState.SENT, EmailState.UNCERTAIN, EmailState.FAILED)


@invariant("no email left under a lost claim")
def no_email_under_a_lost_claim(ctx: Context) -> Iterator[str]:
    """Every email with a claim number was written by the one who held that claim, and left during it."""
    foreign = (
        select(Ticket.code)
        .join(Email, Email.ticket_id == Ticket.id)
        .outerjoin(Claim, and_(Claim.ticket_id == Ticket.id, Claim.number == Email.claim_number))
        .where(
            Email.claim_number.is_not(None),
            or_(Claim.id.is_(None), Claim.person_id != Email.author_id),
        )
    )
    yield from faults(ctx, foreign, "an email was written by a person without that claim")
    late = (
        select(Ticket.code)
        .join(Email, Email.ticket_id == Ticket.id)
        .where(
            Email.claim_number.is_not(None),
            Email.state.in_(_LEFT),
            Email.taken_under.is_distinct_from(Email.claim_number),
        )
    )
    yield from faults(ctx, late, "an email left after its claim had ended")


@invariant("emails and messages agree")
def emails_and_messages_agree(ctx: Context) -> Iterator[str]:
    """Every message that was written here has its one email, with the same claim number."""
    counted = (
        select(Ticket.code)
        .join(Message, Message.ticket_id == Ticket.id)
        .outerjoin(Email, Email.message_id == Message.id)
        .where(Message.direction == "out", Message.claim_number != ELSEWHERE)
        .group_by(Ticket.code, Message.id)
        .having(func.count(Email.id) != 1)
    )
    yield from faults(ctx, counted, "a message of ours does not have exactly one email")
    unlike = (
        select(Ticket.code)
        .join(Message, Message.ticket_id == Ticket.id)
        .join(Email, Email.message_id == Message.id)
        .where(or_(Email.claim_number.is_distinct_from(Message.claim_number), Email.ticket_id != Ticket.id))
    )
    yield from faults(ctx, unlike, "an email and its message disagree")


@invariant("conversations are complete")
def threads_complete(ctx: Context) -> Iterator[str]:
    """The messages of a ticket are numbered without a gap, up to what the ticket says."""
    counted = (
        select(Ticket.code)
        .outerjoin(Message, Message.ticket_id == Ticket.id)
        .group_by(Ticket.id, Ticket.code, Ticket.thread)
        .having(
            or_(
                func.count(Message.id) != Ticket.thread,
                func.coalesce(func.max(Message.number), 0) != Ticket.thread,
            )
        )
    )
    yield from faults(ctx, counted, "a message is missing")
