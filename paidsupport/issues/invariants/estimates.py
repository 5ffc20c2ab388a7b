"""Invariants of work left, deadlines, and announcements of those that slip (T14, T15)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, func, or_, select

from paidsupport.issues.rules.releases import release_order
from paidsupport.issues.tables import NO_DEADLINE, Estimate, Issue, IssueNote
from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariant


@invariant("the newest estimate is used")
def newest_in_force(ctx: Context) -> Iterator[str]:
    """The issue agrees with its newest estimate."""
    newest = select(func.max(Estimate.id)).group_by(Estimate.issue_id)
    differs = or_(
        Issue.minutes_left.is_distinct_from(Estimate.minutes_left), Issue.deadline != Estimate.deadline
    )
    wanted = select(Issue.code).join(Estimate, Estimate.issue_id == Issue.id)
    for code in ctx.session.scalars(wanted.where(Estimate.id.in_(newest), differs).order_by(Issue.id)):
        yield f"{code}: its time left or deadline is not the newest one"


@invariant("delays are asked of the assignee")
def asked_of_somebody(ctx: Context) -> Iterator[str]:
    """A statement about a deadline is only awaited from the assignee, while there is one."""
    nobodys = or_(
        Issue.owner_id.is_(None),
        Issue.state.not_in(("confirmed", "assigned")),
        Issue.deadline == NO_DEADLINE,
    )
    for code in ctx.session.scalars(
        select(Issue.code).where(Issue.slip_asked_at.is_not(None), nobodys).order_by(Issue.id)
    ):
        yield f"{code}: it waits for an answer about its deadline, but has no assignee or no deadline"


@invariant("announced delays have a note")
def slips_in_writing(ctx: Context) -> Iterator[str]:
    """Every deadline that is announced to slip has a note that says so."""
    written = exists().where(IssueNote.issue_id == Issue.id, IssueNote.kind == "slip")
    for code in ctx.session.scalars(
        select(Issue.code).where(Issue.slipping_since.is_not(None), ~written).order_by(Issue.id)
    ):
        yield f"{code}: its delay is announced, but there is no note about it"


@invariant("releases are in order")
def releases_in_order(ctx: Context) -> Iterator[str]:
    """The position of every release follows from its name."""
    for release, order in ctx.session.execute(select(Issue.target_release, Issue.release_order).distinct()):
        if release_order(release) != order:
            yield f"release “{release}”: its place in the order is wrong"
