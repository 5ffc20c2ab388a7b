"""What a customer confirms before the work: on the order form, or in answer to a first contact (G1, G17)."""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterState
from paidsupport.store.catalogue import Requirement
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Event, Ticket

#: The first event of a ticket that the desk has opened for a customer who saw no order form.
REQUESTED = "requested"


def outstanding(visit: Visit, ticket: Ticket) -> list[str]:
    """What the customer of a request that the desk has opened is still to confirm."""
    if ticket.requirements:
        return []
    began = select(Event.kind).where(Event.ticket_id == ticket.id, Event.number == 1)
    if visit.session.scalar(began) != REQUESTED:
        return []
    wanted = select(Requirement.text).where(Requirement.service_id == ticket.service_id)
    return list(visit.session.scalars(wanted.order_by(Requirement.position)))


def confirmed(visit: Visit, ticket: Ticket) -> dict[str, object]:
    """The columns to write when the work is agreed: it covers what a letter of ours asked to confirm."""
    texts = outstanding(visit, ticket)
    if not texts:
        return {}
    letters = select(Letter.body).where(
        Letter.ticket_id == ticket.id, Letter.contact.is_not(None), Letter.state == LetterState.SENT
    )
    asked = _flat(" ".join(visit.session.scalars(letters)))
    covered = [text for text in texts if _flat(text) in asked]
    return {"requirements": covered} if covered else {}


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()
