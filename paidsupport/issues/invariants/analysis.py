"""Invariants of what customers were told about issues, and of steps that affected them (T11, T13)."""

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
    """Every follower was told about the issue on their own ticket, by a person who is on record."""
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
    """The event of each step that affected a customer names the manager who had assigned the person."""
    events = select(IssueEvent.data, IssueEvent.actor_id).where(IssueEvent.kind == "step-done")
    right = {
        (data.get("step"), actor) for data, actor in ctx.session.execute(events) if data.get("assigned_by")
    }
    done = select(Step.id, Step.done_by_id, Issue.code).join(Issue, Issue.id == Step.issue_id)
    for step, person, code in ctx.session.execute(done.where(Step.touches, Step.done_at.is_not(None))):
        if (step, person) not in right:
            yield f"{code}: a step that touched a customer was done by a person whom no manager assigned"
