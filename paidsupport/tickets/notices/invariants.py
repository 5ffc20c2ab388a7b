"""Invariants of notices (P8)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.notices import tables as rows
from paidsupport.tickets.notices.tables import Notice, Progress
from paidsupport.tickets.tables import Event, Ticket


@invariant("news is consistent")
def notices_fit(ctx: Context) -> Iterator[str]:
    """A notice goes to a person other than the actor and, if by email, by one about its ticket."""
    line = and_(Event.ticket_id == Notice.ticket_id, Event.number == Notice.number)
    own = select(Ticket.code).join(Notice, Notice.ticket_id == Ticket.id).join(Event, line)
    for code in ctx.session.scalars(
        own.where(Event.actor_kind == "person", Event.actor_id == Notice.person_id)
    ):
        yield f"{code}: a person was told of what they did themselves"
    strange = (
        select(Ticket.code)
        .join(Notice, Notice.ticket_id == Ticket.id)
        .join(Email, Email.id == Notice.letter_id)
        .where(
            or_(
                Email.kind.not_in((EmailKind.NOTICE, EmailKind.DIGEST)),
                and_(Email.kind == EmailKind.NOTICE, Email.ticket_id != Notice.ticket_id),
                Notice.way == "page",
            )
        )
    )
    yield from faults(ctx, strange, "news was sent in an email about something else")


@invariant("an email about news is for one person")
def emails_tell_one_person(ctx: Context) -> Iterator[str]:
    """No email combines the notices of two people."""
    several = (
        select(Email.reference)
        .join(Notice, Notice.letter_id == Email.id)
        .group_by(Email.reference)
        .having(func.count(Notice.person_id.distinct()) > 1)
    )
    for reference in ctx.session.scalars(several):
        yield f"email {reference}: it holds news of two people"


@invariant("histories are read for news")
def histories_are_read_on(ctx: Context) -> Iterator[str]:
    """There is one record of how far the histories were read, and it is not beyond the last event."""
    read = ctx.session.scalars(select(Progress)).all()
    if len(read) != 1:
        yield f"there are {len(read)} rows that say how far histories were read, not one"
    elif read[0].last_event > rows.newest_event(ctx.session):
        yield "histories were read beyond their end, so new events cause no news"
