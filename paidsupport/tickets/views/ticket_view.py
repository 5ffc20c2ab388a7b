"""What the sections of a ticket's page are given, including the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.proposals import first_due
from paidsupport.kernel.workflow import Rest, State, Workflow
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.operations.transitions import Possible, possible
from paidsupport.tickets.queries.pages import DeskPage


@dataclass(frozen=True, slots=True)
class Step:
    """The one next step on a ticket, for the viewer."""

    kind: str
    #: The template whose macros `title`, `text` and `actions` put it into words.
    words: str
    #: Since when it is due.
    since: datetime | None
    #: The label of the button that leads to writing, if that is the step.
    write: str = ""
    #: Whether the step is to make one of the transitions offered with it.
    leads: bool = False
    #: Further values for its template.
    shown: Mapping[str, object] = field(default_factory=dict)
    #: The transitions that are offered with it.
    transitions: tuple[Possible, ...] = ()
    #: Whether the page has a box to write to the customer.
    may_write: bool = False


@dataclass
class TicketView:
    """A ticket for one viewer: what they may do, and what they should do next."""

    ctx: Context
    page: DeskPage
    flow: Workflow
    ways: list[Possible]

    @cached_property
    def state(self) -> State:
        """Its present state."""
        return self.flow.state(self.page.ticket.state)

    @property
    def held_since(self) -> datetime:
        """Since when it has had its owner or, without one, has been free to claim."""
        return self.page.ticket.claimed_at or self.page.ticket.submitted_at

    @cached_property
    def introduced(self) -> bool:
        """Whether its owner has written to the customer under this claim."""
        number = self.page.ticket.claim_number
        return any(email.contact and email.claim_number == number for email in self.page.emails)

    @property
    def said_last(self) -> datetime | None:
        """When the newest message was written."""
        return self.page.thread[-1].message.at if self.page.thread else None

    @cached_property
    def step(self) -> Step:
        """What this person should do next. No queries."""
        ticket = self.page.ticket
        step: Step = first_due(self.ctx.services.capabilities.proposals("ticket"), self)
        reachable = correspondence.can_be_reached(ticket)
        may_write = reachable and correspondence.may_write(self.ctx, ticket)
        return replace(
            step,
            transitions=tuple(
                way
                for way in self.ways
                if step.kind in way.transition.steps and (not way.blocked or way.transition.page)
            ),
            may_write=may_write,
        )

    @property
    def asks(self) -> bool:
        """Whether the customer can be asked to decide: an order begins with its first contact."""
        begun = self.introduced or not self.flow.is_order
        return self.step.may_write and begun and self.state.rests is not Rest.DELIVERING


def view_of(ctx: Context, page: DeskPage) -> TicketView:
    """The ticket as `ctx` sees it."""
    ways = sorted(possible(ctx, page.ticket, page), key=lambda way: bool(way.transition.reasons))
    return TicketView(ctx, page, ctx.services.workflows[page.ticket.workflow], ways)
