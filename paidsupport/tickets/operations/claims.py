"""Claiming a ticket with one click, and lapsing claims (G5, G11)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from paidsupport.kernel.actors import CLOCK, Role
from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConflictError, existing
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Holder
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.hooks import LEFT
from paidsupport.tickets.operations import history, leases, transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.queries import tickets as queries
from paidsupport.tickets.tables import Ticket


@dataclass(frozen=True, slots=True)
class Holding:
    """Who owns a ticket and since when: no name without an owner, not `known` if there is no such ticket."""

    known: bool = False
    name: str = ""
    since: datetime | None = None


def claim(ctx: Context, code: str, *, version: int, key: str) -> Ticket:
    """Claim an open ticket. Of simultaneous claims exactly one succeeds. Raises as `transitions.make`."""
    ticket = tickets.lock(ctx.session, code)
    return _apply(ctx, ticket, Holder.TAKES, Role.DEVELOPER, version=version, key=key)


def ensure(ctx: Context, ticket: Ticket, version: int) -> int:
    """Claim a ticket without an owner before an operation on it.

    The caller holds the ticket's lock. Raises as `transitions.apply`.

    Returns:
        The version of the ticket after the claim, or `version` if it had an owner.
    """
    if ticket.owner_id is None and ticket.version == version:
        return _apply(ctx, ticket, Holder.TAKES, Role.DEVELOPER, version=version).version
    return version


def who_holds(ctx: Context, typed: str) -> Holding:
    """Who owns the ticket with the code that was typed, or the one it was merged into; nothing else.

    The query is the same for codes that exist, codes that do not, and texts that are not codes.
    """
    row = queries.holder_of(ctx.session, tidy_code(typed) or "")
    if row is None:
        return Holding()
    return Holding(known=True, name=row[0] or "", since=row[1] if row[0] else None)


def due(ctx: Context) -> list[int]:
    """The ids of tickets whose claim has run out, or is about to without a warning so far."""
    warned = {version: ctx.now + time for version, time in leases.warning_times(ctx).items()}
    return queries.lapsing(ctx.session, ctx.now, warned)


def tend(ctx: Context, ticket_id: int) -> str:
    """Warn of a claim's end or let it lapse, whichever is due; returns `lapsed`, `warned` or an empty text.

    The lease is read again under the ticket's lock, in case its owner has acted.
    """
    ticket = tickets.lock_by_id(ctx.session, ticket_id)
    if ticket.lease_until is None or ticket.owner_id is None:
        return ""
    if ticket.lease_until <= ctx.now:
        return _lapse(ctx, ticket, ticket.owner_id)
    if ticket.lease_warned or ticket.lease_until > ctx.now + leases.warning_time(ctx, ticket):
        return ""
    emails.to_person(ctx, ticket, EmailKind.LEASE_WARNING, ticket.owner_id, until=ticket.lease_until)
    history.tell(ctx, ticket, "lease-warned", lease_warned=True)
    return "warned"


def pass_on(ctx: Context, person_id: int, to: int | None) -> int:
    """Hand all tickets of a person who leaves the staff over to a colleague, or release them.

    Args:
        ctx: The manager who does it.
        person_id: Whose tickets.
        to: The colleague; None: they are free to claim.

    Returns:
        How many there were.

    Raises:
        ConflictError: One of them cannot be passed on, for a reason that is said; the caller rolls back.
    """
    name = existing(ctx.session.get(Person, person_id)).name
    note = filled(_GONE, name=name)
    holder, role = (Holder.DROPS, Role.CLOCK) if to is None else (Holder.PASSES, Role.MANAGER)
    codes = queries.held_by(ctx.session, person_id)
    for code in codes:
        ticket = tickets.lock(ctx.session, code)
        if ticket.owner_id != person_id:
            continue  # they released it at this moment
        try:
            _apply(ctx, ticket, holder, role, version=ticket.version, filled=Filled(colleague=to, note=note))
        except ConflictError as error:
            raise ConflictError(
                _("Ticket %(code)s stays where it is: %(why)s Nothing was changed.", code=code, why=error)
            ) from error
    return len(codes)


def remove(ctx: Context, email: str) -> Person:
    """Remove a member of staff: their tickets are free to claim, and their issues go to a manager.

    Their work stays, and their tokens are revoked.

    Raises:
        NotFoundError: There is no such person.
        LastManagerError: They are the only manager.
        ConflictError: Something cannot be passed on, for a reason that is said; the caller rolls back.
    """
    person = people.remove(ctx, email)
    by_clock = replace(ctx, by=CLOCK)
    pass_on(by_clock, person.id, None)
    ctx.services.hooks.call(LEFT, by_clock, person.id)
    return person


_GONE = storable(_("%(name)s no longer works here."))


def _apply(ctx: Context, ticket: Ticket, holder: Holder, role: Role, **how: Any) -> Ticket:  # noqa: ANN401  # as it is applied
    """Make the transition of the ticket's workflow that changes its owner in this way."""
    name = ctx.services.workflows[ticket.workflow].name_of(holder, role)
    return transitions.apply(ctx, ticket, name, **how)


_LAPSED = storable(_("The claim lapsed: nothing was done for too long (%(hours)s h after it was taken)."))


def _lapse(ctx: Context, ticket: Ticket, owner_id: int) -> str:
    held = ctx.now - (ticket.claimed_at or ctx.now)
    note = filled(_LAPSED, hours=int(held.total_seconds() // 3600))
    _apply(ctx, ticket, Holder.DROPS, Role.CLOCK, version=ticket.version, filled=Filled(note=note))
    emails.to_person(ctx, ticket, EmailKind.LAPSED, owner_id)
    return "lapsed"
