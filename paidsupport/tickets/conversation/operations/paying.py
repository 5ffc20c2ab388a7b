"""What the first emails about an order say of its payment: one payee, and how to pay it (G7)."""

from __future__ import annotations

from typing import Any

from paidsupport.catalogue.rules.terms import Payee
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import Message, _, said
from paidsupport.kernel.money import Money
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.ways.paying import how_to_pay
from paidsupport.kernel.ways.rules import HowToPay
from paidsupport.tickets.emails.rules import EmailKind, Need, first_contact_needs, missing_in_first_contact
from paidsupport.tickets.operations.payment import paid_to, payee_of
from paidsupport.tickets.tables import Ticket

#: Emails in which a developer says how to pay.
_SAY_HOW = frozenset({EmailKind.FIRST_CONTACT, EmailKind.HANDOVER})
_NOT_YOU = _("Take out how customers pay you: this is paid to the desk, not to its developer.")


def how(ctx: Context, ticket: Ticket) -> HowToPay:
    """How to pay the author; nothing where the desk is paid."""
    if payee_of(ctx, ticket.payee) is not Payee.DEVELOPER:
        return HowToPay()
    return how_to_pay(ctx, ctx.session.get(Person, ctx.by.id))


def by_the_desk(ctx: Context, ticket: Ticket) -> Message | None:
    """Whom the customer pays, where that is the desk; None where it is the author."""
    payee = payee_of(ctx, ticket.payee)
    return None if payee is Payee.DEVELOPER else paid_to(payee)


def in_canned_replies(ctx: Context, ticket: Ticket) -> Message | HowToPay:
    """What the place for the payment is filled with."""
    return by_the_desk(ctx, ticket) or how(ctx, ticket)


def needs(ctx: Context, ticket: Ticket) -> list[Need]:
    """What a first contact must say."""
    return first_contact_needs(**_facts(ctx, ticket))


def is_known(ctx: Context, ticket: Ticket) -> bool:
    """Whether the author can say how the ticket is paid."""
    return bool(in_canned_replies(ctx, ticket))


def check(ctx: Context, ticket: Ticket, kind: EmailKind, body: str) -> None:
    """Check what an email says of the payment.

    Raises:
        InvalidInputError: A first contact lacks what it must say, or the author wants to be paid instead of
            the desk.
    """
    if not ticket.price_minor or kind not in _SAY_HOW:
        return
    if by_the_desk(ctx, ticket):
        own = how_to_pay(ctx, ctx.session.get(Person, ctx.by.id)).details
        if Need("", "", tuple(own)).is_in(body):
            raise InvalidInputError({"body": [_NOT_YOU]})
    elif kind is EmailKind.FIRST_CONTACT and not how(ctx, ticket):
        sentence = _("Say in your profile how customers pay you: it belongs in every first contact.")
        raise InvalidInputError({"body": [sentence]})
    if kind is not EmailKind.FIRST_CONTACT:
        return
    if missing := missing_in_first_contact(body, **_facts(ctx, ticket)):
        raise InvalidInputError({"body": missing})


def _facts(ctx: Context, ticket: Ticket) -> dict[str, Any]:
    desk = by_the_desk(ctx, ticket)
    return {
        "code": ticket.code,
        "price": Money(ticket.price_minor, ticket.currency),
        "payment": how(ctx, ticket),
        # in the customer's language, as the draft has it, or in English
        "desk": (said(desk, ctx.services.language(ticket.language)), str.__str__(desk)) if desk else (),
    }
