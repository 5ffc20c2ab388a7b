"""Signed return paths: whoever handled an email can report to its own address that it did not arrive."""

from __future__ import annotations

from paidsupport.kernel.context import Services
from paidsupport.tickets.emails.tables import Email

#: What the token of a return path begins with.
MARK = "bounce-"


def return_path(services: Services, email: Email) -> str:
    """Where mail servers send reports about `email` to; nothing where no mailbox for that is set up."""
    settings = services.settings
    if not settings.mail_reply_to or not settings.mail_signed_return_path:
        return ""
    mailbox, _, domain = settings.mail_reply_to.rpartition("@")
    return f"{mailbox}+{MARK}{email.id}.{services.links.return_proof(email.reference)}@{domain}"
