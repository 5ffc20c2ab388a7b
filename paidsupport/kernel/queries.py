"""How often something was tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Insert, Integer, bindparam, func, insert, select, union_all
from sqlalchemy.orm import Session

from paidsupport.kernel.attempts import Attempt
from paidsupport.kernel.db.base import Base

_TABLE = Base.metadata.tables[Attempt.__tablename__]


@cache
def unless_too_many(number: int) -> Insert:
    """Count so many attempts at `now`, each a kind and who; none if one is at its limit since a moment."""
    numbers = range(number)
    new = union_all(*(select(_given("kind", each), _given("who", each)) for each in numbers)).subquery()
    counted = select(new.c.kind, new.c.who, bindparam("now", type_=_TABLE.c.at.type))
    free = counted.where(*map(_below_limit, numbers))
    return insert(_TABLE).from_select(["kind", "who", "at"], free)


def _given(name: str, number: int) -> ColumnElement[str]:
    return bindparam(f"{name}_{number}", type_=_TABLE.c[name].type).label(name)


def _below_limit(number: int) -> ColumnElement[bool]:
    lately = select(func.count()).where(
        _TABLE.c.kind == bindparam(f"kind_{number}"),
        _TABLE.c.who == bindparam(f"who_{number}"),
        _TABLE.c.at > bindparam("since"),
    )
    return lately.scalar_subquery() < bindparam(f"limit_{number}", type_=Integer)


def kinds_of_attempts(session: Session) -> Sequence[str]:
    """Whatever is limited."""
    return session.scalars(select(Attempt.kind).distinct()).all()


def attempts_since(session: Session, kind: str, who: str, since: datetime) -> tuple[int, datetime | None]:
    """How many there were after a moment, and when the first of them was."""
    wanted = select(func.count(), func.min(Attempt.at))
    found = session.execute(wanted.where(Attempt.kind == kind, Attempt.who == who, Attempt.at > since)).one()
    return found[0], found[1]
