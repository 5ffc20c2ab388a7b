"""Next steps of requests; the words are in `_next_steps.html`."""

from __future__ import annotations

from functools import partial

from paidsupport.issues.queries.followed import FOLLOWED
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.proposals import proposal
from paidsupport.kernel.workflow import Rest
from paidsupport.tickets.views.ticket_view import Step, TicketView

_Step = partial(Step, words="intake/triage/_next_steps.html")


@proposal("ticket", 250, "asked")
def _asked(view: TicketView) -> Step | None:
    """The customer was asked whether a page helps."""
    return _Step("asked", since=view.said_last) if view.state.rests is Rest.ASKED else None


@proposal("ticket", 251, "followed", parts=(FOLLOWED,))
def _followed(view: TicketView) -> Step | None:
    """It is a bug, and waits for an issue here or in another tracker."""
    if view.state.rests is not Rest.FOLLOWED:
        return None
    return _Step(
        "followed",
        since=view.held_since,
        write=_("Write to the customer"),
        shown={"here": bool(view.page[FOLLOWED])},
    )


@proposal("ticket", 280, "sort")
def _sort(view: TicketView) -> Step | None:
    """No colleague has written to the customer: triage or answer it."""
    written = any(email.contact for email in view.page.emails)
    return None if written else _Step("sort", since=view.held_since, write=_("Answer"))


#: The next steps of requests.
PROPOSALS = (_asked, _followed, _sort)
