"""What happens to the wait for an issue when the ticket ends, reopens, is merged or erased (T18).

A wait never ends silently: the histories of the ticket and of the issue record it. The caller holds the lock
of the ticket; issues are locked after it, the one with the lower id first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from paidsupport.issues.operations import followers, history, tellers
from paidsupport.issues.operations.followers import Waiting
from paidsupport.issues.queries.followed import FOLLOWED
from paidsupport.issues.queries.followers import followed, is_being_told, issues_of, lock_issues
from paidsupport.issues.rules.kinds import first_of
from paidsupport.issues.tables import Follower, Issue
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.transitions import Effect, Fact, ends, reopens
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.operations import history as ticket_history
from paidsupport.tickets.tables import Ticket

#: Endings that last when the ticket is reopened.
TOLD_OTHERWISE = "told-otherwise"


def ended(ctx: Context, ticket: Ticket, why: str) -> None:
    """A ticket has ended by the transition `why`: its customer no longer waits for unsolved issues."""
    for issue, each in _followed(ctx, ticket):
        if each.is_settled:
            continue
        if each.knows_it_is_solved:
            note_told(ctx, issue, each)
        else:
            stop(ctx, issue, each, why)


def opened(ctx: Context, ticket: Ticket) -> None:
    """A ticket was reopened: its customer waits again for issues that are not over."""
    for issue, each in _followed(ctx, ticket):
        told = each.follower.told_at is not None
        over = ISSUE.state(issue.state).part is Part.CLOSED
        if not over and (told or each.follower.ending not in {"", TOLD_OTHERWISE}):
            tellers.begin_again(ctx, issue, each)


def merged(ctx: Context, ticket: Ticket, other: Ticket) -> None:
    """A duplicate is merged: the `other` ticket takes over its waits, and what its customer knows."""
    for issue, each in _followed(ctx, ticket):
        if each.follower.ended_at is not None:
            continue
        known = followers.find(ctx, issue, other)
        waits = known is not None and known.follower.ended_at is None
        if each.knows_it_is_solved:
            note_told(ctx, issue, each)
            if known is not None and waits:
                _know_as_well(ctx, issue, known, each.follower)
            continue
        stage = (
            first_of(each.follower.stage, known.follower.stage) if known and waits else each.follower.stage
        )
        if known is None or not waits:
            into = followers.follow(ctx, issue, other, stage)
        else:
            into = known.follower
            into.stage = stage
        into.answerer_id = into.answerer_id or each.follower.answerer_id
        if into.investigating_id is None and into.investigating_at is None and each.knows_we_look:
            sent = each.investigating.sent_at if each.investigating else None
            into.investigating_at = each.follower.investigating_at or sent
        stop(ctx, issue, each, "merged")


def against_merging(ctx: Context, ticket: Ticket) -> str:
    """An objection if an email saying it is solved is on its way, or may have arrived: one query."""
    if not is_being_told(ctx.session, ticket):
        return ""
    return _(
        "The email that says it is solved is on its way to this customer. Wait until it has been sent; if it"
        " is stuck, decide about it first."
    )


def erased(ctx: Context, ticket: Ticket) -> None:
    """The customer of a ticket was erased: they no longer wait."""
    for issue, each in _followed(ctx, ticket):
        if not each.is_settled:
            stop(ctx, issue, each, "erased")


def stop(ctx: Context, issue: Issue, waiting: Waiting, ending: str) -> None:
    """End one customer's wait although they were not told it is solved; both histories record it."""
    ticket = waiting.ticket
    followers.unfollow(ctx, waiting.follower, ending)
    waiting.follower.to_pass = False
    ctx.session.flush()
    data: dict[str, object] = {"ticket": ticket.code, "ending": ending}
    history.tell(ctx, issue, "unfollowed", data)
    ticket_history.tell(ctx, ticket, "issue-left", {"issue": issue.code, "kind": ending})


def note_told(ctx: Context, issue: Issue, waiting: Waiting) -> None:
    """Note that the email which tells a customer has left; the caller holds the locks of both."""
    email = waiting.solved
    if email is None or waiting.follower.told_at is not None:
        return
    waiting.follower.told_at = email.sent_at or ctx.now
    waiting.follower.told_by_id = email.author_id
    ctx.session.flush()
    data = {"ticket": waiting.ticket.code, "letter": email.reference}
    history.tell(ctx, issue, "told", data)


def _know_as_well(ctx: Context, issue: Issue, waiting: Waiting, told: Follower) -> None:
    """The customer was told on another ticket of theirs: on this one they are not told again."""
    follower = waiting.follower
    if waiting.knows_it_is_solved:
        return
    follower.told_at, follower.told_by_id, follower.to_pass = told.told_at, told.told_by_id, False
    ctx.session.flush()
    data: dict[str, object] = {"ticket": waiting.ticket.code}
    history.tell(ctx, issue, "told", data)


def _followed(ctx: Context, ticket: Ticket) -> Iterator[tuple[Issue, Waiting]]:
    """All issues that a ticket ever followed, locked in a fixed order, each with how it follows."""
    for issue in lock_issues(ctx.session, issues_of([ticket.id])):
        if each := followers.find(ctx, issue, ticket):
            yield issue, each


def _is_delivered(at: Any) -> bool | None:  # noqa: ANN401  # a move of a ticket
    """Whether the customer no longer waits for any issue: they were told that each is solved."""
    if at.page is not None:
        rows = [each.follower for each in at.page[FOLLOWED]]
    else:
        rows = [row for row, _ in followed(at.ctx.session, at.record)]
    left = {email.message_id for email in at.emails if email.state == EmailState.SENT}
    return all(row.ended_at or row.told_at or row.solved_id in left for row in rows) if rows else None


#: Guards and effects of tickets' transitions that concern the issues they follow.
GUARDS: Mapping[str, Fact] = {"delivered": _is_delivered}
EFFECTS = (
    Effect(
        "followed-again",
        lambda at: opened(at.ctx, at.record),
        on=reopens,
        ahead_of="decisions-withdrawn",
    ),
    Effect(
        "followed-no-more",
        lambda at: ended(at.ctx, at.record, at.transition.name),
        on=ends,
        ahead_of="decisions-withdrawn",
    ),
)
