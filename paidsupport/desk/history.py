"""The history of a ticket: appended to in the same transaction as the deed, never changed (P14)."""

from __future__ import annotations

from paidsupport.desk.ticket_events import TICKET
from paidsupport.desk.visit import Visit
from paidsupport.kernel.history import History
from paidsupport.store import tickets
from paidsupport.store.tickets import Event, Ticket


def renewed_lease(visit: Visit, ticket: Ticket) -> dict[str, object]:
    """The columns with which an owner's deed lets their claim begin its time anew (G11); none for others."""
    if ticket.lease_until is None or ticket.owner_id != visit.by.id:
        return {}
    state = visit.house.workflows[ticket.workflow].state(ticket.state)
    fresh = visit.now + visit.house.settings.lease(patient=state.patient)
    return {"lease_until": max(ticket.lease_until, fresh), "lease_warned": False}


TICKETS: History[Visit, Ticket] = History(
    TICKET,
    Event,
    "ticket_id",
    lock=lambda visit, code: tickets.lock(visit.session, code),
    change=tickets.change,
)
edit, create, append = TICKETS.edit, TICKETS.create, TICKETS.append
tell, tell_all, told = TICKETS.tell, TICKETS.tell_all, TICKETS.told
once, done_before = TICKETS.once, TICKETS.done_before
