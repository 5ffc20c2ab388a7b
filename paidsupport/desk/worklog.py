"""The log of the work: who did what, on which machine, from when to when (G18, N7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from paidsupport.desk import history
from paidsupport.desk.quotes import refuse_quotes
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflow import Part
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError
from paidsupport.kernel.edit import Change
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.transitions import Effect, ends_claim
from paidsupport.store.hostwork import Entry
from paidsupport.store.tickets import Ticket

#: Longest stretch that can be entered afterwards, in minutes.
MOST_MINUTES = 24 * 60
_MISSING = "Say what you did: it goes into the report to the customer."


@dataclass(frozen=True, slots=True)
class Stretch:
    """What somebody did, and where. `minutes`: how long, for what is entered afterwards."""

    what: str = ""
    machine: str = ""
    minutes: int = 0


def start(visit: Visit, code: str, stretch: Stretch, *, key: str) -> Ticket:
    """Begin a stretch of work on `stretch.machine` now; what was done is said when it stops.

    Raises NotFoundError, MoveRefusedError (no work is under way, or yours already runs), InvalidInputError,
    KeyReusedError. A resent key does nothing more.
    """
    with _edit(visit, code, "start", stretch, key) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        _refuse_without_work(visit, ticket)
        if running(visit, ticket):
            raise MoveRefusedError(code, ["Your clock runs already: stop it first."])
        machine = _checked(visit, ticket, stretch, needs_what=False).machine
        visit.session.add(_entry(visit, ticket, Stretch(machine=machine)))
        change.tell("work-started", **history.renewed_lease(visit, ticket))
    return ticket


def stop(visit: Visit, code: str, stretch: Stretch, *, key: str) -> Ticket:
    """End the stretch that runs, and say what was done. Raises as `start`."""
    with _edit(visit, code, "stop", stretch, key) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        _refuse_without_work(visit, ticket)
        entry = running(visit, ticket)
        if entry is None:
            sentence = "Your clock does not run: start it first, or enter the work by hand."
            raise MoveRefusedError(code, [sentence])
        entry.what = _checked(visit, ticket, stretch, needs_what=True).what
        entry.ended_at = max(visit.now, entry.started_at)
        change.tell("work-stopped", {"seconds": _seconds(entry)}, **history.renewed_lease(visit, ticket))
    return ticket


def add(visit: Visit, code: str, stretch: Stretch, *, key: str) -> Ticket:
    """Enter work that ended just now and took `stretch.minutes`. Raises as `start`."""
    with _edit(visit, code, "add", stretch, key) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        _refuse_without_work(visit, ticket)
        tidy = _checked(visit, ticket, stretch, needs_what=True)
        if not 1 <= stretch.minutes <= MOST_MINUTES:
            raise InvalidInputError({"minutes": [f"Write how many minutes it took: 1 to {MOST_MINUTES:,}."]})
        entry = _entry(visit, ticket, tidy)
        entry.started_at, entry.ended_at = visit.now - timedelta(minutes=stretch.minutes), visit.now
        visit.session.add(entry)
        change.tell("work-added", {"seconds": _seconds(entry)}, **history.renewed_lease(visit, ticket))
    return ticket


def running(visit: Visit, ticket: Ticket) -> Entry | None:
    """The stretch of this person that has not been stopped."""
    return visit.session.scalar(
        select(Entry).where(
            Entry.ticket_id == ticket.id, Entry.person_id == visit.by.id, Entry.ended_at.is_(None)
        )
    )


def of(visit: Visit, ticket: Ticket) -> list[Entry]:
    """All stretches of a ticket, oldest first."""
    wanted = select(Entry).where(Entry.ticket_id == ticket.id).order_by(Entry.started_at, Entry.id)
    return list(visit.session.scalars(wanted))


def stop_all(visit: Visit, ticket: Ticket) -> None:
    """No clock runs on when the claim has ended; what was done there is not known any more."""
    visit.session.execute(
        update(Entry)
        .where(Entry.ticket_id == ticket.id, Entry.ended_at.is_(None))
        .values(ended_at=visit.now, what="(the claim ended while the clock ran)")
        .execution_options(synchronize_session=False)
    )


def _edit(visit: Visit, code: str, act: str, stretch: Stretch, key: str) -> Change[Visit, Ticket]:
    return history.edit(visit, code, key=key, content=("worklog", act, code, visit.by.id, stretch))


def _refuse_without_work(visit: Visit, ticket: Ticket) -> None:
    if not visit.by.is_person:
        raise NotFoundError
    if ticket.part != Part.PENDING or ticket.started_at is None:
        raise MoveRefusedError(ticket.code, ["The log is for work under way: start the work first."])


def _checked(visit: Visit, ticket: Ticket, stretch: Stretch, *, needs_what: bool) -> Stretch:
    fields = Fields()
    what = fields.many_lines("what", stretch.what, required=_MISSING if needs_what else "").strip()
    machine = fields.one_line("machine", stretch.machine)
    fields.done()
    refuse_quotes(visit, ticket, what, "what")
    refuse_quotes(visit, ticket, machine, "machine")
    return Stretch(what, machine)


def _entry(visit: Visit, ticket: Ticket, stretch: Stretch) -> Entry:
    return Entry(
        ticket_id=ticket.id,
        person_id=visit.by.id,
        person_name=visit.by.name,
        machine=stretch.machine,
        what=stretch.what,
        started_at=visit.now,
    )


def _seconds(entry: Entry) -> int:
    return int((entry.ended_at - entry.started_at).total_seconds()) if entry.ended_at else 0


EFFECTS = (Effect("clocks-stopped", lambda at: stop_all(at.ctx, at.record), on=ends_claim),)
