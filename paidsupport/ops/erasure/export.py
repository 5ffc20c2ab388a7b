"""All that is kept of one customer, as the marks on the columns say: what an erasure would take (P13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Table

from paidsupport.intake.mail import strays
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import PREFIX, Base
from paidsupport.kernel.db.marks import Whose, Writer
from paidsupport.ops import queries
from paidsupport.ops.erasure import erasure
from paidsupport.ops.erasure.queries import tables
from paidsupport.privacy import redaction
from paidsupport.sales.organisations.queries.records import contacts_known_by
from paidsupport.sales.organisations.tables import Contact
from paidsupport.tickets.queries.tickets import by_code
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket


def of_customer(ctx: Context, address: str) -> dict[str, Any]:
    """What is kept of a mail address or a caller's number, as JSON values, table by table.

    Passwords are masked, sealed ones are left out, and so are hashes and whatever else programs made of it.
    """
    loose = strays.of(ctx, address) if "@" in address else []
    return {
        "tickets": [_ticket(ctx, code) for code in erasure.found(ctx, address)],
        "contacts": _rows(
            ctx, _table(Contact), [row.id for row in contacts_known_by(ctx.session, address)], Whose.CONTACT
        ),
        "mails": _rows(ctx, _table(RawMail), [row.id for row in loose]),
    }


def _ticket(ctx: Context, code: str) -> dict[str, Any]:
    ticket = by_code(ctx.session, code)
    kept: dict[str, Any] = {"code": code, "ticket": _rows(ctx, _table(Ticket), [ticket.id])}
    for table in tables():
        if rows := _rows(ctx, table, queries.ids_on(ctx.session, table, ticket)):
            kept[table.name.removeprefix(PREFIX)] = rows
    return kept


def _rows(
    ctx: Context, table: Table, ids: Sequence[int], whose: Whose = Whose.CUSTOMER
) -> list[dict[str, object]]:
    """The personal columns of these rows that people filled in, without those in which nothing stands."""
    columns = [column for column in marks.erased_columns(table, whose) if _is_told(column)]
    if not columns or not ids:
        return []
    rows = queries.values(ctx.session, table, columns, ids)
    found = [{key: _plain(value) for key, value in row.items() if value} for row in rows]
    return [row for row in found if row]


def _is_told(column: Column[Any]) -> bool:
    mark = marks.mark_of(column)
    made = mark is not None and mark.writers == {Writer.PROGRAM}
    return not made and not isinstance(column.type, LargeBinary)


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever a column holds
    if isinstance(value, str):
        return redaction.masked(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _table(row: type[Base]) -> Table:
    return Base.metadata.tables[row.__tablename__]
