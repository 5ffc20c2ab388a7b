"""What the clock does for resolutions: record emails that left, hand over tickets, close issues (T18)."""

from __future__ import annotations

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import leaving, resolution, tellers
from paidsupport.issues.operations.tellers import Teller
from paidsupport.issues.queries import due as clock
from paidsupport.issues.tables import Follower
from paidsupport.issues.workflow import ASSIGNED
from paidsupport.kernel.actors import Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import transitions as ticket_transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.tables import Ticket


def due(ctx: Context) -> list[int]:
    """The ids of followers for which something is due."""
    return clock.followers_due(ctx.session)


def tend(ctx: Context, follower_id: int) -> None:
    """Record that a customer was told, or hand their ticket over to the person who tells them."""
    row = ctx.session.get_one(Follower, follower_id)
    # before the others are locked: who disables this person locks them first
    works_here = staff.stays(ctx.session, row.teller_id)
    ticket = tickets.lock_by_id(ctx.session, row.ticket_id)
    issue = issues.lock_by_id(ctx.session, row.issue_id)
    each = resolution.find(ctx, issue, ticket)
    if each.follower.to_pass:
        _pass_on(ctx, ticket, each.follower, row.teller_id if works_here else None)
    if each.is_settled:
        return
    approved = issue.state == ASSIGNED.name and issue.approved_at is not None
    if each.knows_it_is_solved:
        leaving.note_told(ctx, issue, each)
        resolution.finish(ctx, issue)
    elif approved and each.follower.teller_id is None:
        found = tellers.teller_of(ctx, each)
        tellers.appoint(ctx, issue, each, found if found.person_id else Teller(issue.owner_id))


def due_issues(ctx: Context) -> list[int]:
    """The ids of approved issues whose waiting customers all know."""
    return clock.issues_all_told(ctx.session)


def resolve_issue(ctx: Context, issue_id: int) -> None:
    """Resolve one of these issues."""
    resolution.finish(ctx, issues.lock_by_id(ctx.session, issue_id))


def _pass_on(ctx: Context, ticket: Ticket, follower: Follower, to: int | None) -> None:
    """Hand the ticket over once, to a person who works here: its new owner may hand it on to anyone."""
    follower.to_pass = False
    ctx.session.flush()
    if ticket.part != Part.PENDING or to is None or follower.teller_id != to or ticket.owner_id == to:
        return
    ways = ctx.services.workflows[ticket.workflow].transitions_for(ticket.state, {Role.CLOCK})
    if "hand-over" not in {way.name for way in ways}:
        return
    filled = Filled(
        colleague=to,
        note=_("The colleague who first answered this customer tells them that it's solved."),
    )
    ticket_transitions.apply(ctx, ticket, "hand-over", version=ticket.version, filled=filled)
