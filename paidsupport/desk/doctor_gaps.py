"""What the doctor proves of missing documentation: all is counted, and nothing waits for its issue (T5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import and_, exists, or_, select

from paidsupport.desk.invariants import invariant
from paidsupport.desk.visit import Visit
from paidsupport.domain.gaps import TopicKind
from paidsupport.store import gaps
from paidsupport.store.gaps import Asked, Gap, Topic
from paidsupport.store.issues import Issue
from paidsupport.store.requests import Pointer

#: Any worker has had its round within.
_ROUND = timedelta(minutes=5)


@invariant("pointers are counted")
def pointers_are_counted(visit: Visit) -> Iterator[str]:
    """Every page that a customer was pointed to is counted once as that page, with the same answer."""
    page = exists().where(
        Asked.pointer_id == Pointer.id, Topic.id == Asked.topic_id, Topic.kind == TopicKind.PAGE
    )
    for row_id in visit.session.scalars(select(Pointer.id).where(~page)):
        yield f"pointer {row_id} is not counted for its page"
    other = or_(Asked.answer != Pointer.answer, Asked.ticket_id != Pointer.ticket_id)
    differs = select(Asked.id).join(Pointer, and_(Pointer.id == Asked.pointer_id, other))
    for row_id in visit.session.scalars(differs):
        yield f"what is counted in row {row_id} is not what the customer has said"


@invariant("missing documentation has issues")
def gaps_have_issues(visit: Visit) -> Iterator[str]:
    """What has come to a threshold has an issue once a worker has looked, and every issue named is there."""
    settings, until = visit.house.settings, visit.now - _ROUND
    late = gaps.needed(
        visit.session, visit.now, unhappy=settings.gap_unhappy, repeated=settings.gap_repeated, until=until
    )
    for topic_id in late:
        yield f"topic {topic_id} has come to its threshold, and no documentation issue was opened"
    there = exists().where(Issue.id == Gap.issue_id, Issue.code == Gap.issue_code)
    for code in visit.session.scalars(select(Gap.issue_code).where(~there)):
        yield f"{code}: documentation is missing, and this issue is not there"
