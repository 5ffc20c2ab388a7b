"""Changing the email address of a ticket: on the receipt if it was mistyped, later on the private page.

On the receipt no message has been written yet, and nothing more goes to the old address. On the private page,
a code sent to the new address proves it, the old address is told, and old links stop working.
"""

from __future__ import annotations

import hmac
from datetime import date, timedelta

from paidsupport.kernel import addresses, limits
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.conversation.operations.proving import prove_address
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.queries import unsent
from paidsupport.tickets.emails.rules import ABOUT_ADDRESSES, EmailKind
from paidsupport.tickets.operations import history
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.tables import Ticket

_SAME = _("We write to this address already.")
_GONE = _("This address can't be changed any more.")
_IN_USE = _("Write to us on your private page: this address is in use already.")
#: How often the address of one ticket can be corrected within an hour, and how often a code can be tried.
_TIMES, _TRIES = 3, 6
#: Digits of a code.
_DIGITS = 6


def may_correct(ticket: Ticket) -> bool:
    """Whether the address is unproven: no answer has come from it, and no work has begun."""
    untouched = ticket.thread == 0 and ticket.started_at is None and ticket.part != Part.CLOSED
    return untouched and ticket.address_proven_at is None and ticket.erased_at is None


def correct(ctx: Context, code: str, email: str, *, key: str) -> Ticket:
    """Give a ticket that was just ordered another address, and email its code and link there.

    Links sent to the old address stop working, and emails queued for it are withdrawn.

    Raises:
        InvalidInputError: It cannot be corrected any more (field `email`).
        TooManyError: It was corrected too often, or the new address has received enough emails for now.
        KeyReusedError: The form was sent with another address.
    """
    with history.edit(ctx, code, key=key, content=("correct address", email)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if not may_correct(ticket):
            raise InvalidInputError({"email": [_IN_USE]})
        if addresses.is_same(ticket.customer_email, email):
            change.nothing_new()
            return ticket
        most = ctx.services.settings.automatic_mails_per_hour
        limits.spend_all(ctx, ("correct", ticket.code, _TIMES), ("mail", email, most))
        for queued in unsent(ctx.session, ticket, None):
            if queued.audience == "customer":
                emails.withdraw(ctx, ticket, queued, _("The customer corrected their address."))
        change.tell(
            "address-corrected",
            {},
            customer_email=email,
            customer_address=addresses.compared(email),
            link_edition=ticket.link_edition + 1,
        )
    search.replace(ctx.session, ticket.id)
    submissions.confirm(ctx, ticket)
    return ticket


def can_change(ticket: Ticket) -> bool:
    """Whether the customer of a ticket can change its address."""
    return ticket.erased_at is None and ticket.merged_into_id is None


def send_code(ctx: Context, ticket: Ticket, email: str, *, key: str) -> Ticket:
    """Email a code to a new address for the ticket: the code and the private page together can change it.

    Raises:
        InvalidInputError: The address cannot be changed, or is the present one (field `email`).
        TooManyError: Too many codes were sent, or the new address has received enough emails for now.
        KeyReusedError: The form was sent with another address.
    """
    with history.edit(ctx, ticket.code, key=key, content=("address code", email)) as change:
        ticket = change.record
        if change.repeated:
            return ticket
        if not can_change(ticket):
            raise InvalidInputError({"email": [_GONE]})
        if addresses.is_same(ticket.customer_email, email):
            raise InvalidInputError({"email": [_SAME]})
        most = ctx.services.settings.automatic_mails_per_hour
        limits.spend_all(ctx, ("correct", ticket.code, _TIMES), ("mail", email, most))
        kind = EmailKind.ADDRESS_CODE
        said = emails.written(ctx, kind, ticket, None, proof=_code(ctx, ticket, email, ctx.today))
        emails.to_customer(ctx, ticket, kind, *said, to=email)
        change.tell("address-code-sent", {})
    return ticket


def change(ctx: Context, ticket: Ticket, email: str, code: str, *, key: str) -> Ticket | None:
    """Change the address of a ticket to the one that `code` was sent to.

    The old address is told, the new one gets the link, and earlier links stop working. A wrong code raises
    nothing, so that the attempt is counted.

    Returns:
        The ticket, or None if the code is wrong.

    Raises:
        InvalidInputError: It cannot be changed (field `email`).
        TooManyError: Too many codes were tried.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, ticket.code, key=key, content=("change address", email, code)) as changing:
        ticket = changing.record
        if changing.repeated:
            return ticket
        if not can_change(ticket):
            raise InvalidInputError({"email": [_GONE]})
        limits.spend(ctx, "address code", ticket.code, _TRIES)
        if not _is_code(ctx, ticket, email, code):
            changing.nothing_new()
            return None
        old = ticket.customer_email
        waiting = [*unsent(ctx.session, ticket, None), *unsent(ctx.session, ticket, ticket.claim_number)]
        for queued in waiting:
            if queued.kind in ABOUT_ADDRESSES:
                emails.withdraw(ctx, ticket, queued, _("The customer changed their address."))
            elif queued.audience == "customer":
                queued.to_address = email
        changing.tell(
            "address-corrected",
            {},
            customer_email=email,
            customer_address=addresses.compared(email),
            link_edition=ticket.link_edition + 1,
            address_proven_at=None,
        )
        prove_address(ctx, ticket)
    search.replace(ctx.session, ticket.id)
    if old:
        told = emails.written(ctx, EmailKind.ADDRESS_CHANGED, ticket)
        emails.to_customer(ctx, ticket, EmailKind.ADDRESS_CHANGED, *told, to=old)
    emails.to_customer(ctx, ticket, EmailKind.LINK, *emails.written(ctx, EmailKind.LINK, ticket))
    return ticket


def _code(ctx: Context, ticket: Ticket, email: str, day: date) -> str:
    """The code of one day for one address; revoked together with the links."""
    parts = (ticket.reference, str(ticket.link_edition), addresses.compared(email), day.isoformat())
    number = int(ctx.services.links.digest("address", *parts), 16) % 10**_DIGITS
    return f"{number:0{_DIGITS}}"


def _is_code(ctx: Context, ticket: Ticket, email: str, typed: str) -> bool:
    given = "".join(each for each in typed if each.isdecimal() and each.isascii())
    days = (ctx.today, ctx.today - timedelta(days=1))
    return any(hmac.compare_digest(given, _code(ctx, ticket, email, day)) for day in days)
