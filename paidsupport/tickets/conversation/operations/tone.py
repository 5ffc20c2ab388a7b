"""The tone of an email before it leaves: which remarks its author is shown, and has seen (N6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.privacy.tone import Approved, Remark, check
from paidsupport.tickets.hooks import DATES
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tone.operations import languages


def remarks(ctx: Context, body: str, *, drafted: str = "", approved: Collection[date] = ()) -> list[Remark]:
    """Find what should be reconsidered in `body`, in order.

    Args:
        ctx: The author.
        body: The text of the email.
        drafted: The desk's own draft. Its lines are not checked, because they quote the customer.
        approved: The dates that may be promised.
    """
    found = check(body, languages(ctx), Approved(frozenset(approved), ctx.today))
    ours = set(drafted.splitlines())
    return [remark for remark in found if not set(_lines(body, remark)) <= ours]


def approved_for(ctx: Context, ticket: Ticket) -> list[date]:
    """The dates that the customer may be promised."""
    return ctx.services.hooks.gather(DATES, ctx, ticket)


def seen(body: str, found: Sequence[Remark]) -> str:
    """A value for the form that says its author was shown these remarks; empty if there are none."""
    return fingerprint(*((remark.rule, words(body, remark)) for remark in found)) if found else ""


def unseen(ctx: Context, body: str, shown: str, drafted: Callable[[], tuple[str, list[date]]]) -> bool:
    """Whether there are remarks that the author of an email has not seen yet, and should before it leaves.

    Args:
        ctx: The author.
        body: The text of the email.
        shown: The form's value for the remarks that were shown (see `seen`).
        drafted: Returns the desk's own draft and the approved dates; only called if there are remarks.
    """
    every = remarks(ctx, body)
    if not every or shown == seen(body, every):
        return False
    ours, approved = drafted()
    return bool(remarks(ctx, body, drafted=ours, approved=approved))


def words(body: str, remark: Remark) -> str:
    """The marked words, in one line."""
    return " ".join(body[remark.start : remark.end].split())


def _lines(body: str, remark: Remark) -> list[str]:
    """The whole lines that a remark is about."""
    start = body.rfind("\n", 0, remark.start) + 1
    end = body.find("\n", remark.end)
    return body[start : end if end >= 0 else len(body)].splitlines()
