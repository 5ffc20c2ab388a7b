"""Queries for the sales board: leads by stage with their blockers, in keyset pages (T9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from paidsupport.issues.queries.followers import all_solved
from paidsupport.issues.tables import OVER, Issue, visible
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.db.statements import Gathered
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.workflow import Part
from paidsupport.sales.leads.tables import Blocker, Wish
from paidsupport.sales.leads.workflow import SALES
from paidsupport.sales.organisations.tables import Organisation, OrganisationTicket
from paidsupport.tickets.decisions.tables import Decision
from paidsupport.tickets.tables import Event, Ticket

#: Leads on one page of the board.
PAGE = 40
#: The most rows checked in one run of the clock.
_ROUND = 100
#: The event in the history of a lead whose issues are all solved.
SOLVED = "issues-solved"


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead on the board."""

    ticket: Ticket
    owner: str
    organisation: Organisation | None
    blockers: list[Blocker]
    wishes: list[Wish]
    offers: list[Decision]

    @property
    def offer(self) -> Decision | None:
        """The newest offer that was not withdrawn."""
        return next((row for row in reversed(self.offers) if row.answer != "withdrawn"), None)

    @property
    def undecided(self) -> list[Wish]:
        """The wishes that management has yet to decide about."""
        return [row for row in self.wishes if not row.decision]


@dataclass(frozen=True, slots=True)
class Board:
    """One page of leads, the number of leads in each stage, and the key of the next page, if there is one."""

    leads: list[Lead]
    counts: dict[str, int]
    following: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A blocker as it is now; the issue that it waits for is only included if the viewer may see it."""

    blocker: Blocker
    issue: Issue | None
    is_open: bool
    #: When it was solved, by a person or by the end of its issue.
    solved_at: datetime | None


def waits(blocker: type[Blocker] = Blocker) -> ColumnElement[bool]:
    """The condition that a blocker is still there: it is not solved, and its issue has not ended."""
    ended = exists().where(Issue.id == blocker.issue_id, Issue.state.in_(OVER))
    return blocker.solved_at.is_(None) & ~ended


def board(
    session: Session,
    stage: str = "",
    *,
    blocked: bool = False,
    mine: int | None = None,
    after: tuple[datetime, int] | None = None,
    most: int = PAGE,
) -> Board:
    """Leads of one stage, or all open ones, the oldest first: three queries.

    `blocked`: only those with a blocker. `mine`: only those of this person. `most`: how many on one page.
    """
    counted = select(Ticket.state, func.count()).where(
        Ticket.workflow == SALES.name, Ticket.part != Part.CLOSED
    )
    counts = {row[0]: row[1] for row in session.execute(counted.group_by(Ticket.state))}
    wanted = select(Ticket, Person.name).outerjoin(Person, Person.id == Ticket.owner_id)
    wanted = wanted.where(Ticket.workflow == SALES.name)
    closed = stage in {state.name for state in SALES.states if state.part is Part.CLOSED}
    wanted = wanted.where(Ticket.state == stage) if stage else wanted.where(Ticket.part != Part.CLOSED)
    if blocked:
        hindered = exists().where(Blocker.ticket_id == Ticket.id, waits())
        undecided = exists().where(Wish.ticket_id == Ticket.id, Wish.decision == "")
        wanted = wanted.where(or_(hindered, undecided))
    if mine is not None:
        wanted = wanted.where(Ticket.owner_id == mine)
    if after is not None:
        key = tuple_(literal(after[0], Ticket.submitted_at.type), literal(after[1], Ticket.id.type))
        row = tuple_(Ticket.submitted_at, Ticket.id)
        wanted = wanted.where(row < key if closed else row > key)
    order = (Ticket.submitted_at, Ticket.id)
    wanted = wanted.order_by(*(column.desc() for column in order)) if closed else wanted.order_by(*order)
    rows = session.execute(wanted.limit(most + 1)).all()
    shown = rows[:most]
    last = shown[-1][0] if len(rows) > most else None
    return Board(_leads(session, shown), counts, (last.submitted_at, last.id) if last is not None else None)


def hindrances(session: Session, ticket: Ticket, by: Actor) -> list[Hindrance]:
    """The present and past blockers of a lead, oldest first: one query."""
    wanted = (
        select(Blocker, Issue, visible(by))
        .outerjoin(Issue, Issue.id == Blocker.issue_id)
        .where(Blocker.ticket_id == ticket.id)
        .order_by(Blocker.id)
    )
    return [_hindrance(*row) for row in session.execute(wanted)]


def issues_of(session: Session, wishes: Sequence[Wish], by: Actor) -> dict[int, Issue]:
    """The issues in which wishes are built, as far as the viewer may see them: one query at most."""
    ids = [wish.issue_id for wish in wishes if wish.issue_id is not None]
    if not ids:
        return {}
    rows = session.scalars(select(Issue).where(Issue.id.in_(ids), visible(by)))
    return {issue.id: issue for issue in rows}


def wishes_of(session: Session, ticket: Ticket) -> Sequence[Wish]:
    """The wishes of a lead, oldest first, read afresh."""
    wanted = select(Wish).where(Wish.ticket_id == ticket.id).order_by(Wish.id)
    return session.scalars(wanted, execution_options={"populate_existing": True}).all()


def delivered(session: Session, *which: ColumnElement[bool]) -> list[int]:
    """The ids of matching leads whose issues are all over, whose customer knows, without a SOLVED event."""
    return list(session.scalars(_delivered().where(*which) if which else _delivered()))


@cache
def _delivered() -> Select[int]:
    """The statement; built once, because workers run it all the time."""
    said = exists().where(Event.ticket_id == Ticket.id, Event.kind == SOLVED)
    wanted = select(Ticket.id).where(Ticket.workflow == SALES.name, Ticket.part != Part.UNASSIGNED)
    wanted = wanted.where(all_solved(), ~said, Ticket.erased_at.is_(None))
    return wanted.order_by(Ticket.id).limit(_ROUND)


def _hindrance(blocker: Blocker, issue: Issue | None, seen: Any) -> Hindrance:  # noqa: ANN401  # a boolean of some database
    ended = issue is not None and issue.state in OVER
    solved_at = blocker.solved_at
    if issue is not None and ended:
        solved_at = solved_at or issue.ended_at or issue.changed_at
    return Hindrance(blocker, issue if seen else None, solved_at is None, solved_at)


def _leads(session: Session, rows: Sequence[Any]) -> list[Lead]:
    ids = [ticket.id for ticket, _ in rows]
    if not ids:
        return []
    theirs = select(OrganisationTicket.organisation_id).where(OrganisationTicket.ticket_id.in_(ids))
    rest = Gathered(
        session,
        select(Organisation).where(Organisation.id.in_(theirs)),
        select(OrganisationTicket).where(OrganisationTicket.ticket_id.in_(ids)),
        select(Blocker).where(Blocker.ticket_id.in_(ids), waits()).order_by(Blocker.id),
        select(Wish).where(Wish.ticket_id.in_(ids)).order_by(Wish.id),
        select(Decision)
        .where(Decision.ticket_id.in_(ids), Decision.kind == "offer")
        .order_by(Decision.ticket_id, Decision.number),
    )
    organisations = {row.id: row for row in rest.of(Organisation)}
    whose = {row.ticket_id: organisations.get(row.organisation_id) for row in rest.of(OrganisationTicket)}
    return [
        Lead(
            ticket,
            owner or "",
            whose.get(ticket.id),
            [row for row in rest.of(Blocker) if row.ticket_id == ticket.id],
            [row for row in rest.of(Wish) if row.ticket_id == ticket.id],
            [row for row in rest.of(Decision) if row.ticket_id == ticket.id],
        )
        for ticket, owner in rows
    ]
