"""How often something may happen within an hour, counted in the database for all processes."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import ScalarSelect, delete, func, insert, select

from paidsupport.desk.visit import Visit
from paidsupport.errors import TooManyError
from paidsupport.store.base import Base
from paidsupport.store.engine import plainly
from paidsupport.store.post import Attempt

IPV6 = 6
HOUR = timedelta(hours=1)

_COUNT = insert(Base.metadata.tables[Attempt.__tablename__]).inline()


def spend(visit: Visit, kind: str, who: str, limit: int) -> None:
    """Count one `kind` of attempt by `who` (an address; only its keyed hash is kept).

    Raises TooManyError when there were `limit` of them within the last hour already.
    """
    spend_all(visit, (kind, who, limit))


def spend_all(visit: Visit, *attempts: tuple[str, str, int]) -> None:
    """As `spend`, for several kinds at once: all of them are counted, or none."""
    rows = [
        {"kind": kind, "who": visit.house.links.hide(kind, _household(who)), "at": visit.now}
        for kind, who, _ in attempts
    ]
    lately = [_lately(visit, row["kind"], row["who"]) for row in rows]
    counted = visit.session.execute(select(*lately)).one()
    if any(number >= limit for number, (_, _, limit) in zip(counted, attempts, strict=True)):
        raise TooManyError
    plainly(visit.session, _COUNT, rows)


def _lately(visit: Visit, kind: object, hidden: object) -> ScalarSelect[int]:
    same = (Attempt.kind == kind, Attempt.who == hidden, Attempt.at > visit.now - HOUR)
    return select(func.count()).where(*same).scalar_subquery()


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
