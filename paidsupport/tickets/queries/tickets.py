"""Queries for tickets by code, reference, customer or claim, and for merged tickets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from paidsupport.kernel.errors import existing
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.tables import Event, Ticket, family

#: The most claims checked in one run of the clock.
_ROUND = 100


def by_codes(session: Session, *codes: str) -> dict[str, Ticket]:
    """The tickets with these codes, as far as they exist."""
    return {ticket.code: ticket for ticket in session.scalars(select(Ticket).where(Ticket.code.in_(codes)))}


def by_code(session: Session, code: str) -> Ticket:
    """The ticket called `code`, not locked. Raises NotFoundError."""
    return existing(by_codes(session, code).get(code))


def by_reference(session: Session, reference: str) -> Ticket:
    """The ticket with this random name. Raises NotFoundError."""
    return existing(session.scalar(select(Ticket).where(Ticket.reference == reference)))


def newest_of_customer(session: Session, user_id: str, most: int) -> Sequence[Ticket]:
    """The orders of a signed-in visitor of the host app, newest first."""
    wanted = select(Ticket).where(Ticket.customer_user_id == user_id)
    return session.scalars(wanted.order_by(Ticket.id.desc()).limit(most)).all()


def going_on_for(session: Session, address: str, most: int) -> Sequence[Ticket]:
    """The open tickets of a customer's address (in its form for comparing), newest first."""
    theirs = Ticket.customer_address == address, Ticket.part != Part.CLOSED, Ticket.erased_at.is_(None)
    return session.scalars(select(Ticket).where(*theirs).order_by(Ticket.id.desc()).limit(most)).all()


def last_ended_for(session: Session, address: str, since: datetime) -> Sequence[Ticket]:
    """The ticket of an address that ended last, if that was after a moment."""
    theirs = Ticket.customer_address == address, Ticket.ended_at > since, Ticket.erased_at.is_(None)
    unmerged = Ticket.merged_into_id.is_(None)
    return session.scalars(
        select(Ticket).where(*theirs, unmerged).order_by(Ticket.ended_at.desc()).limit(1)
    ).all()


def first_event(session: Session, ticket: Ticket) -> str | None:
    """The kind of the first event in a ticket's history."""
    return session.scalar(select(Event.kind).where(Event.ticket_id == ticket.id, Event.number == 1))


def claimed_versions(session: Session) -> list[int]:
    """The ids of the versions of services that tickets with a claim that can end were ordered under."""
    wanted = select(Ticket.service_version_id).where(Ticket.lease_until.is_not(None)).distinct()
    return list(session.scalars(wanted))


def lapsing(session: Session, now: datetime, horizons: Mapping[int, datetime]) -> list[int]:
    """The ids of tickets whose claim has ended, or will soon without a warning so far.

    Args:
        session: Where they are.
        now: By when a claim has ended.
        horizons: What is soon, for each version of a service that a claimed ticket was ordered under.
    """
    versions = defaultdict[datetime, list[int]](list)
    for version, horizon in horizons.items():
        versions[horizon].append(version)
    soon = [
        (Ticket.lease_until <= horizon) & Ticket.service_version_id.in_(under)
        for horizon, under in versions.items()
    ]
    due = (Ticket.lease_until <= now) | (~Ticket.lease_warned & or_(false(), *soon))
    wanted = select(Ticket.id).where(Ticket.lease_until <= max([now, *versions]), due)
    return list(session.scalars(wanted.order_by(Ticket.lease_until).limit(_ROUND)))


def held_by(session: Session, person_id: int) -> list[str]:
    """The codes of the tickets that a person holds, in the order in which every operation locks them."""
    held = select(Ticket.code).where(Ticket.owner_id == person_id, Ticket.part == Part.PENDING)
    return list(session.scalars(held.order_by(Ticket.id)))


def holder_name(session: Session, ticket: Ticket) -> str:
    """The name of the ticket's owner; empty if it has none."""
    if ticket.owner_id is None or ticket.part != Part.PENDING:
        return ""
    return session.scalar(select(Person.name).where(Person.id == ticket.owner_id)) or ""


def holder_of(session: Session, code: str) -> tuple[str | None, datetime | None] | None:
    """The owner of the ticket called `code`, or of the one it was merged into, and since when; one query."""
    named = aliased(Ticket)
    wanted = select(Person.name, Ticket.claimed_at).select_from(named).where(named.code == code)
    wanted = wanted.join(Ticket, Ticket.id == func.coalesce(named.merged_into_id, named.id))
    wanted = wanted.outerjoin(Person, (Person.id == Ticket.owner_id) & (Ticket.part == Part.PENDING))
    return session.execute(wanted).one_or_none()


def family_ids(ticket: Ticket) -> Select[int]:
    """A select of the ids of a ticket and of those merged into it, to be run or compared with."""
    return select(Ticket.id).where(family(ticket))
