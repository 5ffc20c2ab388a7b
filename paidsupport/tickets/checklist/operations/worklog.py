"""The log of work: who did what, on which machine, from when to when (G18, N7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.kernel.transitions import Effect, ends_claim
from paidsupport.tickets.checklist import queries
from paidsupport.tickets.checklist.operations.checklist import refuse_without_work
from paidsupport.tickets.checklist.tables import Entry
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations.quotes import refuse_quotes

#: The longest entry that can be added afterwards, in minutes.
MOST_MINUTES = 24 * 60
_MISSING = _("Say what you did: it goes into the report to the customer.")
_CUT_SHORT = storable(_("(the claim ended while the clock ran)"))
_NOT_STARTED = _("The work log is for work in progress. Start the work first.")


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was done, and on which machine; `minutes`: how long, for entries added afterwards."""

    what: str = ""
    machine: str = ""
    minutes: int = 0


def start(ctx: Context, code: str, stretch: Stretch, *, key: str) -> Ticket:
    """Start the clock for work on `stretch.machine`; what was done is entered when it stops.

    A repeated key changes nothing.

    Raises:
        NotFoundError: There is no such ticket.
        TransitionRefusedError: No work is under way, or this person's clock is running already.
        InvalidInputError: By field.
        KeyReusedError: The form was sent with other content.
    """
    with _edit(ctx, code, "start", stretch, key) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        refuse_without_work(ctx, ticket, _NOT_STARTED)
        if queries.running_entry(ctx.session, ticket, ctx.by.id):
            raise TransitionRefusedError(code, [_("Your clock is running already. Stop it first.")])
        machine = _checked(ctx, ticket, stretch, needs_what=False).machine
        ctx.session.add(_entry(ctx, ticket, Stretch(machine=machine)))
        change.tell("work-started", **history.renewed_lease(ctx, ticket))
    return ticket


def stop(ctx: Context, code: str, stretch: Stretch, *, key: str) -> Ticket:
    """Stop this person's clock and enter what was done. Raises as `start`."""
    with _edit(ctx, code, "stop", stretch, key) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        refuse_without_work(ctx, ticket, _NOT_STARTED)
        entry = queries.running_entry(ctx.session, ticket, ctx.by.id)
        if entry is None:
            sentence = _("Your clock isn't running. Start it first, or enter the work by hand.")
            raise TransitionRefusedError(code, [sentence])
        entry.what = _checked(ctx, ticket, stretch, needs_what=True).what
        entry.ended_at = max(ctx.now, entry.started_at)
        change.tell("work-stopped", {"seconds": _seconds(entry)}, **history.renewed_lease(ctx, ticket))
    return ticket


def add(ctx: Context, code: str, stretch: Stretch, *, key: str) -> Ticket:
    """Enter work that ended just now and took `stretch.minutes`. Raises as `start`."""
    with _edit(ctx, code, "add", stretch, key) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        refuse_without_work(ctx, ticket, _NOT_STARTED)
        tidy = _checked(ctx, ticket, stretch, needs_what=True)
        if not 1 <= stretch.minutes <= MOST_MINUTES:
            raise InvalidInputError(
                {"minutes": [_("Enter the minutes it took, from 1 to %(most)s.", most=MOST_MINUTES)]}
            )
        entry = _entry(ctx, ticket, tidy)
        entry.started_at, entry.ended_at = ctx.now - timedelta(minutes=stretch.minutes), ctx.now
        ctx.session.add(entry)
        change.tell("work-added", {"seconds": _seconds(entry)}, **history.renewed_lease(ctx, ticket))
    return ticket


def stop_all(ctx: Context, ticket: Ticket) -> None:
    """Stop all clocks when a claim ends; what was done is not known."""
    ctx.session.execute(
        update(Entry)
        .where(Entry.ticket_id == ticket.id, Entry.ended_at.is_(None))
        .values(ended_at=ctx.now, what=_CUT_SHORT)
        .execution_options(synchronize_session=False)
    )


def _edit(ctx: Context, code: str, act: str, stretch: Stretch, key: str) -> Change[Context, Ticket]:
    return history.edit(ctx, code, key=key, content=("worklog", act, code, ctx.by.id, stretch))


def _checked(ctx: Context, ticket: Ticket, stretch: Stretch, *, needs_what: bool) -> Stretch:
    fields = Fields()
    what = fields.many_lines("what", stretch.what, required=_MISSING if needs_what else "").strip()
    machine = fields.one_line("machine", stretch.machine)
    fields.done()
    refuse_quotes(ctx, ticket, what, "what")
    refuse_quotes(ctx, ticket, machine, "machine")
    return Stretch(what, machine)


def _entry(ctx: Context, ticket: Ticket, stretch: Stretch) -> Entry:
    return Entry(
        ticket_id=ticket.id,
        person_id=ctx.by.id,
        person_name=ctx.by.name,
        machine=stretch.machine,
        what=stretch.what,
        started_at=ctx.now,
    )


def _seconds(entry: Entry) -> int:
    return int((entry.ended_at - entry.started_at).total_seconds()) if entry.ended_at else 0


EFFECTS = (Effect("clocks-stopped", lambda at: stop_all(at.ctx, at.record), on=ends_claim),)
