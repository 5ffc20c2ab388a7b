"""Links between tickets, and tickets for further requests (G17, P7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.questions import Kind
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.objects import enter
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, TransitionRefusedError, existing
from paidsupport.kernel.i18n.languages import Language
from paidsupport.kernel.i18n.messages import _, said
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.queries import message_of_customer
from paidsupport.tickets.deadlines.operations import deadlines
from paidsupport.tickets.hooks import SPLIT_OFF
from paidsupport.tickets.operations import history
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.requirements import REQUESTED
from paidsupport.tickets.queries.tickets import by_codes
from paidsupport.tickets.relations.queries import link_between
from paidsupport.tickets.tables import SEEN_FROM_THERE, Link, Ticket

#: How one ticket can relate to another, as the form on its page words it.
KINDS = {
    "related": _("It is related to the other one"),
    "follows": _("It came out of the other one"),
    "duplicates": _("It is a duplicate of the other one"),
}
#: The kind of a link as it is recorded on the other ticket.
_BACK = SEEN_FROM_THERE | {there: kind for kind, there in SEEN_FROM_THERE.items()}


def link(ctx: Context, code: str, other_code: str, kind: str, key: str) -> Ticket:
    """Link two tickets; both histories tell. Returns the one called `code`.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: The other code or the kind is wrong (fields `other`, `kind`).
        KeyReusedError: The form was sent with other content.
    """
    if kind not in KINDS:
        raise InvalidInputError({"kind": [_("Choose how the two belong together.")]})
    ticket, other = both(ctx, code, other_code)
    content = ("link", code, other.code, kind, ctx.by.id)
    with history.edit(ctx, ticket, key=key, content=content) as change:
        if change.repeated:
            return ticket
        if link_between(ctx.session, ticket, other):
            raise InvalidInputError(
                {"other": [_("This ticket and %(code)s are linked already.", code=other.code)]}
            )
        ctx.session.add(_link(ctx, ticket, other, kind))
        change.tell("linked", {"other": other.code, "kind": kind})
        history.tell(ctx, other, "linked", {"other": ticket.code, "kind": _BACK.get(kind, kind)})
    return ticket


def unlink(ctx: Context, code: str, other_code: str, key: str) -> Ticket:
    """Remove a link, whichever of the two it was made on. Returns the ticket called `code`.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: The two are not linked (field `other`).
        KeyReusedError: The form was sent with other content.
    """
    ticket, other = both(ctx, code, other_code)
    with history.edit(ctx, ticket, key=key, content=("unlink", code, other.code, ctx.by.id)) as change:
        if change.repeated:
            return ticket
        found = link_between(ctx.session, ticket, other)
        if found is None:
            raise InvalidInputError(
                {"other": [_("This ticket and %(code)s are not linked any more.", code=other.code)]}
            )
        kind = found.kind if found.ticket_id == ticket.id else SEEN_FROM_THERE.get(found.kind, found.kind)
        ctx.session.delete(found)
        change.tell("unlinked", {"other": other.code, "kind": kind})
        history.tell(ctx, other, "unlinked", {"other": ticket.code, "kind": _BACK.get(kind, kind)})
    return ticket


def request_from(
    ctx: Context, code: str, *, message: int | None, service: str, details: str, key: str
) -> Ticket:
    """Open a ticket for a further request of the same customer, free to claim.

    The customer gets an email with the new code. The first contact asks them to confirm the requirements that
    the order form would have shown.

    Args:
        ctx: Who opens it.
        code: The ticket it comes from.
        message: The number of the message with the request, if it came in one.
        service: The slug of the service.
        details: What the customer wants.
        key: The one-time key of the form.

    Returns:
        The new ticket.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: By field (`service`, `details`).
        TransitionRefusedError: The ticket does not allow it now.
        KeyReusedError: The form was sent with other content.
    """
    content = ("request", code, message, service, details, ctx.by.id)
    with history.edit(ctx, code, key=key, content=content) as change:
        origin = change.record
        if change.repeated:
            return tickets.lock(ctx.session, change.earlier["other"])
        if origin.erased_at is not None:
            raise TransitionRefusedError(code, [_("The customer of this ticket was erased.")])
        if message is not None:
            message_of_customer(ctx.session, origin, message)
        ticket = _opened(ctx, origin, _orderable(ctx, service), submissions.wish(details))
        data = {"service": service, "price": ticket.price_minor, "other": origin.code, "kind": "follows"}
        history.tell(ctx, ticket, REQUESTED, data)
        ctx.session.add(_link(ctx, ticket, origin, "follows"))
        ctx.services.hooks.call(SPLIT_OFF, ctx, ticket, origin)
        told = {"other": ticket.code, "kind": "followed-by", "message": message}
        change.tell("request-opened", told)
        submissions.confirm(ctx, ticket, follows=origin.code)
    return ticket


_ITSELF = _("A ticket can't be linked to itself.")


def both(ctx: Context, code: str, typed: str, itself: str = _ITSELF) -> tuple[Ticket, Ticket]:
    """Lock both tickets, in the order of their ids, so that two operations at once never deadlock.

    `itself`: the error if they are the same.

    Raises:
        NotFoundError: There is no such ticket.
        InvalidInputError: There is no such other ticket, or they are the same (field `other`).
    """
    other = tidy_code(typed) or ""
    found = by_codes(ctx.session, code, other)
    ticket = existing(found.get(code))
    if other == code:
        raise InvalidInputError({"other": [itself]})
    if other not in found:
        raise InvalidInputError({"other": [_("There is no ticket with this code.")]})
    tickets.lock_all(ctx.session, (each.id for each in found.values()))
    return ticket, found[other]


def _link(ctx: Context, ticket: Ticket, other: Ticket, kind: str) -> Link:
    return Link(ticket_id=ticket.id, other_id=other.id, kind=kind, author_name=ctx.by.name, at=ctx.now)


def _orderable(ctx: Context, slug: str) -> Terms:
    try:
        return catalogue.orderable(ctx, slug)
    except NotFoundError:
        raise InvalidInputError({"service": [_("Choose one of the services.")]}) from None


def _opened(ctx: Context, origin: Ticket, service: Terms, details: str) -> Ticket:
    """A new ticket at the start of its workflow, with all that is known of the customer of `origin`."""
    ticket = submissions.begin(
        ctx,
        service,
        customer_name=origin.customer_name,
        customer_email=origin.customer_email,
        address_proven_at=origin.address_proven_at,
        customer_user_id=origin.customer_user_id,
        language=origin.language,
        host_url=origin.host_url,
        host_access=origin.host_access,
        details=details,
        answers=_unanswered(service, ctx.services.language(origin.language)),
        requirements=[],
    )
    enter(ctx.session, ticket)
    deadlines.begin(ctx, ticket, service)
    return ticket


def _unanswered(service: Terms, language: Language) -> list[Mapping[str, Any]]:
    """The questions of the order form, without answers: the draft of the first contact asks them."""
    asked = [q for q in service.order_questions if not q.shown_by]
    return [
        {
            "name": q.name,
            "label": said(q.label, language),
            "kind": q.kind,
            "value": [] if q.kind is Kind.SEVERAL else "",
        }
        for q in asked
    ]
