"""Requests that are over because the issues they followed are, and their customers know (T18)."""

from __future__ import annotations

from sqlalchemy import exists, select

from paidsupport.desk import moves
from paidsupport.desk.moves import Filled
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterState
from paidsupport.domain.workflow import Part
from paidsupport.domain.workflows.request import REQUEST, RESOLVE
from paidsupport.store import tickets
from paidsupport.store.conversation import Message
from paidsupport.store.issue_waits import waits
from paidsupport.store.issues import Follower
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

#: Most rows looked at in one round.
ROUND = 100
_UNSETTLED = (LetterState.QUEUED, LetterState.SENDING, LetterState.UNCERTAIN, LetterState.FAILED)


def due(visit: Visit, only: int | None = None) -> list[int]:
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
        *(told, ~waits(), ~answered, ~unsettled),
    )
    if only is not None:
        wanted = wanted.where(Ticket.id == only)
    return list(visit.session.scalars(wanted.order_by(Ticket.id).limit(ROUND)))


def resolve(visit: Visit, ticket_id: int) -> None:
    """Resolve one of them, if it still is; its customer knows by letter, or was told otherwise."""
    ticket = tickets.lock_by_id(visit.session, ticket_id)
    if ticket.id in due(visit, only=ticket.id):
        filled = Filled(note="What it waited for is solved, and the customer knows.")
        moves.apply(visit, ticket, RESOLVE.name, version=ticket.version, filled=filled)
