"""Invariants of deadlines (P9, N9)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from paidsupport.catalogue.rules.deadlines import DeadlineKind
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.tickets.deadlines.tables import NEVER, Deadline
from paidsupport.tickets.emails.rules import FIRST_CONTACT_SLOT
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

_OPEN = and_(Deadline.ticket_id == Ticket.id, Deadline.done_at.is_(None))


@invariant("deadlines are consistent")
def deadlines_fit(ctx: Context) -> Iterator[str]:
    """Ended tickets have no deadline; only a resolution is paused, while it is the customer's turn."""
    over = or_(Ticket.part == "closed", Ticket.erased_at.is_not(None))
    yield from faults(ctx, _with_open(over), "it has ended, but something is still due")
    still = Deadline.due_at.is_(None)
    resolution = Deadline.kind == DeadlineKind.RESOLUTION
    astray = or_(
        and_(resolution, ~over, still != (Ticket.awaits == "customer")),
        and_(~resolution, still),
    )
    yield from faults(ctx, _with_open(astray), "a deadline is paused or runs without a reason")
    made = exists().where(Email.ticket_id == Ticket.id, Email.contact == FIRST_CONTACT_SLOT)
    contact = and_(Deadline.kind == DeadlineKind.FIRST_CONTACT, made)
    yield from faults(ctx, _with_open(contact), "its first contact is still due after it was made")


@invariant("tickets show what is due")
def due_is_known(ctx: Context) -> Iterator[str]:
    """Every ticket shows its nearest running deadline in the queue, and none if no deadline runs."""
    nearest = select(func.min(Deadline.due_at)).where(_OPEN).scalar_subquery()
    same = exists().where(
        _OPEN,
        Deadline.due_at == Ticket.due_at,
        Deadline.kind == Ticket.due_kind,
        Deadline.warn_at == Ticket.near_at,
    )
    none = and_(Ticket.due_at == NEVER, Ticket.due_kind == "", Ticket.near_at.is_(None))
    wrong = or_(
        and_(nearest.is_(None), ~none),
        and_(nearest.is_not(None), or_(Ticket.due_at != nearest, ~same)),
    )
    yield from faults(ctx, select(Ticket.code).where(wrong), "the deadline it shows is not its nearest one")


def _with_open(which: ColumnElement[bool]) -> Select[str]:
    return select(Ticket.code).join(Deadline, _OPEN).where(which)
