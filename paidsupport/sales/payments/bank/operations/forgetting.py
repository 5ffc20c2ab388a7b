"""Lines without a ticket say who paid for a set time only: no erasure of a customer reaches them (P13)."""

from __future__ import annotations

from datetime import timedelta

from paidsupport.kernel.context import Context
from paidsupport.kernel.db import emptying
from paidsupport.kernel.db.base import Base
from paidsupport.sales.payments.bank import queries
from paidsupport.sales.payments.bank.rules.matching import Aside, LineState
from paidsupport.sales.payments.bank.tables import BankLine

#: How long a person has to decide: a year, and some time to close its books.
KEPT = timedelta(days=400)
_TABLE = Base.metadata.tables[BankLine.__tablename__]
#: Lines of one run of the job.
_MOST = 500


def forget(ctx: Context) -> int:
    """Empty what old lines without a ticket say of the payer; returns how many there were."""
    lines = queries.old(ctx.session, ctx.today - KEPT, _MOST)
    if not lines:
        return 0
    for line in lines:
        if line.state == LineState.OPEN:
            line.state, line.reason = LineState.ASIDE, Aside.OLD
    ctx.session.flush()
    ids = [line.id for line in lines]
    emptying.empty(ctx, _TABLE, _TABLE.c.id.in_(ids))
    ctx.session.expire_all()
    return len(ids)
