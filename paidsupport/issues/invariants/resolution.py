"""Invariants of customers who wait for an issue (T18)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from paidsupport.issues.tables import Follower, Issue
from paidsupport.issues.workflow import CLOSED, RESOLVED
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket


@invariant("no customer waits for an issue that has ended")
def nobody_waits_for_what_is_over(ctx: Context) -> Iterator[str]:
    """Every customer who waited for a resolved issue was told, or has stopped waiting."""
    wanted = (
        select(Issue.code, Ticket.code.label("ticket"))
        .join(Follower, Follower.issue_id == Issue.id)
        .join(Ticket, Ticket.id == Follower.ticket_id)
        .where(Issue.state.in_((RESOLVED.name, CLOSED.name)))
        .where(Follower.told_at.is_(None), Follower.ended_at.is_(None))
    )
    for row in ctx.session.execute(wanted):
        yield f"{row.code}: it has ended, but {row.ticket} still waits for it"


@invariant("emails about solved issues went to waiting customers")
def emails_are_of_who_waits(ctx: Context) -> Iterator[str]:
    """The email that told a customer belongs to their ticket, and says that the issue is solved."""
    wanted = (
        select(Issue.code, Email.reference)
        .join(Follower, Follower.issue_id == Issue.id)
        .join(Email, Email.message_id == Follower.solved_id)
        .where(or_(Email.ticket_id != Follower.ticket_id, Email.kind != EmailKind.SOLVED))
    )
    for row in ctx.session.execute(wanted):
        yield f"{row.code}: email {row.reference} did not tell the customer that it is solved"
