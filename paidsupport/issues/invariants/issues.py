"""Invariants of issues and their histories (T4, T17)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, exists, select

from paidsupport.issues.rules.kinds import CUSTOMER_TAG
from paidsupport.issues.tables import Follower, Issue, IssueEvent, IssueTag
from paidsupport.issues.workflow import HAND_OVER
from paidsupport.kernel import chain
from paidsupport.kernel.chain_faults import link_fault
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import faults, invariant
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.tags.rules import fold_tag

#: Events read at once.
_BATCH = 2000
_OF_ISSUE = (Issue.code, Issue.event_count, Issue.event_hash, Issue.state, Issue.version)


@invariant("histories of issues are unbroken")
def histories_unbroken(ctx: Context) -> Iterator[str]:
    """Every history starts at the first event, has no gaps, and leads to the present state of the issue."""
    rows = ctx.session.execute(
        select(*IssueEvent.__table__.columns, *(column.label(f"of_{column.key}") for column in _OF_ISSUE))
        .join(Issue, Issue.id == IssueEvent.issue_id)
        .order_by(IssueEvent.issue_id, IssueEvent.number)
        .execution_options(yield_per=_BATCH)
    )
    for _, group in groupby(rows, key=attrgetter("issue_id")):
        yield from _faults(group)
    unwritten = select(Issue.code).where(~exists().where(IssueEvent.issue_id == Issue.id))
    yield from faults(ctx, unwritten, "it has no history")


def _faults(events: Iterator[Row[Any]]) -> Iterator[str]:
    number, previous, transitions, state = 0, chain.START, 0, ""
    for event in events:
        number += 1
        if fault := link_fault(event, event.of_code, number, previous):
            yield f"{event.of_code}: event {event.number} {fault}"
        previous = event.hash
        if "to" in event.data:
            transitions, state = transitions + 1, event.data["to"]
    if (number, previous) != (event.of_event_count, event.of_event_hash):
        yield f"{event.of_code}: the end of its history is missing or was changed"
    if transitions + 1 != event.of_version or (state and state != event.of_state):
        yield f"{event.of_code}: its state or version does not follow from its history"


@invariant("assignees of issues work here")
def assignees_work_here(ctx: Context) -> Iterator[str]:
    """An issue of a person who was disabled has gone to a colleague, unless it is under review."""
    held = select(Issue.code).join(Person, Person.id == Issue.owner_id)
    gone = held.where(Issue.state.in_(HAND_OVER.sources), ~Person.active)
    yield from faults(ctx, gone, "its assignee no longer works here")


@invariant("issues of customers are tagged")
def customers_are_tagged(ctx: Context) -> Iterator[str]:
    """An issue that a ticket follows has the tag that says so (T4)."""
    tagged = exists().where(IssueTag.issue_id == Issue.id, IssueTag.folded == fold_tag(CUSTOMER_TAG))
    followed = exists().where(Follower.issue_id == Issue.id)
    untagged = select(Issue.code).where(followed, ~tagged)
    yield from faults(ctx, untagged, f"a customer waits for it, and it lacks the tag “{CUSTOMER_TAG}”")


@invariant("solutions were reviewed by a colleague")
def reviewed_by_others(ctx: Context) -> Iterator[str]:
    """No person has approved their own solution (T17)."""
    own = select(Issue.code).where(Issue.approved_at.is_not(None), Issue.reviewed_by_id == Issue.author_id)
    yield from faults(ctx, own, "its author has reviewed the solution")
