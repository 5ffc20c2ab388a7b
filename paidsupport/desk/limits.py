"""How often something may happen within an hour, counted in the database for all processes."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import delete, func, select

from paidsupport.desk.visit import Visit
from paidsupport.errors import TooManyError
from paidsupport.store.post import Attempt

IPV6 = 6
HOUR = timedelta(hours=1)


def spend(visit: Visit, kind: str, who: str, limit: int) -> None:
    """Count one `kind` of attempt by `who` (an address; only its keyed hash is kept).

    Raises TooManyError when there were `limit` of them within the last hour already.
    """
    hidden = visit.house.links.hide(kind, _household(who))
    lately = (Attempt.kind == kind, Attempt.who == hidden, Attempt.at > visit.now - HOUR)
    if (visit.session.scalar(select(func.count()).where(*lately)) or 0) >= limit:
        raise TooManyError
    visit.session.add(Attempt(kind=kind, who=hidden, at=visit.now))


def _household(who: str) -> str:
    """An IPv6 address stands for all that one connection has: the first 64 bits."""
    try:
        address = ip_address(who)
    except ValueError:
        return who
    return str(ip_network((address, 64), strict=False)) if address.version == IPV6 else who


def forget(visit: Visit) -> None:
    """Delete what is too old to count."""
    visit.session.execute(delete(Attempt).where(Attempt.at < visit.now - HOUR))
