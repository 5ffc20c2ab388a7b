"""The tickets that follow an issue: their customers wait for it, and know more or less (T13, T18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paidsupport.issues.operations import exposure, history, tags
from paidsupport.issues.queries import followers as rows_of
from paidsupport.issues.rules.kinds import CUSTOMER_TAG, Stage
from paidsupport.issues.tables import Follower, Issue
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import history as ticket_history
from paidsupport.tickets.tables import Ticket

#: States of an email that may still arrive, or may have arrived.
_UNDER_WAY = {EmailState.QUEUED, EmailState.SENDING, EmailState.SENT, EmailState.UNCERTAIN}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting customer: their ticket, and the emails that told them, if any were written."""

    follower: Follower
    ticket: Ticket
    investigating: Email | None
    solved: Email | None

    @property
    def is_settled(self) -> bool:
        """Whether they no longer wait: they were told, or have left."""
        return self.follower.told_at is not None or self.follower.ended_at is not None

    @property
    def knows_we_look(self) -> bool:
        """Whether the customer knows that we are investigating: by an email, a call, or later news."""
        noted = self.follower.investigating_at is not None or self.follower.told_at is not None
        return noted or _has_left(self.investigating)

    @property
    def is_told_we_look(self) -> bool:
        """Whether they know, or an email that says so is on its way: either way no other one is written."""
        under_way = self.investigating is not None and self.investigating.state in _UNDER_WAY
        return self.knows_we_look or under_way

    @property
    def knows_it_is_solved(self) -> bool:
        """Whether the customer was told that it is solved."""
        return self.follower.told_at is not None or _has_left(self.solved)


def follow(
    ctx: Context,
    issue: Issue,
    ticket: Ticket,
    stage: str = Stage.PRODUCTION,
    change: Change[Context, Ticket] | None = None,
) -> Follower:
    """Let a ticket follow an issue; the caller holds the ticket's lock and then the issue's.

    Both histories record it, and the issue is tagged `Customer` (T4).

    Args:
        ctx: Who links the two.
        issue: The issue.
        ticket: The ticket.
        stage: The stage at which a solution is of use to the customer.
        change: The change of the ticket by which it was asked for, if it was by a form.

    Raises:
        TransitionRefusedError: The issue is resolved already.
        GivenAwayError: The issue contains a secret of the ticket (field `issue`).
    """
    if ISSUE.state(issue.state).part is Part.CLOSED:
        raise TransitionRefusedError(
            issue.code, [_("%(code)s is closed. Reopen it first, or tell the customer.", code=issue.code)]
        )
    exposure.refuse_to_follow(ctx, issue, ticket)
    follower = rows_of.follower(ctx.session, issue, ticket)
    if follower is None:
        follower = Follower(issue_id=issue.id, ticket_id=ticket.id, followed_at=ctx.now)
        ctx.session.add(follower)
    follower.stage, follower.ended_at, follower.ending = stage, None, ""
    ctx.session.flush()
    tags.put(ctx, issue, CUSTOMER_TAG)
    (change or ticket_history.edit(ctx, ticket)).tell("issue-followed", {"issue": issue.code})
    history.tell(ctx, issue, "followed", {"ticket": ticket.code})
    return follower


def unfollow(ctx: Context, follower: Follower, ending: str) -> None:
    """End a customer's wait although they were not told it is solved; `ending` is a word for the reason."""
    follower.ended_at, follower.ending = ctx.now, ending


def waiting(ctx: Context, issue: Issue) -> list[Waiting]:
    """The customers who still wait for an issue, those waiting longest first: two queries."""
    return [each for each in everybody(ctx, issue) if each.follower.ended_at is None]


def everybody(ctx: Context, issue: Issue) -> list[Waiting]:
    """All tickets that follow or followed an issue, with the emails that told them."""
    return _with_emails(ctx, rows_of.followers(ctx.session, issue))


def find(ctx: Context, issue: Issue, ticket: Ticket) -> Waiting | None:
    """How one ticket follows an issue. The ticket is not read again: it may be in a transition."""
    follower = rows_of.follower(ctx.session, issue, ticket)
    return _with_emails(ctx, [(follower, ticket)])[0] if follower else None


def _with_emails(ctx: Context, rows: Sequence[tuple[Follower, Ticket]]) -> list[Waiting]:
    emails = rows_of.emails_telling(ctx.session, [follower for follower, _ in rows])
    return [
        Waiting(row, ticket, emails.get(row.investigating_id), emails.get(row.solved_id))
        for row, ticket in rows
    ]


def _has_left(email: Email | None) -> bool:
    return email is not None and email.state == EmailState.SENT
