"""Next steps of leads; the words are in `_next_steps.html`."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.web.proposals import proposal
from paidsupport.kernel.workflow import Rest
from paidsupport.sales.leads.tables import WISHES
from paidsupport.tickets.views.ticket_view import Step, TicketView

_Step = partial(Step, words="sales/leads/_next_steps.html")


@proposal("ticket", 252, "offered", "delivering")
def _rests(view: TicketView) -> Step | None:
    """The customer is considering an offer, has accepted it, or gets it free of charge."""
    rests = view.state.rests
    return _Step(rests, since=view.held_since) if rests in {Rest.OFFERED, Rest.DELIVERING} else None


@proposal("ticket", 260, "refused", "undecided", parts=(WISHES,))
def _wished(view: TicketView) -> Step | None:
    """Management has yet to decide about a wish of the lead, or has refused it."""
    wishes = view.page[WISHES]
    if any(wish.decision == "refuse" for wish in wishes) and _nothing_else(view):
        return _Step("refused", since=view.held_since)
    return _Step("undecided", since=view.held_since) if any(not wish.decision for wish in wishes) else None


def _nothing_else(view: TicketView) -> bool:
    """Whether all wishes of a lead were refused, and its customer has not been told."""
    wishes = view.page[WISHES]
    last = max(wish.decided_at for wish in wishes if wish.decided_at)
    told = any(email.created_at > last and email.message_id for email in view.page.emails)
    return not told and all(wish.decision == "refuse" for wish in wishes)


#: The next steps of leads.
PROPOSALS = (_rests, _wished)
