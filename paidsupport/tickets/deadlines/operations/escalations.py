"""What the clock does about deadlines: it warns staff before one is missed, and reports missed ones (P9)."""

from __future__ import annotations

from paidsupport.catalogue.rules.deadlines import DeadlineKind
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.deadlines import queries
from paidsupport.tickets.deadlines.rules import LABELS, time_left
from paidsupport.tickets.deadlines.tables import Deadline
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.operations import history


def due(ctx: Context) -> list[int]:
    """The ids of the deadlines to warn of, or to report as missed."""
    return queries.deadlines_to_look_at(ctx.session, ctx.now)


def tend(ctx: Context, deadline_id: int) -> str:
    """Warn of a deadline or report it as missed, whichever is due; returns `warned`, `missed` or "".

    It is read again under the ticket's lock, in case the work was done, or another worker was faster.
    """
    row = ctx.session.get_one(Deadline, deadline_id)
    ticket = tickets.lock_by_id(ctx.session, row.ticket_id)
    ctx.session.refresh(row)
    if row.look_at is None or row.due_at is None or row.look_at > ctx.now:
        return ""
    owner = None if ticket.owner_id is None else ctx.session.get(Person, ticket.owner_id)
    if owner and not owner.active:
        owner = None  # a person who has left will not answer
    missed = row.due_at <= ctx.now
    if missed:
        row.missed_at, row.look_at = ctx.now, None
        told = _in_charge(ctx)
    else:
        row.warned_at, row.look_at = ctx.now, row.due_at
        told = set() if owner else _in_charge(ctx)
    context = {
        "deadline": row,
        "label": LABELS[DeadlineKind(row.kind)],
        "due": row.due_at.astimezone(ctx.services.hours.zone),
        "holder": owner.name if owner else "",
        "left": time_left(row.due_at, ctx.now, ctx.services.hours),
    }
    kind = EmailKind.DEADLINE_MISSED if missed else EmailKind.DEADLINE_WARNING
    for person_id in sorted(told | ({owner.id} if owner else set())):
        emails.to_person(ctx, ticket, kind, person_id, **context)
    history.tell(ctx, ticket, str(kind), {"kind": row.kind})
    return "missed" if missed else "warned"


def _in_charge(ctx: Context) -> set[int]:
    return {person.id for person in people.in_charge(staff.everybody(ctx.session))}
