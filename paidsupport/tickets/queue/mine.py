"""One's own work, of all kinds, by what is due (P6)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.lists import Line, headings
from paidsupport.tickets.hooks import OWN_WORK
from paidsupport.tickets.notices.queries import unread_tickets
from paidsupport.tickets.queue import queries as store
from paidsupport.tickets.queue.lines import of_rows
from paidsupport.tickets.queue.tabs import parts

_COLUMNS = ("code", "priority", "subject", "customer", "turn", "last", "state", "due")
_LATE = datetime.max.replace(tzinfo=UTC)


@route("/desk/mine", Who.STAFF)
def my_work(ctx: Context) -> ResponseReturnValue:
    """The tickets that this person owns, and what other capabilities have for them: what is due first."""
    me = ctx.by.id or 0
    own = of_rows(ctx, store.owned(ctx.session, me), unread_tickets(ctx.session, me))
    lines = [*own, *(line for found in ctx.services.hooks.call(OWN_WORK, ctx, me) for line in found)]
    lines.sort(key=_order)
    counts = store.frame(ctx.session, ctx.now, ctx.services.workflows.values()).counts
    return show(
        "tickets/queue/mine.html",
        lines=lines,
        columns=headings(_COLUMNS, lines),
        tabs=parts(counts),
    )


def _order(line: Line) -> tuple[object, ...]:
    """What is due, then what this person is waited for, then what is urgent, then what is old."""
    return line.due_at or _LATE, not line.yours, line.priority, line.received or _LATE
