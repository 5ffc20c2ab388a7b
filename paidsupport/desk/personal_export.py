"""All that is kept of one customer, as the marks on the columns say: what an erasure would take (P13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, select

from paidsupport.desk import emptying, erasure, strays
from paidsupport.desk.organisations import forgetting
from paidsupport.desk.visit import Visit
from paidsupport.domain import redaction
from paidsupport.store import marks
from paidsupport.store.base import PREFIX, Base
from paidsupport.store.inbox import RawMail
from paidsupport.store.marks import Whose, Writer
from paidsupport.store.organisations import Contact
from paidsupport.store.tickets import Ticket


def of_customer(visit: Visit, address: str) -> dict[str, Any]:
    """What is kept of a mail address or a caller's number, as JSON values, table by table.

    Passwords are masked, sealed ones are left out, and so are hashes and whatever else programs made of it.
    """
    loose = strays.of(visit, address) if "@" in address else []
    return {
        "tickets": [_ticket(visit, code) for code in erasure.found(visit, address)],
        "contacts": _rows(
            visit, _table(Contact), [row.id for row in forgetting.contacts_of(visit, address)], Whose.CONTACT
        ),
        "mails": _rows(visit, _table(RawMail), [row.id for row in loose]),
    }


def _ticket(visit: Visit, code: str) -> dict[str, Any]:
    ticket_id = visit.session.scalars(select(Ticket.id).where(Ticket.code == code)).one()
    kept: dict[str, Any] = {"code": code, "ticket": _rows(visit, _table(Ticket), [ticket_id])}
    for table in emptying.tables():
        own = select(table.c.id).where(table.c.ticket_id == ticket_id).order_by(table.c.id)
        if rows := _rows(visit, table, list(visit.session.scalars(own))):
            kept[table.name.removeprefix(PREFIX)] = rows
    return kept


def _rows(
    visit: Visit, table: Table, ids: list[int], whose: Whose = Whose.CUSTOMER
) -> list[dict[str, object]]:
    """The personal columns of these rows that people filled in, without those in which nothing stands."""
    columns = [column for column in marks.erased_columns(table, whose) if _is_told(column)]
    if not columns or not ids:
        return []
    rows = visit.session.execute(select(*columns).where(table.c.id.in_(ids)).order_by(table.c.id))
    found = [{key: _plain(value) for key, value in row.items() if value} for row in rows.mappings()]
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
