"""Requests that are over because the issues they followed are, and their customers know (T18)."""

from __future__ import annotations

from sqlalchemy import exists, select

from paidsupport.intake.workflow import REQUEST, RESOLVE
from paidsupport.issues.queries.waits import waits
from paidsupport.issues.tables import Follower
from paidsupport.kernel.context import Context
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.operations import transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.tables import Ticket

#: Most rows looked at in one round.
ROUND = 100
_UNSETTLED = (EmailState.QUEUED, EmailState.SENDING, EmailState.UNCERTAIN, EmailState.FAILED)


def due(ctx: Context, only: int | None = None) -> list[int]:
    """The ids of requests whose issues are all over, and whose customer knows and has not answered.

    One query. A customer who has written since is read by whoever has the request.
    """
    mine = Follower.ticket_id == Ticket.id
    answered = exists().where(
        Message.ticket_id == Ticket.id, Message.direction == "in", mine, Message.at > Follower.told_at
    )
    unsettled = exists().where(
        Email.ticket_id == Ticket.id, Email.message_id.is_not(None), Email.state.in_(_UNSETTLED)
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
    return list(ctx.session.scalars(wanted.order_by(Ticket.id).limit(ROUND)))


def resolve(ctx: Context, ticket_id: int) -> None:
    """Resolve one of them, if it still is; its customer knows by email, or was told otherwise."""
    ticket = tickets.lock_by_id(ctx.session, ticket_id)
    if ticket.id in due(ctx, only=ticket.id):
        filled = Filled(note="What it waited for is solved, and the customer knows.")
        transitions.apply(ctx, ticket, RESOLVE.name, version=ticket.version, filled=filled)
