"""Holds back emails that may have left before the database was restored: a person decides about them."""

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
    """Hold an email that may repeat what left after the backup was made.

    Messages that staff wrote since then are meant as written. First contacts, and emails that the desk
    writes itself, may repeat an email that was lost with the restore. The caller holds the ticket's lock.

    Returns:
        Whether the email was held.
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
    """Hold an email for a person to decide: it may have left. The caller holds the ticket's lock."""
    end(ctx, ticket, email, EmailState.UNCERTAIN, why)


def end(ctx: Context, ticket: Ticket, email: Email, state: EmailState, why: str) -> None:
    """Set the final `state` of an email, with the reason, and tell the ticket's history."""
    email.state, email.problem = end_of(email.kind, state), why
    email.taken_at = email.taken_at or ctx.now
    email.taken_under = email.claim_number
    emails.ended(ctx, ticket, email)
