"""Tickets that belong together, and the new request that a further wish becomes (G17, P7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select

from paidsupport.desk import catalogue, deadlines, history, submissions
from paidsupport.desk.hooks import SPLIT_OFF
from paidsupport.desk.requirements import REQUESTED
from paidsupport.desk.visit import Visit
from paidsupport.domain.codes import tidy_code
from paidsupport.domain.questions import Kind, Moment
from paidsupport.errors import InvalidInputError, MoveRefusedError, NotFoundError
from paidsupport.store import pages, tickets
from paidsupport.store.catalogue import Service
from paidsupport.store.tickets import SEEN_FROM_THERE, Link, Ticket

#: How a ticket can stand to another one, in the words of a form on its page.
KINDS = {
    "related": "It is related to the other one",
    "follows": "It came out of the other one",
    "duplicates": "It is a duplicate of the other one",
}
#: What an event calls a link on the other ticket.
_BACK = SEEN_FROM_THERE | {there: kind for kind, there in SEEN_FROM_THERE.items()}


def link(visit: Visit, code: str, other_code: str, kind: str, key: str) -> Ticket:
    """Link two tickets; both histories tell. Returns the one called `code`.

    Raises NotFoundError, InvalidInputError (fields `other`, `kind`), KeyReusedError.
    """
    if kind not in KINDS:
        raise InvalidInputError({"kind": ["Choose how the two belong together."]})
    ticket, other = both(visit, code, other_code)
    content = ("link", code, other.code, kind, visit.by.id)
    with history.edit(visit, ticket, key=key, content=content) as change:
        if change.repeated:
            return ticket
        if _found(visit, ticket, other):
            raise InvalidInputError({"other": [f"This ticket and {other.code} are linked already."]})
        visit.session.add(_link(visit, ticket, other, kind))
        change.tell("linked", {"other": other.code, "kind": kind})
        history.tell(visit, other, "linked", {"other": ticket.code, "kind": _BACK.get(kind, kind)})
    return ticket


def unlink(visit: Visit, code: str, other_code: str, key: str) -> Ticket:
    """Take a link away, whichever of the two it was made on; returns the ticket called `code`.

    Raises NotFoundError, InvalidInputError (field `other`), KeyReusedError.
    """
    ticket, other = both(visit, code, other_code)
    with history.edit(visit, ticket, key=key, content=("unlink", code, other.code, visit.by.id)) as change:
        if change.repeated:
            return ticket
        found = _found(visit, ticket, other)
        if found is None:
            raise InvalidInputError({"other": [f"This ticket and {other.code} are not linked any more."]})
        kind = found.kind if found.ticket_id == ticket.id else SEEN_FROM_THERE.get(found.kind, found.kind)
        visit.session.delete(found)
        change.tell("unlinked", {"other": other.code, "kind": kind})
        history.tell(visit, other, "unlinked", {"other": ticket.code, "kind": _BACK.get(kind, kind)})
    return ticket


def request_from(
    visit: Visit, code: str, *, message: int | None, service: str, details: str, key: str
) -> Ticket:
    """Open a ticket for a further wish of the same customer, for anybody to claim; returns it.

    `message`: the number of the message with the wish, if it came in one. The customer gets a letter with
    the new code; what they would have confirmed on the order form, the first contact asks for.
    Raises NotFoundError, InvalidInputError (fields `service`, `details`), MoveRefusedError, KeyReusedError.
    """
    content = ("request", code, message, service, details, visit.by.id)
    with history.edit(visit, code, key=key, content=content) as change:
        origin = change.record
        if change.repeated:
            return tickets.lock(visit.session, change.earlier["other"])
        if origin.erased_at is not None:
            raise MoveRefusedError(code, ["The customer of this ticket was erased."])
        if message is not None:
            pages.wish(visit.session, origin, message)
        ticket = _opened(visit, origin, _orderable(visit, service), submissions.wish(details))
        data = {"service": service, "price": ticket.price_minor, "other": origin.code, "kind": "follows"}
        history.tell(visit, ticket, REQUESTED, data)
        visit.session.add(_link(visit, ticket, origin, "follows"))
        visit.house.hooks.call(SPLIT_OFF, visit, ticket, origin)
        told = {"other": ticket.code, "kind": "followed-by", "message": message}
        change.tell("request-opened", told)
        submissions.confirm(visit, ticket, follows=origin.code)
    return ticket


def both(visit: Visit, code: str, typed: str, deed: str = "linked to") -> tuple[Ticket, Ticket]:
    """Both tickets under their locks, taken in the order of their ids: two deeds at once never deadlock.

    Raises NotFoundError, InvalidInputError (field `other`).
    """
    other = tidy_code(typed) or ""
    wanted = select(Ticket.code, Ticket.id).where(Ticket.code.in_((code, other)))
    ids = {row.code: row.id for row in visit.session.execute(wanted)}
    if code not in ids:
        raise NotFoundError
    if other == code:
        raise InvalidInputError({"other": [f"A ticket cannot be {deed} itself."]})
    if other not in ids:
        raise InvalidInputError({"other": ["There is no ticket with this code."]})
    locked = tickets.lock_all(visit.session, ids.values())
    return locked[ids[code]], locked[ids[other]]


def _found(visit: Visit, ticket: Ticket, other: Ticket) -> Link | None:
    """The link between two tickets, whichever of them it was made on."""
    there = (Link.ticket_id == ticket.id) & (Link.other_id == other.id)
    back = (Link.ticket_id == other.id) & (Link.other_id == ticket.id)
    found: Link | None = visit.session.scalar(select(Link).where(or_(there, back)))
    return found


def _link(visit: Visit, ticket: Ticket, other: Ticket, kind: str) -> Link:
    return Link(ticket_id=ticket.id, other_id=other.id, kind=kind, author_name=visit.by.name, at=visit.now)


def _orderable(visit: Visit, slug: str) -> Service:
    try:
        return catalogue.orderable(visit.session, slug)
    except NotFoundError:
        raise InvalidInputError({"service": ["Choose one of the services."]}) from None


def _opened(visit: Visit, origin: Ticket, service: Service, details: str) -> Ticket:
    """A ticket at its beginning with all that is known of the customer of `origin`."""
    ticket = submissions.begin(
        visit,
        service,
        customer_name=origin.customer_name,
        customer_email=origin.customer_email,
        address_proven_at=origin.address_proven_at,
        customer_user_id=origin.customer_user_id,
        host_url=origin.host_url,
        host_access=origin.host_access,
        details=details,
        answers=_unanswered(service),
        requirements=[],
    )
    visit.session.add(ticket)
    visit.session.flush()
    deadlines.begin(visit, ticket, service)
    return ticket


def _unanswered(service: Service) -> list[Mapping[str, Any]]:
    """The questions of the order form with no answers: the draft of the first contact asks them."""
    asked = [q for q in catalogue.questions(service) if q.moment is Moment.ORDER and not q.shown_by]
    return [
        {"name": q.name, "label": q.label, "kind": q.kind, "value": [] if q.kind is Kind.SEVERAL else ""}
        for q in asked
    ]
