"""Who tells a customer that an issue is solved: who first answered them, or a substitute (T18)."""

from __future__ import annotations

from dataclasses import dataclass

from paidsupport.issues.operations import access, followers, history, news
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.queries.followers import first_contact
from paidsupport.issues.rules.kinds import Occasion, reached
from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.workflow import Part


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells a customer, and whom they stand in for; empty if all who could are away."""

    person_id: int | None
    substitute_for_id: int | None = None


def teller(ctx: Context, issue: Issue) -> Teller:
    """Who gets an approved issue: the person who tells the customer that has waited longest."""
    for each in _untold(ctx, issue):
        found = teller_of(ctx, each)
        if found.person_id is not None:
            return found
    return Teller(None)


def teller_of(ctx: Context, waiting: Waiting) -> Teller:
    """Who tells one customer: the person who first answered them, if present, or else their substitute.

    Failing both, the owner of the ticket or their substitute.
    """
    first = first_answerer(ctx, waiting)
    for candidate in (first, waiting.ticket.owner_id):
        here = roster.present(ctx, candidate) if candidate is not None else None
        if here is not None:
            return Teller(here, first if first not in {None, here} else None)
    return Teller(None, first)


def first_answerer(ctx: Context, waiting: Waiting) -> int | None:
    """Who first answered a customer: about this issue, or else on their ticket; failing both, its owner."""
    if waiting.follower.answerer_id is not None:
        return waiting.follower.answerer_id
    return first_contact(ctx.session, waiting.ticket) or waiting.ticket.owner_id


def is_ready(issue: Issue, stage: str) -> bool:
    """Whether a customer waiting for `stage` can be told: it is approved, and has come that far."""
    return issue.approved_at is not None and reached(issue.stage, stage)


def appoint_all(ctx: Context, issue: Issue, named: int | None) -> None:
    """Decide, on approval, who tells each waiting customer. The caller holds the issue's lock.

    `named`: the person the reviewer chose, who replaces the one that the issue would have gone to.
    """
    proposed = teller(ctx, issue).person_id
    for each in _untold(ctx, issue):
        found = teller_of(ctx, each)
        if named is not None and found.person_id in {None, proposed} and named != found.person_id:
            first = first_answerer(ctx, each)
            found = Teller(named, first if first != named else None)
        if found.person_id is not None:
            appoint(ctx, issue, each, found)


def appoint(ctx: Context, issue: Issue, waiting: Waiting, who: Teller) -> None:
    """Let a person tell a customer; they are notified, and the clock hands the ticket over to them.

    The caller holds the lock of the issue.
    """
    follower, ticket = waiting.follower, waiting.ticket
    follower.teller_id, follower.substitute_for_id = who.person_id, who.substitute_for_id
    follower.to_pass = ticket.part == Part.PENDING and ticket.owner_id != who.person_id
    access.let_read(ctx, issue, who.person_id)
    data: dict[str, object] = {"ticket": ticket.code, "colleague": who.person_id}
    if who.substitute_for_id is not None:
        data["for"] = who.substitute_for_id
    history.tell(ctx, issue, "teller", data)
    ready = is_ready(issue, follower.stage)
    news.tell(ctx, issue, Occasion.TELL if ready else Occasion.APPROVED, [who.person_id])


def wait_again(ctx: Context, issue: Issue) -> None:
    """It was not solved after all: customers who were told wait again; the caller holds the issue's lock.

    Customers whose ticket has ended do not, until it is reopened: they have not complained. What they were
    told stays in the histories.
    """
    for each in followers.waiting(ctx, issue):
        if each.ticket.part == Part.CLOSED and each.knows_it_is_solved:
            continue
        begin_again(ctx, issue, each)


def begin_again(ctx: Context, issue: Issue, waiting: Waiting) -> None:
    """Start one customer's wait again, whatever they were told; the caller holds the issue's lock."""
    follower = waiting.follower
    if waiting.knows_it_is_solved or follower.ended_at is not None:
        data = {"ticket": waiting.ticket.code, "message": follower.solved_id}
        history.tell(ctx, issue, "waits-again", data)
    follower.told_at = follower.told_by_id = follower.solved_id = None
    follower.teller_id = follower.substitute_for_id = None
    follower.to_pass = False
    follower.ended_at, follower.ending = None, ""
    ctx.session.flush()


def _untold(ctx: Context, issue: Issue) -> list[Waiting]:
    return [each for each in followers.waiting(ctx, issue) if not each.knows_it_is_solved]


def is_here(ctx: Context, person_id: int) -> bool:
    """Whether a person is active staff and not away today."""
    return roster.present(ctx, person_id) == person_id
