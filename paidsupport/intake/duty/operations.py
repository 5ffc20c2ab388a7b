"""Escalating unclaimed tickets: to the next person on the roster, and in the end to the managers (T7).

A round is one period of being open, identified by the ticket's claim number, which every claim and every end
of one raises. So a claim ends a round without knowing of it, and a reopened ticket starts a new one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from paidsupport.intake.duty.queries import opened_at, steps, untaken
from paidsupport.intake.duty.tables import CascadeStep
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Part
from paidsupport.privacy.redaction import masked
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.hooks import ANNOUNCED
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket

log = logging.getLogger("paidsupport.cascade")


def due(ctx: Context) -> list[int]:
    """The ids of open tickets that were unclaimed for too long; empty while the desk is closed."""
    hours, minutes = ctx.services.hours, ctx.services.settings.cascade_minutes
    names = workflows(ctx)
    if not names or not hours.is_open(ctx.now):
        return []
    # working minutes never pass faster than real ones, so this finds all candidates
    rows = untaken(ctx.session, names, ctx.now - timedelta(minutes=minutes))
    return [row.id for row in rows if hours.after(row.since, minutes) <= ctx.now]


def tend(ctx: Context, ticket_id: int) -> str:
    """Notify the next person; returns `told`, `ended` if it was the managers, or "".

    The ticket is read again under its lock, in case it was claimed or another worker was faster.
    """
    ticket = tickets.lock_by_id(ctx.session, ticket_id)
    if ticket.part != Part.UNASSIGNED or ticket.workflow not in workflows(ctx) or ticket.erased_at:
        return ""
    opened = opened_at(ctx.session, ticket)
    done = steps(ctx.session, ticket)
    since = done[-1].at if done else opened
    if any(step.person_id is None for step in done) or not _has_waited(ctx, since):
        return ""
    duty = roster.duty_at(ctx, ctx.now)
    told = {step.person_id for step in done}
    following = next((person for person in duty.people if person.id not in told), None)
    _tell(ctx, ticket, len(done) + 1, following, duty.managers, opened)
    return "told" if following else "ended"


def _tell(
    ctx: Context,
    ticket: Ticket,
    step: int,
    following: Person | None,
    managers: Sequence[Person],
    opened: datetime,
) -> None:
    """Take one step: its row, the emails, the history, and the webhook; all of it or nothing."""
    person_id = following.id if following else None
    row = CascadeStep(
        ticket_id=ticket.id, round=ticket.claim_number, step=step, person_id=person_id, at=ctx.now
    )
    ctx.session.add(row)
    ctx.session.flush()
    hearing = [following] if following else managers
    if not hearing:
        log.warning("%s: nobody takes it, and there is no manager who could be told", ticket.code)
    more = {
        "summary": masked(ticket.summary),
        "since": opened.astimezone(ctx.services.hours.zone),
        "minutes": ctx.services.settings.cascade_minutes,
    }
    kind = EmailKind.CASCADE if following else EmailKind.CASCADE_END
    for person in hearing:
        emails.to_person(ctx, ticket, kind, person.id, **more)
    facts = {
        "told": [person.id for person in hearing],
        "step": step,
        "management": following is None,
    }
    ctx.services.hooks.call(ANNOUNCED, ctx, "cascade", [(ticket, facts)])
    ids: list[int | None] = [person.id for person in hearing]
    told = [("cascade", {"colleague": colleague, "step": step}) for colleague in ids or [None]]
    history.tell_all(ctx, ticket, told)


def workflows(ctx: Context) -> frozenset[str]:
    """The names of the workflows whose tickets are escalated."""
    named = (name.strip() for name in ctx.services.settings.cascade.split(","))
    return frozenset(name for name in named if name)


def _has_waited(ctx: Context, since: datetime) -> bool:
    hours = ctx.services.hours
    waited = hours.after(since, ctx.services.settings.cascade_minutes) <= ctx.now
    return waited and hours.is_open(ctx.now)
