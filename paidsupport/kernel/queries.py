"""How often something was tried."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from paidsupport.kernel.attempts import Attempt
from paidsupport.kernel.db.base import Base

_TABLE = Base.metadata.tables[Attempt.__tablename__]


@cache
def attempts_lately(number: int) -> Select[Any]:
    """How many there were of each of so many kinds, since a moment."""
    return select(
        *(
            select(func.count())
            .where(
                _TABLE.c.kind == bindparam(f"kind_{position}"),
                _TABLE.c.who == bindparam(f"who_{position}"),
                _TABLE.c.at > bindparam("since"),
            )
            .scalar_subquery()
            for position in range(number)
        )
    )


def kinds_of_attempts(session: Session) -> Sequence[str]:
    """Whatever is limited."""
    return session.scalars(select(Attempt.kind).distinct()).all()
