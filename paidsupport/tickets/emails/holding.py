"""Emails that may have left already, because the database was restored from a backup: a person decides."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.tickets.departures import operations as departures
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.queries import departed_like
from paidsupport.tickets.emails.rules import EmailState, end_of
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

HELD = storable(
    _("The database was restored from a backup: this email may have left since the backup was made.")
)
_REPEATS = storable(
    _(
        "The database was restored from a backup: this email may have left since the backup was made. An"
        " email of the same kind left on %(when)s."
    )
)


def repeats(ctx: Context, ticket: Ticket, email: Email) -> bool:
    """Hold an email that may say again what left after the backup was made; whether it was held.

    Plain messages that somebody has written since say what they mean to say; but whoever contacts a customer
    first, and whatever the desk writes by itself, may say again what was said. The caller holds the lock.
    """
    if email.message_id is not None and email.contact is None:
        return False
    found = departed_like(ctx.session, email, departures.who(ctx.services, email))
    if found is None:
        return False
    found.met_by = email.reference
    hold(
        ctx, ticket, email, filled(_REPEATS, when=f"{ctx.services.hours.local(found.at):%Y-%m-%d, %H:%M %Z}")
    )
    return True


def hold(ctx: Context, ticket: Ticket, email: Email, why: str) -> None:
    """Let an email wait for a person: it may have left. The caller holds the ticket's lock."""
    end(ctx, ticket, email, EmailState.UNCERTAIN, why)


def end(ctx: Context, ticket: Ticket, email: Email, state: EmailState, why: str) -> None:
    """Let an email end in `state`, with the reason, and tell the history of its ticket."""
    email.state, email.problem = end_of(email.kind, state), why
    email.taken_at = email.taken_at or ctx.now
    email.taken_under = email.claim_number
    emails.ended(ctx, ticket, email)
