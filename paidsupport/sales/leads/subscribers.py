"""What sales does when something happens to a ticket."""

from __future__ import annotations

from collections.abc import Mapping

from paidsupport.issues import hooks as issues
from paidsupport.issues.hooks import Hands
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.sales.leads.operations import delivered, wishes
from paidsupport.sales.leads.operations import offers as leads
from paidsupport.tickets import hooks
from paidsupport.tickets.tables import Ticket

_JOB = storable(_("deliver a lead"))


def refusal(ctx: Context, ticket: Ticket, asked: Mapping[str, str]) -> str:
    """The text of an email that refuses the wish in the form's address; empty if it names none."""
    reference = asked.get("refusal")
    return wishes.refusal(ctx, ticket, reference) if reference else ""


def deliver_leads(hands: Hands) -> None:
    """Record for leads that waited only for their issues that everything is delivered."""
    hands.each(_JOB, delivered.due, delivered.deliver)


SUBSCRIPTIONS = (
    issues.ALL_TOLD.by(deliver_leads),
    hooks.AGAINST_OFFER.by(leads.why_not),
    hooks.OFFER_MADE.by(leads.offered),
    hooks.OFFER_ANSWERED.by(leads.answered),
    hooks.WORDS_FOR_DRAFT.by(refusal),
)
