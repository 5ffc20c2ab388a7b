"""What becomes of who waits for an issue when their ticket ends, reopens, is merged or erased (T18).

Nobody stops waiting silently: the histories of the ticket and of the issue tell it. The caller holds the
lock of the ticket; issues are locked after it, the one with the lower id first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from paidsupport.desk import history as ticket_history
from paidsupport.desk.issues import followers, history, tellers
from paidsupport.desk.issues.followers import Waiting
from paidsupport.desk.visit import Visit
from paidsupport.domain.issues import first_of
from paidsupport.domain.letters import LetterState
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.kernel.transitions import Effect, Guard, ends, reopens
from paidsupport.store.issues import Follower, Issue
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

#: Endings that are not undone when the ticket is opened again.
TOLD_OTHERWISE = "told-otherwise"
_ON_THEIR_WAY = (LetterState.QUEUED, LetterState.SENDING, LetterState.UNCERTAIN)


def lock_issues(visit: Visit, ticket_ids: Iterable[int]) -> list[Issue]:
    """All issues that these tickets ever followed, locked in one order."""
    ids = select(Follower.issue_id).where(Follower.ticket_id.in_(list(ticket_ids)))
    wanted = select(Issue).where(Issue.id.in_(ids)).order_by(Issue.id).with_for_update()
    return list(visit.session.scalars(wanted.execution_options(populate_existing=True)))


def ended(visit: Visit, ticket: Ticket, why: str) -> None:
    """A ticket has ended by the move `why`: its customer waits no more for what is not solved yet."""
    for issue in _followed(visit, ticket):
        each = _of(visit, issue, ticket)
        if each is not None and each.follower.told_at is None and each.follower.ended_at is None:
            if each.knows_it_is_solved and each.solved is not None:
                note_told(visit, issue, each)
            else:
                stop(visit, issue, each, why)


def opened(visit: Visit, ticket: Ticket) -> None:
    """A ticket that had ended is open again: its customer waits again for what is not over."""
    for issue in _followed(visit, ticket):
        each = _of(visit, issue, ticket)
        if each is None or ISSUE.state(issue.state).part is Part.CLOSED:
            continue
        told = each.follower.told_at is not None
        if told or each.follower.ending not in {"", TOLD_OTHERWISE}:
            tellers.begin_again(visit, issue, each)


def merged(visit: Visit, ticket: Ticket, other: Ticket) -> None:
    """A duplicate is merged: the `other` ticket waits for what it waits for, and knows what it knows."""
    for issue in _followed(visit, ticket):
        each = _of(visit, issue, ticket)
        if each is None or each.follower.ended_at is not None:
            continue
        known = _of(visit, issue, other)
        waits = known is not None and known.follower.ended_at is None
        if each.knows_it_is_solved:
            note_told(visit, issue, each)
            if known is not None and waits:
                _know_as_well(visit, issue, known, each.follower)
            continue
        stage = (
            first_of(each.follower.stage, known.follower.stage) if known and waits else each.follower.stage
        )
        if known is None or not waits:
            into = followers.follow(visit, issue, other, stage)
        else:
            into = known.follower
            into.stage = stage
        into.answerer_id = into.answerer_id or each.follower.answerer_id
        if into.investigating_id is None and into.investigating_at is None and each.knows_we_look:
            sent = each.investigating.sent_at if each.investigating else None
            into.investigating_at = each.follower.investigating_at or sent
        stop(visit, issue, each, "merged")


def against_merging(visit: Visit, ticket: Ticket) -> str:
    """A sentence if a letter that it is solved is on its way to who waits, or may have arrived: one query."""
    wanted = select(Letter.id).join(Follower, Follower.solved_id == Letter.message_id)
    wanted = wanted.where(Follower.ticket_id == ticket.id, Letter.state.in_(_ON_THEIR_WAY))
    wanted = wanted.where(Follower.told_at.is_(None), Follower.ended_at.is_(None))
    if visit.session.scalar(wanted.limit(1)) is None:
        return ""
    return (
        "The letter that says it is solved is on its way to this customer. Wait until it has left; if it"
        " is stuck, decide about it first."
    )


def erased(visit: Visit, ticket: Ticket) -> None:
    """The customer of a ticket was erased: nobody waits any more."""
    for issue in _followed(visit, ticket):
        each = _of(visit, issue, ticket)
        if each is not None and each.follower.told_at is None and each.follower.ended_at is None:
            stop(visit, issue, each, "erased")


def stop(visit: Visit, issue: Issue, waiting: Waiting, ending: str) -> None:
    """One customer waits no more although nobody told them that it is solved; both histories say so."""
    ticket = waiting.ticket
    followers.unfollow(visit, waiting.follower, ending)
    waiting.follower.to_pass = False
    visit.session.flush()
    data: dict[str, object] = {"ticket": ticket.code, "ending": ending}
    history.tell(visit, issue, "unfollowed", data)
    ticket_history.tell(visit, ticket, "issue-left", {"issue": issue.code, "kind": ending})


def note_told(visit: Visit, issue: Issue, waiting: Waiting) -> None:
    """Note that the letter that tells a customer has left; the locks of both are held."""
    letter = waiting.solved
    if letter is None or waiting.follower.told_at is not None:
        return
    waiting.follower.told_at = letter.sent_at or visit.now
    waiting.follower.told_by_id = letter.author_id
    visit.session.flush()
    data = {"ticket": waiting.ticket.code, "letter": letter.reference}
    history.tell(visit, issue, "told", data)


def _know_as_well(visit: Visit, issue: Issue, waiting: Waiting, told: Follower) -> None:
    """The customer was told on another ticket of theirs: on this one nobody tells them again."""
    follower = waiting.follower
    if waiting.knows_it_is_solved:
        return
    follower.told_at, follower.told_by_id, follower.to_pass = told.told_at, told.told_by_id, False
    visit.session.flush()
    data: dict[str, object] = {"ticket": waiting.ticket.code}
    history.tell(visit, issue, "told", data)


def _followed(visit: Visit, ticket: Ticket) -> list[Issue]:
    follows = select(Follower.id).where(Follower.ticket_id == ticket.id).limit(1)
    if visit.session.scalar(follows) is None:
        return []
    return lock_issues(visit, [ticket.id])


def _of(visit: Visit, issue: Issue, ticket: Ticket) -> Waiting | None:
    """How one ticket follows an issue. The ticket is not read again: a move on it may be under way."""
    wanted = select(Follower).where(Follower.issue_id == issue.id, Follower.ticket_id == ticket.id)
    follower = visit.session.scalar(wanted.execution_options(populate_existing=True))
    if follower is None:
        return None
    investigating, solved = followers.letters_of(visit, [follower])[0]
    return Waiting(follower, ticket, investigating, solved)


def _is_delivered(at: Any) -> bool | None:  # noqa: ANN401  # a move of a ticket
    """The customer waits for no issue any more: whoever waited has been told that it is solved."""
    if at.page is not None:
        rows = at.page.following
    else:
        wanted = select(Follower).where(Follower.ticket_id == at.record.id)
        rows = at.ctx.session.scalars(wanted, execution_options={"populate_existing": True}).all()
    left = {letter.message_id for letter in at.letters if letter.state == LetterState.SENT}
    return all(row.ended_at or row.told_at or row.solved_id in left for row in rows) if rows else None


#: What a ticket's moves need of issues, and do to those that it follows.
GUARDS: Mapping[str, Guard] = {"delivered": _is_delivered}
EFFECTS = (
    Effect(
        "followed-again",
        lambda at: opened(at.ctx, at.record),
        on=reopens,
        ahead_of="decisions-withdrawn",
    ),
    Effect(
        "followed-no-more",
        lambda at: ended(at.ctx, at.record, at.move.name),
        on=ends,
        ahead_of="decisions-withdrawn",
    ),
)
