"""Signed return paths: a bounce comes back to an address that names the email."""

from __future__ import annotations

from paidsupport.kernel.context import Services
from paidsupport.tickets.emails.tables import Email

#: The token of a return path begins with this.
MARK = "bounce-"


def return_path(services: Services, email: Email) -> str:
    """The address that mail servers report bounces of `email` to; empty if no mailbox is set up for them."""
    settings = services.settings
    if not settings.mail_reply_to or not settings.mail_signed_return_path:
        return ""
    mailbox, _, domain = settings.mail_reply_to.rpartition("@")
    return f"{mailbox}+{MARK}{email.id}.{services.links.return_proof(email.reference)}@{domain}"
