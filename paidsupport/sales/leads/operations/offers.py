"""Offers to leads: the customer decides with one click, and the lead changes its state with it (T9)."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.sales.leads.workflow import ACCEPT, DECLINE, OFFER, SALES
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.tables import Ticket


def offered(ctx: Context, ticket: Ticket) -> None:
    """Move a lead to `offered` together with its offer.

    Raises:
        TransitionRefusedError: Management has not decided about a wish of the lead.
    """
    if ticket.workflow == SALES.name:
        if sentence := why_not(ctx, ticket):
            raise TransitionRefusedError(ticket.code, [sentence])
        if ticket.state in OFFER.sources:
            transitions.apply(ctx, ticket, OFFER.name, version=ticket.version)


def why_not(ctx: Context, ticket: Ticket) -> str:
    """Why nothing can be offered to a lead now, as a sentence; empty if something can."""
    if ticket.workflow != SALES.name:
        return ""
    if ticket.state not in ACCEPT.sources:
        return _("You can't make an offer for this lead: its customer has already accepted, or it has ended.")
    missing = OFFER.missing(
        transitions.facts(ctx, ticket, OFFER, Filled(note=_("Offer made on the customer's page.")))
    )
    return " ".join(guard.unmet for guard in missing)


def answered(ctx: Context, ticket: Ticket, decision: Decision) -> None:
    """After a yes, the lead is won and goes on to building; after a no, it returns to its owner."""
    if ticket.workflow == SALES.name and ticket.state in ACCEPT.sources:
        transition = ACCEPT if decision.answer == "approved" else DECLINE
        transitions.apply(ctx, ticket, transition.name, version=ticket.version)
