"""What the clock does for resolutions: letters that left, tickets to hand over, what is over (T18)."""

from __future__ import annotations

from sqlalchemy import Exists, exists, or_, select, text
from sqlalchemy.orm import aliased

from paidsupport.desk import history, invoices
from paidsupport.desk import moves as ticket_moves
from paidsupport.desk.issues import leaving, resolution, tellers
from paidsupport.desk.issues.tellers import Teller
from paidsupport.desk.moves import Filled
from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import Role
from paidsupport.domain.letters import LetterState
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.issue import ASSIGNED
from paidsupport.domain.workflows.request import REQUEST, RESOLVE
from paidsupport.domain.workflows.sales import SALES
from paidsupport.store import issues, tickets
from paidsupport.store.conversation import Message
from paidsupport.store.issues import OVER, WAITING, Follower, Issue
from paidsupport.store.people import Person
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Event, Ticket

#: Most rows looked at in one round.
ROUND = 100
#: The line in the history of a lead that all it waited for is solved.
SOLVED = "issues-solved"
_UNSETTLED = (LetterState.QUEUED, LetterState.SENDING, LetterState.UNCERTAIN, LetterState.FAILED)


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


def due_tickets(visit: Visit, only: int | None = None) -> list[int]:
    """The ids of requests whose issues are all over, and whose customer knows and has not answered.

    One query. A customer who has written since is read by whoever has the request.
    """
    mine = Follower.ticket_id == Ticket.id
    answered = exists().where(
        Message.ticket_id == Ticket.id, Message.direction == "in", mine, Message.at > Follower.told_at
    )
    unsettled = exists().where(
        Letter.ticket_id == Ticket.id, Letter.message_id.is_not(None), Letter.state.in_(_UNSETTLED)
    )
    told = exists().where(mine, Follower.told_at.is_not(None), Follower.ended_at.is_(None))
    wanted = select(Ticket.id).where(
        Ticket.workflow == REQUEST.name,
        Ticket.part == Part.PENDING,
        Ticket.state.in_(RESOLVE.sources),
        *(told, ~_open_ones(), ~answered, ~unsettled),
    )
    if only is not None:
        wanted = wanted.where(Ticket.id == only)
    return list(visit.session.scalars(wanted.order_by(Ticket.id).limit(ROUND)))


def resolve_ticket(visit: Visit, ticket_id: int) -> None:
    """Resolve one of them, if it still is; its customer knows by letter, or was told otherwise."""
    ticket = tickets.lock_by_id(visit.session, ticket_id)
    if ticket.id in due_tickets(visit, only=ticket.id):
        filled = Filled(note="What it waited for is solved, and the customer knows.")
        ticket_moves.apply(visit, ticket, RESOLVE.name, version=ticket.version, filled=filled)


def due_leads(visit: Visit, only: int | None = None) -> list[int]:
    """The ids of leads whose issues are all over, as the customer knows, and that do not say so yet."""
    said = exists().where(Event.ticket_id == Ticket.id, Event.kind == SOLVED)
    told = exists().where(
        Follower.ticket_id == Ticket.id, Follower.told_at.is_not(None), Follower.ended_at.is_(None)
    )
    wanted = select(Ticket.id).where(Ticket.workflow == SALES.name, Ticket.part != Part.UNASSIGNED)
    wanted = wanted.where(told, ~_open_ones(), ~said, Ticket.erased_at.is_(None))
    if only is not None:
        wanted = wanted.where(Ticket.id == only)
    return list(visit.session.scalars(wanted.order_by(Ticket.id).limit(ROUND)))


def deliver_lead(visit: Visit, ticket_id: int) -> None:
    """What a lead waited for is there, if it still is: its history says so, and its invoice is drafted."""
    ticket = tickets.lock_by_id(visit.session, ticket_id)
    if ticket.id in due_leads(visit, only=ticket.id):
        history.tell(visit, ticket, SOLVED)
        invoices.start(visit, ticket)


def _open_ones() -> Exists:
    """Whether a ticket follows something that is not over, or that its customer does not know of."""
    other = aliased(Follower)
    return (
        exists()
        .where(other.ticket_id == Ticket.id, other.ended_at.is_(None))
        .where(Issue.id == other.issue_id)
        .where(or_(other.told_at.is_(None), Issue.state.not_in(OVER)))
    )


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
