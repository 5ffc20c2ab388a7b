"""What the sections of a ticket's page are given."""

from __future__ import annotations

from dataclasses import dataclass

from paidsupport.kernel.context import Context
from paidsupport.kernel.workflow import Workflow
from paidsupport.tickets.operations.transitions import Possible, possible
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.views.steps import Step, next_step


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as somebody looks at it: what they may do, and what they do next."""

    page: DeskPage
    flow: Workflow
    ways: list[Possible]
    step: Step


def view_of(ctx: Context, page: DeskPage) -> TicketView:
    """How `ctx` sees this ticket."""
    ways = possible(ctx, page.ticket, page)
    flow = ctx.services.workflows[page.ticket.workflow]
    return TicketView(
        page, flow, sorted(ways, key=lambda way: bool(way.transition.reasons)), next_step(ctx, page, ways)
    )
