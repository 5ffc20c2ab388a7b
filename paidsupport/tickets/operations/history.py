"""The history of a ticket: events are added in the transaction of an operation, and never changed (P14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paidsupport.kernel.context import Context
from paidsupport.kernel.history import History
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.hooks import HAPPENED, LINES_WRITTEN
from paidsupport.tickets.operations import leases
from paidsupport.tickets.tables import Event, Ticket


def renewed_lease(ctx: Context, ticket: Ticket) -> dict[str, object]:
    """The columns with which an operation of the owner renews their lease (G11); empty for others."""
    if ticket.lease_until is None or ticket.owner_id != ctx.by.id:
        return {}
    state = ctx.services.workflows[ticket.workflow].state(ticket.state)
    fresh = ctx.now + leases.lease(ctx, ticket, patient=state.patient)
    return {"lease_until": max(ticket.lease_until, fresh), "lease_warned": False}


class TicketHistory(History[Context, Ticket]):
    """The history of tickets, which other capabilities can subscribe to."""

    def heard(self, context: Context, record: Ticket, kind: str, data: Mapping[str, object]) -> None:
        """Call the subscribers."""
        self.heard_all(context, kind, [(record, data)])

    def heard_all(
        self, context: Context, kind: str, lines: Sequence[tuple[Ticket, Mapping[str, object]]]
    ) -> None:
        """Call the subscribers, some once for each line, others once for all."""
        hooks = context.services.hooks
        for record, data in lines:
            hooks.call(HAPPENED, context, record, kind, data)
        hooks.call(LINES_WRITTEN, context, kind, lines)


TICKETS = TicketHistory(
    TICKET,
    Event,
    "ticket_id",
    lock=lambda ctx, code: tickets.lock(ctx.session, code),
    change=tickets.change,
)
edit, create, append = TICKETS.edit, TICKETS.create, TICKETS.append
tell, tell_all, told = TICKETS.tell, TICKETS.tell_all, TICKETS.told
once, done_before = TICKETS.once, TICKETS.done_before
