"""The oldest request to triage, with everything that helps to decide: two queries (T2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.orm import Session

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.intake.workflow import REQUEST
from paidsupport.kernel.counts import COUNT_LIMIT
from paidsupport.kernel.db.statements import Gathered
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.conversation.tables import File, Message
from paidsupport.tickets.tables import Ticket

#: The most messages of the request, and the most tickets of the same sender, that are shown.
_MESSAGES, _TICKETS = 5, 5

_WAITS = (Ticket.workflow == REQUEST.name, Ticket.part == Part.UNASSIGNED)
_SOME = select(literal(1)).where(*_WAITS).limit(COUNT_LIMIT + 1).subquery()
_COUNT = select(func.count()).select_from(_SOME).scalar_subquery()
_WAITING = select(Ticket, Intake, _COUNT.label("number")).outerjoin(Intake, Intake.ticket_id == Ticket.id)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to triage, its messages, and the number of requests (at most COUNT_LIMIT + 1)."""

    ticket: Ticket
    #: How it reached the desk; None if its customer filled in the form.
    intake: Intake | None
    messages: list[Message]
    files: list[File]
    #: Other tickets of the same address, newest first.
    others: list[Ticket]
    number: int


def upcoming(session: Session, after: tuple[datetime, int] | None = None, code: str = "") -> Request | None:
    """The request called `code` if it is to be triaged; otherwise the oldest one after the key `after`."""
    query = _WAITING.where(*_WAITS).order_by(Ticket.submitted_at, Ticket.id).limit(1)
    if code:
        query = query.where(Ticket.code == code)
    elif after is not None:
        key = literal(after[0], Ticket.submitted_at.type), literal(after[1], Ticket.id.type)
        query = query.where(tuple_(Ticket.submitted_at, Ticket.id) > tuple_(*key))
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    ticket = row[0]
    rest = Gathered(
        session,
        select(Message).where(Message.ticket_id == ticket.id).order_by(Message.number).limit(_MESSAGES),
        select(File)
        .where(File.ticket_id == ticket.id, File.audience == "customer")
        .order_by(File.id)
        .limit(_MESSAGES),
        select(Ticket)
        .where(
            Ticket.customer_address == ticket.customer_address,
            Ticket.customer_address != "",
            Ticket.id != ticket.id,
        )
        .order_by(Ticket.id.desc())
        .limit(_TICKETS),
    )
    return Request(ticket, row[1], rest.of(Message), rest.of(File), rest.of(Ticket), row.number)
