"""How an email sounds before it leaves: what its author is shown, and whether they have seen it (N6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.privacy.tone import Approved, Remark, check
from paidsupport.tickets.hooks import DATES
from paidsupport.tickets.tables import Ticket


def remarks(ctx: Context, body: str, *, drafted: str = "", approved: Collection[date] = ()) -> list[Remark]:
    """What should be looked at in `body`, in its order.

    Lines that the desk has `drafted` itself are not judged: they quote what the customer wrote. `approved`:
    the dates that may be promised.
    """
    found = check(body, ctx.services.tone(), Approved(frozenset(approved), ctx.today))
    ours = set(drafted.splitlines())
    return [remark for remark in found if not set(_lines(body, remark)) <= ours]


def approved_for(ctx: Context, ticket: Ticket) -> list[date]:
    """The dates that its customer may be promised."""
    return ctx.services.hooks.gather(DATES, ctx, ticket)


def seen(body: str, found: Sequence[Remark]) -> str:
    """What a form carries to say that its author was shown these remarks; empty if there are none."""
    return fingerprint(*((remark.rule, words(body, remark)) for remark in found)) if found else ""


def unseen(ctx: Context, body: str, shown: str, drafted: Callable[[], tuple[str, list[date]]]) -> bool:
    """Whether there are remarks on an email that its author was not `shown` yet: then they look first.

    `drafted` is asked only if there is something to look at: for the text of the desk and the approved dates.
    """
    every = remarks(ctx, body)
    if not every or shown == seen(body, every):
        return False
    ours, approved = drafted()
    return bool(remarks(ctx, body, drafted=ours, approved=approved))


def words(body: str, remark: Remark) -> str:
    """The marked words in one line."""
    return " ".join(body[remark.start : remark.end].split())


def _lines(body: str, remark: Remark) -> list[str]:
    """The whole lines in which a remark stands."""
    start = body.rfind("\n", 0, remark.start) + 1
    end = body.find("\n", remark.end)
    return body[start : end if end >= 0 else len(body)].splitlines()
