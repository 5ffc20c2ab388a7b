"""Steps of an issue, and the tasks of its review."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from paidsupport.issues.tables import Issue, Step
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.tables import Ticket

_FRESH = {"populate_existing": True}


def steps_of(session: Session, issue: Issue) -> Sequence[Row[Step, Ticket | None, Decision | None]]:
    """The steps of an issue in their order, each with its ticket and what the customer was asked."""
    wanted = select(Step, Ticket, Decision).outerjoin(Ticket, Ticket.id == Step.ticket_id)
    wanted = wanted.outerjoin(Decision, Decision.id == Step.consent_id)
    wanted = wanted.where(Step.issue_id == issue.id, ~Step.for_review).order_by(Step.id)
    return session.execute(wanted, execution_options=_FRESH).all()


def step(session: Session, issue: Issue, step_id: int) -> Step | None:
    """One step of an issue, read again."""
    wanted = select(Step).where(Step.issue_id == issue.id, Step.id == step_id, ~Step.for_review)
    return session.scalar(wanted, execution_options=_FRESH)


def count_steps(session: Session, issue: Issue) -> int:
    """How many steps and tasks an issue has."""
    return session.scalars(select(func.count()).where(Step.issue_id == issue.id)).one()


def tasks_of(session: Session, issue: Issue) -> Sequence[Step]:
    """The tasks of a review, in the order in which they were added."""
    wanted = select(Step).where(Step.issue_id == issue.id, Step.for_review).order_by(Step.id)
    return session.scalars(wanted).all()
