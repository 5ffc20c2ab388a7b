"""What must hold of what customers were told of issues, and of what touched them (T11, T13)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from paidsupport.issues.tables import Follower, Issue, IssueEvent, Step
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.tables import Ticket


@invariant("customers were told of issues on their own tickets")
def told_on_their_ticket(ctx: Context) -> Iterator[str]:
    """Whoever follows an issue was told of it on their own ticket, by somebody of whom that is known."""
    wanted = (
        select(Ticket.code, Issue.code)
        .select_from(Follower)
        .join(Ticket, Ticket.id == Follower.ticket_id)
        .join(Issue, Issue.id == Follower.issue_id)
        .join(Message, Message.id == Follower.investigating_id)
        .where(or_(Message.ticket_id != Follower.ticket_id, Follower.answerer_id.is_(None)))
    )
    for ticket, issue in ctx.session.execute(wanted):
        yield f"{ticket}: its customer was not told on this ticket that {issue} is being investigated"


@invariant("only assigned staff touched customers' accounts")
def touched_by_whom_management_assigned(ctx: Context) -> Iterator[str]:
    """The history of each step that touched a customer names the manager who had assigned who did it."""
    events = select(IssueEvent.data, IssueEvent.actor_id).where(IssueEvent.kind == "step-done")
    right = {
        (data.get("step"), actor) for data, actor in ctx.session.execute(events) if data.get("assigned_by")
    }
    done = select(Step.id, Step.done_by_id, Issue.code).join(Issue, Issue.id == Step.issue_id)
    for step, person, code in ctx.session.execute(done.where(Step.touches, Step.done_at.is_not(None))):
        if (step, person) not in right:
            yield f"{code}: a step that touched a customer was done by a person whom no manager assigned"
