"""What all that is noted on a lead has in common."""

from __future__ import annotations

from paidsupport.desk.visit import Visit
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows import SALES
from paidsupport.errors import MoveRefusedError
from paidsupport.store.tickets import Ticket


def refuse_others(visit: Visit, ticket: Ticket) -> None:
    """Raises MoveRefusedError for what is no lead, and for a lead that has ended."""
    del visit
    if ticket.workflow != SALES.name:
        raise MoveRefusedError(ticket.code, ["This is no lead."])
    if ticket.part == Part.CLOSED or ticket.erased_at is not None:
        raise MoveRefusedError(ticket.code, ["This lead has ended: open it again first."])
