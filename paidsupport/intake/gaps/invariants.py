"""Invariants of documentation gaps: everything is counted, and every gap has its issue (T5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import and_, exists, or_, select

from paidsupport.intake.gaps import queries as gaps
from paidsupport.intake.gaps.rules import TopicKind
from paidsupport.intake.gaps.tables import Asked, Gap, Topic
from paidsupport.intake.requests.tables import Pointer
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant

#: Within this time, a worker has checked.
_ROUND = timedelta(minutes=5)


@invariant("pointers are counted")
def pointers_are_counted(ctx: Context) -> Iterator[str]:
    """Every page that a customer was pointed to is counted once, with the same answer."""
    page = exists().where(
        Asked.pointer_id == Pointer.id, Topic.id == Asked.topic_id, Topic.kind == TopicKind.PAGE
    )
    for row_id in ctx.session.scalars(select(Pointer.id).where(~page)):
        yield f"pointer {row_id} is not counted for its page"
    other = or_(Asked.answer != Pointer.answer, Asked.ticket_id != Pointer.ticket_id)
    differs = select(Asked.id).join(Pointer, and_(Pointer.id == Asked.pointer_id, other))
    for row_id in ctx.session.scalars(differs):
        yield f"row {row_id} does not count what the customer said"


@invariant("missing documentation has issues")
def gaps_have_issues(ctx: Context) -> Iterator[str]:
    """A topic over a threshold has an issue once a worker has checked, and every issue named exists."""
    settings, until = ctx.services.settings, ctx.now - _ROUND
    late = gaps.needed(
        ctx.session, ctx.now, unhappy=settings.gap_unhappy, repeated=settings.gap_repeated, until=until
    )
    for topic_id in late:
        yield f"topic {topic_id} has reached its threshold, but has no documentation issue"
    there = exists().where(Issue.id == Gap.issue_id, Issue.code == Gap.issue_code)
    for code in ctx.session.scalars(select(Gap.issue_code).where(~there)):
        yield f"{code}: the documentation issue does not exist"
