"""Tickets as rows of a list."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from flask import url_for
from sqlalchemy import Row

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.filters import money
from paidsupport.kernel.web.lists import Line, Said, tags_of
from paidsupport.kernel.workflow import Part
from paidsupport.tickets import standing, turn
from paidsupport.tickets.filters import due
from paidsupport.tickets.operations.payment import payee_of
from paidsupport.tickets.priority.rules import NORMAL, PRIORITIES

#: The columns of lists of tickets by the part they show; None: lists of all parts.
COLUMNS = {
    Part.UNASSIGNED: (
        "code",
        "priority",
        "subject",
        "customer",
        "service",
        "price",
        "payment",
        "received",
        "due",
    ),
    Part.PENDING: (
        "code",
        "priority",
        "subject",
        "customer",
        "turn",
        "last",
        "owner",
        "state",
        "payment",
        "due",
    ),
    Part.CLOSED: ("code", "subject", "customer", "price", "payment", "owner", "state", "changed"),
    None: ("code", "priority", "subject", "customer", "turn", "last", "owner", "state", "payment", "due"),
}


def of_rows(ctx: Context, rows: Iterable[Row[Any]], unread: Collection[int]) -> list[Line]:
    """Turn rows of `queries.page` into lines for this person; `unread`: ids of tickets with news for them."""
    base = url_for("paidsupport.queue") + "tickets/"
    return [_of_row(ctx, row, base, row.id in unread) for row in rows]


def _of_row(ctx: Context, row: Any, base: str, unread: bool) -> Line:  # noqa: ANN401, FBT001  # a row
    state = ctx.services.workflows[row.workflow].state(row.state)
    whose = turn.turn(row, state, row.owner_name, ctx.by.id, undecided=row.undecided)
    said = turn.last_word(row)
    return Line(
        id=row.id,
        code=row.code,
        url=base + row.code,
        version=row.version,
        subject=row.summary or row.service_name,
        customer=row.customer_name,
        service=row.service_name,
        price=money(row) if row.price_minor else "",
        payment=_payment(ctx, row),
        state=(state.name, state.label, state.part),
        turn=whose.label,
        yours=whose.yours,
        said=Said(said.name, said.at, said.words) if said else None,
        owner=row.owner_name or "",
        priority=row.priority,
        urgency="" if row.priority == NORMAL else PRIORITIES[row.priority],
        received=row.submitted_at,
        changed=row.changed_at,
        due=due(row),
        due_at=row.due_at,
        tags=tags_of(row.tags),
        notes=[_("Customer wrote")] if row.part == Part.CLOSED and row.awaits == "desk" else [],
        unread=unread,
    )


def _payment(ctx: Context, row: Any) -> tuple[str, str, str] | None:  # noqa: ANN401  # a row
    stands = standing.stands(row)
    if stands is None or stands is standing.Standing.DUE:
        return None
    return stands, *standing.label(stands, row.payment_mark, payee_of(ctx, row.payee))
