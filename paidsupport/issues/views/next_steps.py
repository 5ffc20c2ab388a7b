"""Next steps for the owners of tickets that follow an issue; the words are in `_next_steps.html`."""

from __future__ import annotations

from functools import partial

from paidsupport.issues.operations import resolution
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.queries.followed import FOLLOWED, untold
from paidsupport.kernel.web.proposals import proposal
from paidsupport.tickets.views.ticket_view import Step, TicketView

_Step = partial(Step, words="issues/_next_steps.html")


@proposal("ticket", 50, "investigate", parts=(FOLLOWED,))
def _investigate(view: TicketView) -> Step | None:
    """An issue has a timeline, and the customer does not know that we are investigating."""
    return _Step("investigate", since=view.held_since) if untold(view.page) else None


@proposal("ticket", 210, "tell", parts=(FOLLOWED,))
def _tell(view: TicketView) -> Step | None:
    """The solution has come as far as the customer needs, and they do not know."""
    code = _solved(view)
    return _Step("tell", since=view.held_since, shown={"issue": code}) if code else None


def _solved(view: TicketView) -> str:
    """The code of the first issue that the customer can be told is solved; empty if there is none."""
    emails = {row.message_id: row for row in view.page.emails}
    for each in view.page[FOLLOWED]:
        seen = each.reads or view.ctx.by.is_manager or not each.issue.private
        waiting = Waiting(each.follower, view.page.ticket, None, emails.get(each.follower.solved_id))
        if seen and not resolution.against(each.issue, waiting):
            return each.issue.code
    return ""


#: The next steps of tickets that follow issues.
PROPOSALS = (_investigate, _tell)
