"""Signed return paths: whoever handled an email can report to its own address that it did not arrive."""

from __future__ import annotations

from paidsupport.desk.visit import House
from paidsupport.store.post import Letter

#: What the token of a return path begins with.
MARK = "bounce-"


def return_path(house: House, letter: Letter) -> str:
    """Where mail servers send reports about `letter` to; nothing where no mailbox for that is set up."""
    settings = house.settings
    if not settings.mail_reply_to or not settings.mail_signed_return_path:
        return ""
    mailbox, _, domain = settings.mail_reply_to.rpartition("@")
    return f"{mailbox}+{MARK}{letter.id}.{house.links.return_proof(letter.reference)}@{domain}"
