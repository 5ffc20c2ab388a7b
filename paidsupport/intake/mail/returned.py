"""Letters that come back: only a report that arrives at a signed return path of ours changes anything.

Anybody can write that a letter did not arrive. Every letter carries a return path that names it, which only
those learn who handled it: a report of a mail server goes there. Everything else that speaks of a letter of
ours is shown to people.
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
    """A notice that letters did not arrive: their ids, whether that is final, and why.

    `is_report`: whether it has the form that mail servers agree on (RFC 3464), and not just words.
    """

    ids: list[str]
    final: bool
    reason: str
    is_report: bool = False


def tokens(ctx: Context, addresses: Sequence[str]) -> Iterator[str]:
    """What stands between `+` and `@` in those of the addresses that are ours, spelled as they compare."""
    mailbox, _, domain = compared(ctx.services.settings.mail_reply_to).rpartition("@")
    for address in dict.fromkeys(map(compared, addresses)):
        token = address.removeprefix(f"{mailbox}+").removesuffix(f"@{domain}")
        if mailbox and address == f"{mailbox}+{token}@{domain}":
            yield token


def is_return_path(token: str) -> bool:
    """Whether a token says that it is one of a return path."""
    return token.startswith(MARK)


def returned(ctx: Context, token: str) -> Email | None:
    """The letter that a token of a return path names; None if it is not signed by us."""
    number, _, proof = token.removeprefix(MARK).partition(".")
    email = ctx.session.get(Email, whole_number(number) or 0)
    if email is None or not ctx.services.links.is_return_proof(email.reference, proof):
        return None
    return email
