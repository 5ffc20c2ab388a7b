"""Queries: tickets that are not claimed, since when, and who was notified of them in this round."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session

from paidsupport.intake.duty.tables import CascadeStep
from paidsupport.kernel.db.base import UTCDateTime
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.tables import Event, Ticket

#: The most tickets checked in one run of the clock.
ROUND = 100

_THIS_ROUND = (CascadeStep.ticket_id == Ticket.id, CascadeStep.round == Ticket.claim_number)


def untaken(session: Session, workflows: Collection[str], until: datetime) -> Sequence[Row[int, datetime]]:
    """Open tickets of these workflows without an event since `until`: `id`, and `since` when."""
    values = {"workflows": list(workflows), "until": until, "most": ROUND}
    return session.execute(_untaken(), values).all()


@cache
def _untaken() -> Select[int, datetime]:
    """The statement; built once, because workers run it all the time."""
    last_step = select(func.max(CascadeStep.at)).where(*_THIS_ROUND).correlate(Ticket).scalar_subquery()
    since = func.coalesce(last_step, _opened())
    wanted = select(Ticket.id, since.label("since")).where(
        Ticket.part == Part.UNASSIGNED,
        Ticket.workflow.in_(bindparam("workflows", expanding=True)),
        Ticket.erased_at.is_(None),
        # one that was moved in has waited elsewhere: it is found in the queue
        or_(Ticket.moved_in_at.is_(None), Ticket.claim_number > 0),
        ~exists().where(*_THIS_ROUND, CascadeStep.person_id.is_(None)),
        since <= bindparam("until", type_=UTCDateTime),
    )
    return wanted.order_by("since", Ticket.id).limit(bindparam("most", type_=Integer))


def steps(session: Session, ticket: Ticket) -> Sequence[CascadeStep]:
    """The people notified of a ticket in this round, in order."""
    mine = CascadeStep.ticket_id == ticket.id, CascadeStep.round == ticket.claim_number
    return session.scalars(select(CascadeStep).where(*mine).order_by(CascadeStep.step)).all()


def opened_at(session: Session, ticket: Ticket) -> datetime:
    """Since when a ticket is open: since it arrived, or since the transition that began this round."""
    return session.scalars(select(_opened()).where(Ticket.id == ticket.id)).one()


def _opened() -> ColumnElement[datetime]:
    """Read from the history, which records the claim number that each transition left the ticket with."""
    began = (
        select(func.min(Event.at))
        .where(Event.ticket_id == Ticket.id, Event.data["claim"].as_integer() == Ticket.claim_number)
        .correlate(Ticket)
        .scalar_subquery()
    )
    return case(
        (Ticket.claim_number == 0, Ticket.submitted_at), else_=func.coalesce(began, Ticket.submitted_at)
    )
