"""What the sections of a ticket's page are given."""

from __future__ import annotations

from dataclasses import dataclass

from paidsupport.desk.moves import Possible, possible
from paidsupport.desk.visit import Visit
from paidsupport.domain.workflow import Workflow
from paidsupport.store.pages import DeskPage
from paidsupport.web.staff.steps import Step, next_step


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as somebody looks at it: what they may do, and what they do next."""

    page: DeskPage
    flow: Workflow
    ways: list[Possible]
    step: Step


def view_of(visit: Visit, page: DeskPage) -> TicketView:
    """How `visit` sees this ticket."""
    ways = possible(visit, page.ticket, page)
    flow = visit.house.workflows[page.ticket.workflow]
    return TicketView(
        page, flow, sorted(ways, key=lambda way: bool(way.move.reasons)), next_step(visit, page, ways)
    )
