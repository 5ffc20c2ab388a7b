"""The tickets that follow an issue: whose customers wait for it, and what they know (T13, T18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text

from paidsupport.desk import history as ticket_history
from paidsupport.desk.issues import exposure, history, tags
from paidsupport.desk.visit import Visit
from paidsupport.domain.issues import CUSTOMER_TAG, Stage
from paidsupport.domain.letters import LetterState
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.errors import MoveRefusedError
from paidsupport.kernel.edit import Change
from paidsupport.store.issues import WAITING, Follower, Issue
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

#: States of a letter that may still arrive, or may have.
_UNDER_WAY = {LetterState.QUEUED, LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A customer who waits: their ticket, and the letters that told them, if any were written."""

    follower: Follower
    ticket: Ticket
    investigating: Letter | None
    solved: Letter | None

    @property
    def knows_we_look(self) -> bool:
        """Whether the customer knows that we look into it: a letter has left, somebody noted it, or more."""
        noted = self.follower.investigating_at is not None or self.follower.told_at is not None
        return noted or _has_left(self.investigating)

    @property
    def is_told_we_look(self) -> bool:
        """Whether they know, or a letter that says so is on its way: nobody writes another one."""
        under_way = self.investigating is not None and self.investigating.state in _UNDER_WAY
        return self.knows_we_look or under_way

    @property
    def knows_it_is_solved(self) -> bool:
        """Whether the customer was told that it is solved."""
        return self.follower.told_at is not None or _has_left(self.solved)


def follow(
    visit: Visit,
    issue: Issue,
    ticket: Ticket,
    stage: str = Stage.PRODUCTION,
    change: Change[Visit, Ticket] | None = None,
) -> Follower:
    """Let a ticket follow an issue; the caller holds the ticket's lock and then the issue's.

    The history of both tells it, and the issue is tagged `Customer` (T4). `change`: that of the ticket by
    which it was asked for, if it was by a form. Raises MoveRefusedError once the issue is resolved: nobody
    waits for what is over; GivenAwayError (field `issue`) if the issue says a secret of the ticket.
    """
    if ISSUE.state(issue.state).part is Part.CLOSED:
        raise MoveRefusedError(
            issue.code, [f"{issue.code} is over: open it again first, or tell the customer so."]
        )
    exposure.refuse_to_follow(visit, issue, ticket)
    known = select(Follower).where(Follower.issue_id == issue.id, Follower.ticket_id == ticket.id)
    follower = visit.session.scalar(known)
    if follower is None:
        follower = Follower(issue_id=issue.id, ticket_id=ticket.id, followed_at=visit.now, ending="")
        visit.session.add(follower)
    follower.stage, follower.ended_at, follower.ending = stage, None, ""
    visit.session.flush()
    tags.put(visit, issue, CUSTOMER_TAG)
    (change or ticket_history.edit(visit, ticket)).tell("issue-followed", {"issue": issue.code})
    history.tell(visit, issue, "followed", {"ticket": ticket.code})
    return follower


def unfollow(visit: Visit, follower: Follower, ending: str) -> None:
    """A customer waits no more although nobody told them that it is solved; `ending` says why in a word."""
    follower.ended_at, follower.ending = visit.now, ending


def waiting(visit: Visit, issue: Issue) -> list[Waiting]:
    """The customers who still wait for an issue, those who have waited longest first: two queries."""
    return [each for each in everybody(visit, issue) if each.follower.ended_at is None]


def everybody(visit: Visit, issue: Issue) -> list[Waiting]:
    """All tickets that follow or followed an issue, with the letters that told them."""
    wanted = (
        select(Follower, Ticket)
        .join(Ticket, Ticket.id == Follower.ticket_id)
        .where(Follower.issue_id == issue.id)
        .order_by(Follower.id)
        .execution_options(populate_existing=True)
    )
    rows = [(follower, ticket) for follower, ticket in visit.session.execute(wanted)]
    letters = letters_of(visit, [follower for follower, _ in rows])
    return [Waiting(*row, *told) for row, told in zip(rows, letters, strict=True)]


def letters_of(visit: Visit, rows: Sequence[Follower]) -> list[tuple[Letter | None, Letter | None]]:
    """The letters that said “we are investigating” and “it is solved”, of each of `rows`: one query."""
    ids = {id_ for row in rows for id_ in (row.investigating_id, row.solved_id) if id_ is not None}
    wanted = select(Letter).where(Letter.message_id.in_(ids)).execution_options(populate_existing=True)
    letters = {letter.message_id: letter for letter in visit.session.scalars(wanted)} if ids else {}
    return [(letters.get(row.investigating_id), letters.get(row.solved_id)) for row in rows]


def of_ticket(visit: Visit, ticket: Ticket) -> Sequence[tuple[Follower, Issue]]:
    """The issues that a ticket follows, also those that whoever looks may not see."""
    wanted = select(Follower, Issue).join(Issue, Issue.id == Follower.issue_id)
    rows = visit.session.execute(wanted.where(Follower.ticket_id == ticket.id).order_by(Follower.id))
    return [(follower, issue) for follower, issue in rows]


def anybody_waits(visit: Visit, issue: Issue) -> bool:
    """Whether a customer waits for an issue and has not been told that it is solved: one query."""
    wanted = select(Follower.id).where(Follower.issue_id == issue.id, text(WAITING)).limit(1)
    return visit.session.scalar(wanted) is not None


def _has_left(letter: Letter | None) -> bool:
    return letter is not None and letter.state == LetterState.SENT
