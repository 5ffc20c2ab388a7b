"""A check shared by all operations that note something on a lead."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Part
from paidsupport.sales.leads.workflow import SALES
from paidsupport.tickets.tables import Ticket


def refuse_others(ctx: Context, ticket: Ticket) -> None:
    """Raise TransitionRefusedError unless the ticket is a lead that has not ended."""
    del ctx
    if ticket.workflow != SALES.name:
        raise TransitionRefusedError(ticket.code, [_("This ticket isn't a lead.")])
    if ticket.part == Part.CLOSED or ticket.erased_at is not None:
        raise TransitionRefusedError(ticket.code, [_("This lead has ended. Reopen it first.")])
