"""Invariants of phone calls (T6)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.kernel import phones
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant
from paidsupport.tickets.tables import Ticket


@invariant("calls can be found")
def calls_complete(ctx: Context) -> Iterator[str]:
    """Every call records its time and who took it, and is found by its number."""
    noted = select(Intake, Ticket.code, Ticket.erased_at).join(Ticket, Ticket.id == Intake.ticket_id)
    noted = noted.where(or_(Intake.channel == "phone", Intake.phone != "", Intake.digits != ""))
    for intake, code, erased_at in ctx.session.execute(noted.execution_options(yield_per=1000)):
        known = intake.called_at is not None and intake.taken_by_id is not None
        if intake.channel == "phone" and not known and not erased_at:
            yield f"{code}: it is not on record when the call was, or who took it"
        if intake.digits != phones.compared(intake.phone):
            yield f"{code}: the caller cannot be found by their number"
