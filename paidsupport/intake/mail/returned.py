"""Bounced emails: only a report that arrives at one of our signed return paths changes anything.

Anyone can write that an email did not arrive. Every email has a return path that names it and is known only
to servers that handled it: their reports go there. Everything else that mentions an email of ours is only
shown to staff.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paidsupport.kernel.addresses import compared
from paidsupport.kernel.context import Context
from paidsupport.kernel.text import whole_number
from paidsupport.tickets.emails.returns import MARK
from paidsupport.tickets.emails.tables import Email


@dataclass(frozen=True, slots=True)
class Bounce:
    """A notice that emails did not arrive: their ids, whether that is final, and why.

    `is_report`: whether it has the form that mail servers agree on (RFC 3464), and is not just a text.
    """

    ids: list[str]
    final: bool
    reason: str
    is_report: bool = False


def tokens(ctx: Context, addresses: Sequence[str]) -> Iterator[str]:
    """The parts between `+` and `@` of those addresses that are ours, in the form for comparing."""
    mailbox, _, domain = compared(ctx.services.settings.mail_reply_to).rpartition("@")
    for address in dict.fromkeys(map(compared, addresses)):
        token = address.removeprefix(f"{mailbox}+").removesuffix(f"@{domain}")
        if mailbox and address == f"{mailbox}+{token}@{domain}":
            yield token


def is_return_path(token: str) -> bool:
    """Whether a token claims to be one of a return path."""
    return token.startswith(MARK)


def returned(ctx: Context, token: str) -> Email | None:
    """The email that a token of a return path names; None if it was not signed by us."""
    number, _, proof = token.removeprefix(MARK).partition(".")
    email = ctx.session.get(Email, whole_number(number) or 0)
    if email is None or not ctx.services.links.is_return_proof(email.reference, proof):
        return None
    return email
