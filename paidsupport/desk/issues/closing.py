"""What the clock does for resolutions: letters that left, tickets to hand over, what is over (T18)."""

from __future__ import annotations

from sqlalchemy import exists, select, text

from paidsupport.desk import moves as ticket_moves
from paidsupport.desk.issues import leaving, resolution, tellers
from paidsupport.desk.issues.tellers import Teller
from paidsupport.desk.moves import Filled
from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import Role
from paidsupport.domain.letters import LetterState
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.issue import ASSIGNED
from paidsupport.store import issues, tickets
from paidsupport.store.issues import WAITING, Follower, Issue
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

#: Most rows looked at in one round.
ROUND = 100


def due(visit: Visit) -> list[int]:
    """The ids of followers that something is due for: one query.

    Their letter has left, or their ticket is to be handed over, or they came after the issue was approved.
    """
    left = exists().where(Letter.message_id == Follower.solved_id, Letter.state == LetterState.SENT)
    told = text(WAITING), Follower.solved_id.is_not(None), left
    approved = exists().where(
        Issue.id == Follower.issue_id, Issue.state == ASSIGNED.name, Issue.approved_at.is_not(None)
    )
    late = text(WAITING), Follower.teller_id.is_(None), approved
    to_pass = select(Follower.id).where(Follower.to_pass)
    wanted = to_pass.union(*(select(Follower.id).where(*which) for which in (told, late)))
    return list(visit.session.scalars(wanted.limit(ROUND)))


def tend(visit: Visit, follower_id: int) -> None:
    """Note that a customer was told, or hand their ticket over to whoever tells them; what is over ends."""
    follows = select(Follower.ticket_id, Follower.issue_id).where(Follower.id == follower_id)
    row = visit.session.execute(follows).one()
    ticket = tickets.lock_by_id(visit.session, row.ticket_id)
    issue = issues.lock_by_id(visit.session, row.issue_id)
    each = resolution.find(visit, issue, ticket)
    if each.follower.to_pass:
        _pass_on(visit, ticket, each.follower)
    if each.follower.told_at is None and each.follower.ended_at is None and each.knows_it_is_solved:
        leaving.note_told(visit, issue, each)
        resolution.finish(visit, issue)
    elif _is_nobodys(each.follower) and issue.state == ASSIGNED.name and issue.approved_at is not None:
        found = tellers.teller_of(visit, each)
        tellers.appoint(visit, issue, each, found if found.person_id else Teller(issue.owner_id))


def _is_nobodys(follower: Follower) -> bool:
    return follower.teller_id is None and follower.told_at is None and follower.ended_at is None


def due_issues(visit: Visit) -> list[int]:
    """The ids of approved issues that nobody waits for any more who does not know: one query."""
    wanted = (
        select(Issue.id)
        .where(Issue.state == ASSIGNED.name, Issue.approved_at.is_not(None))
        .where(~exists().where(Follower.issue_id == Issue.id, text(WAITING)))
    )
    return list(visit.session.scalars(wanted.order_by(Issue.id).limit(ROUND)))


def resolve_issue(visit: Visit, issue_id: int) -> None:
    """Resolve one of them."""
    resolution.finish(visit, issues.lock_by_id(visit.session, issue_id))


def _pass_on(visit: Visit, ticket: Ticket, follower: Follower) -> None:
    """Hand the ticket over once: whom its new owner passes it to is theirs to decide."""
    follower.to_pass = False
    visit.session.flush()
    person = visit.session.get(Person, follower.teller_id) if follower.teller_id else None
    if ticket.part != Part.PENDING or person is None or not person.active or ticket.owner_id == person.id:
        return
    ways = visit.house.workflows[ticket.workflow].moves_for(ticket.state, {Role.CLOCK})
    if "hand-over" not in {way.name for way in ways}:
        return
    filled = Filled(
        colleague=person.id, note="Whoever first answered this customer tells them that it is solved."
    )
    ticket_moves.apply(visit, ticket, "hand-over", version=ticket.version, filled=filled)
