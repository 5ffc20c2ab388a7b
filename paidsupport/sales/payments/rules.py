"""What is known of one payment, and how a ticket's payments add up: no database, no network (P16)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from urllib.parse import urlsplit

from paidsupport.tickets.standing import Standing, Sums, standing

__all__ = ["COUNTS", "UNDER_WAY", "PaymentStep", "Standing", "Sums", "standing", "summed"]


class PaymentStep(StrEnum):
    """How far one payment has come, at its provider."""

    #: It is to be made known to the provider: a worker does that.
    BEGINNING = "beginning"
    #: The customer can pay now.
    OPEN = "open"
    #: The customer has agreed; the provider waits for us to take the money.
    APPROVED = "approved"
    #: The money is on its way, or the provider still holds it.
    PENDING = "pending"
    #: The customer says that they have paid; the payee has not confirmed it yet.
    SAID = "said"
    RECEIVED = "received"
    #: Nothing came, and nothing will: it expired, was declined or was given up.
    ENDED = "ended"
    #: The provider took the money back.
    REVERSED = "reversed"
    #: The customer disputes it at the provider.
    DISPUTED = "disputed"
    #: The provider tells of another currency than ours, or of what cannot be: a manager has to look into it.
    STRANGE = "strange"


#: Steps in which something may still come by itself.
UNDER_WAY = frozenset(
    {PaymentStep.BEGINNING, PaymentStep.OPEN, PaymentStep.APPROVED, PaymentStep.PENDING, PaymentStep.SAID}
)
#: Steps in which what has come counts.
COUNTS = frozenset({PaymentStep.RECEIVED, PaymentStep.DISPUTED})
#: Steps in which a look may bring something new that the customer waits for.
MAY_LEAVE = frozenset({PaymentStep.OPEN, PaymentStep.APPROVED, PaymentStep.PENDING})


def is_address(text: str) -> bool:
    """Whether this is a page that a browser can be led to, and nothing that it would run."""
    return text.startswith(("https://", "http://")) and _is_whole(text)


def is_wallet_link(text: str) -> bool:
    """Whether this is a link for a wallet of GNU Taler."""
    return text.startswith(("taler://", "taler+http://")) and _is_whole(text)


def _is_whole(address: str) -> bool:
    """Whether an address has a host, and nothing before it that would look like another one."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and "@" not in parts.netloc and address.isascii() and address.isprintable()


def summed(payments: Iterable[tuple[str, int, int]]) -> Sums:
    """The sums of a ticket, from the step, the received and the refunded amount of each of its payments."""
    received = refunded = 0
    disputed = begun = False
    for step, came, back in payments:
        disputed |= step == PaymentStep.DISPUTED
        begun |= step in UNDER_WAY
        if step in COUNTS:
            received += came
            refunded += back
    mark = Standing.DISPUTED if disputed else Standing.BEGUN if begun else ""
    return Sums(received, refunded, mark)
