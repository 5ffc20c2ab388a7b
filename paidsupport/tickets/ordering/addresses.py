"""A mistyped address is corrected on the receipt: nothing more goes to the old one."""

from __future__ import annotations

from paidsupport.kernel import addresses, limits
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Part
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.queries import unsent
from paidsupport.tickets.operations import history
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.tables import Ticket

_IN_USE = _("Write to us on your private page: this address is in use already.")
#: How often within an hour the address of one ticket is corrected.
_TIMES = 3


def may_correct(ticket: Ticket) -> bool:
    """Whether the address is only a word of whoever ordered: nobody has answered from it or worked yet."""
    untouched = ticket.thread == 0 and ticket.started_at is None and ticket.part != Part.CLOSED
    return untouched and ticket.address_proven_at is None and ticket.erased_at is None


def correct(ctx: Context, code: str, email: str, *, key: str) -> Ticket:
    """Give a ticket that was just ordered another address, and mail its code and link there.

    Links that went to the old one open nothing any more, and what has not left for it never does.

    Raises:
        InvalidInputError: it cannot be corrected any more (field `email`).
        TooManyError: it was corrected several times, or that address has had enough mails for now.
        KeyReusedError: the form was sent with another address.
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
