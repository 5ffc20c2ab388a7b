"""What the sections of a ticket's page are given, and the proposals of what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.proposals import first_due
from paidsupport.kernel.workflow import State, Workflow
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.operations.transitions import Possible, possible
from paidsupport.tickets.queries.pages import DeskPage


@dataclass(frozen=True, slots=True)
class Step:
    """The one next step on a ticket, for whoever looks at it."""

    kind: str
    #: The template with the macros `title`, `text` and `actions`, which say it in words.
    words: str
    #: Since when it is due.
    since: datetime | None
    #: What the button says that leads to writing, if that is what is to be done.
    write: str = ""
    #: Whether the transitions offered with it are what is to be done.
    leads: bool = False
    #: What its words need besides.
    shown: Mapping[str, object] = field(default_factory=dict)
    #: The transitions that are offered with it.
    transitions: tuple[Possible, ...] = ()
    #: Whether the page has a box to write to the customer.
    may_write: bool = False


@dataclass
class TicketView:
    """A ticket as somebody looks at it: what they may do, and what they do next."""

    ctx: Context
    page: DeskPage
    flow: Workflow
    ways: list[Possible]

    @cached_property
    def state(self) -> State:
        """The state that it is in."""
        return self.flow.state(self.page.ticket.state)

    @property
    def held_since(self) -> datetime:
        """Since when somebody has it, or everybody could."""
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
        """What this person does next. No queries."""
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


def view_of(ctx: Context, page: DeskPage) -> TicketView:
    """How `ctx` sees this ticket."""
    ways = sorted(possible(ctx, page.ticket, page), key=lambda way: bool(way.transition.reasons))
    return TicketView(ctx, page, ctx.services.workflows[page.ticket.workflow], ways)
