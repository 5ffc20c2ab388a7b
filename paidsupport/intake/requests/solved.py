"""Resolving requests whose issues are all over, and whose customers were told (T18)."""

from __future__ import annotations

from paidsupport.intake.requests.queries import over
from paidsupport.intake.workflow import RESOLVE
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.tables import Ticket


def due(ctx: Context) -> list[int]:
    """The ids of requests whose issues are all over, and whose customer was told and has not answered."""
    return over(ctx.session)


def resolve(ctx: Context, ticket_id: int) -> None:
    """Resolve one of them, if that still holds; its customer was told by email or in another way."""
    ticket = tickets.lock_by_id(ctx.session, ticket_id)
    if over(ctx.session, Ticket.id == ticket.id):
        filled = Filled(note=_("The issue is solved, and the customer has been told."))
        transitions.apply(ctx, ticket, RESOLVE.name, version=ticket.version, filled=filled)
