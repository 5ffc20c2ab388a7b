"""Queries for tickets that are related."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from paidsupport.tickets.tables import Link, Ticket


def link_between(session: Session, ticket: Ticket, other: Ticket) -> Link | None:
    """The link between two tickets, in either direction."""
    there = (Link.ticket_id == ticket.id) & (Link.other_id == other.id)
    back = (Link.ticket_id == other.id) & (Link.other_id == ticket.id)
    found: Link | None = session.scalar(select(Link).where(or_(there, back)))
    return found


def merged_into(session: Session, ticket: Ticket) -> str | None:
    """The code of the first ticket that was merged into this one."""
    inside = select(Ticket.code).where(Ticket.merged_into_id == ticket.id)
    return session.scalar(inside.order_by(Ticket.id).limit(1))
