"""What customers said on requests, and what staff keep there so that it is in no issue."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from paidsupport.issues.tables import Follower, Issue
from paidsupport.tickets.conversation.tables import Annotation, Message
from paidsupport.tickets.tables import Ticket

#: What annotations are about that say what an issue must not.
ABOUT = "issue"


def from_customer(session: Session, ticket: Ticket) -> Sequence[Message]:
    """What the customer of a ticket wrote, in order."""
    wanted = select(Message).where(Message.ticket_id == ticket.id, Message.direction == "in")
    return session.scalars(wanted.order_by(Message.number)).all()


def private_notes(session: Session, issue: Issue) -> Sequence[Row[Annotation, str]]:
    """What must not be said in an issue, from the requests that follow it, each with the request's code."""
    wanted = select(Annotation, Ticket.code).join(Ticket, Ticket.id == Annotation.ticket_id)
    wanted = wanted.join(Follower, Follower.ticket_id == Ticket.id)
    wanted = wanted.where(Follower.issue_id == issue.id, Annotation.about == ABOUT)
    return session.execute(wanted.order_by(Annotation.id)).all()
