"""What the clock does for resolutions: emails that left, tickets to hand over, what is over (T18)."""

from __future__ import annotations

from sqlalchemy import exists, select, text

from paidsupport.issues import tables as issues
from paidsupport.issues.operations import leaving, resolution, tellers
from paidsupport.issues.operations.tellers import Teller
from paidsupport.issues.tables import WAITING, Follower, Issue
from paidsupport.issues.workflow import ASSIGNED
from paidsupport.kernel.actors import Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import transitions as ticket_transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.tables import Ticket

#: Most rows looked at in one round.
ROUND = 100


def due(ctx: Context) -> list[int]:
    """The ids of followers that something is due for: one query.

    Their email has left, or their ticket is to be handed over, or they came after the issue was approved.
    """
    left = exists().where(Email.message_id == Follower.solved_id, Email.state == EmailState.SENT)
    told = text(WAITING), Follower.solved_id.is_not(None), left
    approved = exists().where(
        Issue.id == Follower.issue_id, Issue.state == ASSIGNED.name, Issue.approved_at.is_not(None)
    )
    late = text(WAITING), Follower.teller_id.is_(None), approved
    to_pass = select(Follower.id).where(Follower.to_pass)
    wanted = to_pass.union(*(select(Follower.id).where(*which) for which in (told, late)))
    return list(ctx.session.scalars(wanted.limit(ROUND)))


def tend(ctx: Context, follower_id: int) -> None:
    """Note that a customer was told, or hand their ticket over to whoever tells them; what is over ends."""
    follows = select(Follower.ticket_id, Follower.issue_id).where(Follower.id == follower_id)
    row = ctx.session.execute(follows).one()
    ticket = tickets.lock_by_id(ctx.session, row.ticket_id)
    issue = issues.lock_by_id(ctx.session, row.issue_id)
    each = resolution.find(ctx, issue, ticket)
    if each.follower.to_pass:
        _pass_on(ctx, ticket, each.follower)
    if each.follower.told_at is None and each.follower.ended_at is None and each.knows_it_is_solved:
        leaving.note_told(ctx, issue, each)
        resolution.finish(ctx, issue)
    elif _is_nobodys(each.follower) and issue.state == ASSIGNED.name and issue.approved_at is not None:
        found = tellers.teller_of(ctx, each)
        tellers.appoint(ctx, issue, each, found if found.person_id else Teller(issue.owner_id))


def _is_nobodys(follower: Follower) -> bool:
    return follower.teller_id is None and follower.told_at is None and follower.ended_at is None


def due_issues(ctx: Context) -> list[int]:
    """The ids of approved issues that nobody waits for any more who does not know: one query."""
    wanted = (
        select(Issue.id)
        .where(Issue.state == ASSIGNED.name, Issue.approved_at.is_not(None))
        .where(~exists().where(Follower.issue_id == Issue.id, text(WAITING)))
    )
    return list(ctx.session.scalars(wanted.order_by(Issue.id).limit(ROUND)))


def resolve_issue(ctx: Context, issue_id: int) -> None:
    """Resolve one of them."""
    resolution.finish(ctx, issues.lock_by_id(ctx.session, issue_id))


def _pass_on(ctx: Context, ticket: Ticket, follower: Follower) -> None:
    """Hand the ticket over once: whom its new owner passes it to is theirs to decide."""
    follower.to_pass = False
    ctx.session.flush()
    person = ctx.session.get(Person, follower.teller_id) if follower.teller_id else None
    if ticket.part != Part.PENDING or person is None or not person.active or ticket.owner_id == person.id:
        return
    ways = ctx.services.workflows[ticket.workflow].transitions_for(ticket.state, {Role.CLOCK})
    if "hand-over" not in {way.name for way in ways}:
        return
    filled = Filled(
        colleague=person.id, note="Whoever first answered this customer tells them that it is solved."
    )
    ticket_transitions.apply(ctx, ticket, "hand-over", version=ticket.version, filled=filled)
