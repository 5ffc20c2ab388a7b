"""Setting the priority; all staff may, on any ticket that has not ended (P7)."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.operations import history
from paidsupport.tickets.priority.rules import NAMES, NUMBERS
from paidsupport.tickets.tables import Ticket


def prioritise(ctx: Context, code: str, name: str, *, key: str) -> Ticket:
    """Give a ticket the priority `name`, one of `NAMES`; returns the ticket.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: There is no such priority (field `priority`).
        TransitionRefusedError: The ticket has ended.
        KeyReusedError: The form was sent with another priority.
    """
    if name not in NUMBERS:
        raise InvalidInputError({"priority": [_("Choose a priority from the list.")]})
    with history.edit(ctx, code, key=key, content=("priority", code, name, ctx.by.id)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if ticket.part == Part.CLOSED:
            raise TransitionRefusedError(code, [_("This ticket has ended: it needs no priority.")])
        if ticket.priority == NUMBERS[name]:
            change.nothing_new()
            return ticket
        data = {"priority": name, "before": NAMES[ticket.priority]}
        change.tell("prioritised", data, priority=NUMBERS[name])
    return ticket
