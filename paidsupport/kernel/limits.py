"""How often something may happen within an hour, counted in the database for all processes."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import delete

from paidsupport.kernel import queries
from paidsupport.kernel.attempts import Attempt
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.errors import TooManyError

IPV6 = 6
HOUR = timedelta(hours=1)


def spend(ctx: Context, kind: str, who: str, limit: int) -> None:
    """Count one `kind` of attempt by `who` (an address; only its keyed hash is kept).

    Raises TooManyError when there were `limit` of them within the last hour already.
    """
    spend_all(ctx, (kind, who, limit))


def spend_all(ctx: Context, *attempts: tuple[str, str, int]) -> None:
    """As `spend`, for several kinds at once: all of them are counted, or none."""
    values: dict[str, object] = {"now": ctx.now, "since": ctx.now - HOUR}
    for number, (kind, who, limit) in enumerate(attempts):
        hidden = ctx.services.links.hide(kind, _household(who))
        values |= {f"kind_{number}": kind, f"who_{number}": hidden, f"limit_{number}": limit}
    if not write(ctx.session, queries.unless_too_many(len(attempts)), values):
        raise TooManyError


def standing(ctx: Context, kind: str, who: str) -> tuple[int, datetime | None]:
    """How many attempts there were within the last hour, and when the first of them was."""
    hidden = ctx.services.links.hide(kind, _household(who))
    return queries.attempts_since(ctx.session, kind, hidden, ctx.now - HOUR)


def _household(who: str) -> str:
    """An IPv6 address stands for all that one connection has: the first 64 bits."""
    try:
        address = ip_address(who)
    except ValueError:
        return who
    return str(ip_network((address, 64), strict=False)) if address.version == IPV6 else who


def forget_all_of(ctx: Context, who: str) -> None:
    """Delete the counts of a person who is erased."""
    kinds = queries.kinds_of_attempts(ctx.session)
    hidden = [ctx.services.links.hide(kind, _household(who)) for kind in kinds]
    ctx.session.execute(delete(Attempt).where(Attempt.who.in_(hidden)))


def forget(ctx: Context) -> None:
    """Delete what is too old to count."""
    ctx.session.execute(delete(Attempt).where(Attempt.at < ctx.now - HOUR))
