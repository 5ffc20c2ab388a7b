"""Invariants: who owns a ticket, and its state."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select, tuple_

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.tables import Claim, Ticket


@invariant("one owner per claim number")
def one_owner_per_claim_number(ctx: Context) -> Iterator[str]:
    """The log of claims has each number once, and agrees with the ticket about its owner."""
    doubled = select(Ticket.code).join(Claim).group_by(Ticket.code, Claim.number).having(func.count() > 1)
    yield from faults(ctx, doubled, "two claims have the same number")
    open_claim = and_(Claim.ticket_id == Ticket.id, Claim.ended_at.is_(None))
    held = (
        select(Ticket.code)
        .outerjoin(Claim, open_claim)
        .where(
            Ticket.part == "pending",
            or_(
                Claim.id.is_(None),
                Claim.number != Ticket.claim_number,
                Claim.person_id != Ticket.owner_id,
            ),
        )
    )
    yield from faults(ctx, held, "its owner and its log of claims disagree")
    unheld = select(Ticket.code).join(Claim, open_claim).where(Ticket.part != "pending")
    yield from faults(ctx, unheld, "it has no owner, but one of its claims never ended")


@invariant("owners of tickets work here")
def owners_work_here(ctx: Context) -> Iterator[str]:
    """What a person held who was disabled has gone to colleagues, or is free to claim."""
    held = select(Ticket.code).join(Person, Person.id == Ticket.owner_id)
    gone = held.where(Ticket.part == "pending", ~Person.active)
    yield from faults(ctx, gone, "its owner no longer works here")


@invariant("parts match states")
def parts_match_states(ctx: Context) -> Iterator[str]:
    """Every ticket is in a state of its workflow, and in the part of that state."""
    for code, workflow, state, part in ctx.session.execute(
        select(func.min(Ticket.code), Ticket.workflow, Ticket.state, Ticket.part).group_by(
            Ticket.workflow, Ticket.state, Ticket.part
        )
    ):
        try:
            right = ctx.services.workflows[workflow].state(state).part
        except KeyError:
            yield f"{code}: there is no state “{state}” in a workflow “{workflow}”"
        else:
            if right != part:
                yield f"{code}: the state “{state}” is in the part “{right}”, not “{part}”"


@invariant("owners, claims and ends are consistent")
def holders_fit(ctx: Context) -> Iterator[str]:
    """Pending tickets have an owner and a lease, unassigned ones neither, ended ones an end."""
    flows = ctx.services.workflows.values()
    lasting = [(flow.name, state.name) for flow in flows for state in flow.states if state.lasting]
    unled = Ticket.lease_until.is_(None) & tuple_(Ticket.workflow, Ticket.state).not_in(lasting)
    pending = and_(Ticket.part == "pending", or_(Ticket.owner_id.is_(None), unled))
    free = and_(
        Ticket.part == "unassigned", or_(Ticket.owner_id.is_not(None), Ticket.lease_until.is_not(None))
    )
    ended = (Ticket.part == "closed") != Ticket.ended_at.is_not(None)
    broken = select(Ticket.code).where(or_(pending, free, ended))
    yield from faults(ctx, broken, "its owner, lease or end does not fit its state")
