"""Offers to leads: one click of the customer decides, and the lead moves with it (T9)."""

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
    """A lead is `offered` with its offer.

    Raises:
        TransitionRefusedError: management has not decided about a technical wish of the lead.
    """
    if ticket.workflow == SALES.name:
        if sentence := why_not(ctx, ticket):
            raise TransitionRefusedError(ticket.code, [sentence])
        if ticket.state in OFFER.sources:
            transitions.apply(ctx, ticket, OFFER.name, version=ticket.version)


def why_not(ctx: Context, ticket: Ticket) -> str:
    """Why nothing can be offered to a lead now, as a sentence; nothing if something can."""
    if ticket.workflow != SALES.name:
        return ""
    if ticket.state not in ACCEPT.sources:
        return _("You can't make an offer for this lead: its customer has already accepted, or it has ended.")
    missing = OFFER.missing(
        transitions.facts(ctx, ticket, OFFER, Filled(note=_("Offer made on the customer's page.")))
    )
    return " ".join(guard.unmet for guard in missing)


def answered(ctx: Context, ticket: Ticket, decision: Decision) -> None:
    """A yes of a lead is won for building, a no goes back to whoever qualifies it."""
    if ticket.workflow == SALES.name and ticket.state in ACCEPT.sources:
        transition = ACCEPT if decision.answer == "approved" else DECLINE
        transitions.apply(ctx, ticket, transition.name, version=ticket.version)
