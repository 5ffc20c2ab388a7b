"""The ledger: no column of any table can be changed past the desk without the doctor telling of it (N9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Table, delete, insert, select, text, update
from sqlalchemy.types import JSON, Boolean, Date, Integer, LargeBinary

from paidsupport.desk import doctor_ledger
from paidsupport.desk.visit import Visit
from paidsupport.store import ledger_book, ledger_check
from paidsupport.store.base import Base, UTCDateTime
from paidsupport.store.ledger import UNCOVERED, chain_of, is_covered, owner_column, short
from paidsupport.store.ledger_check import Ledger
from paidsupport.testing import mount_of
from tests.desk.living import Lived
from tests.people import Desk

pytestmark = pytest.mark.row("N9")

#: The tables of the ledger itself: nothing covers them but their own hashes.
OWN = ("ledger_line", "ledger_mark", "ledger_form")
#: Columns of the ledger that may change: the order of lines is their `number`.
HARMLESS = {"ledger_line.id": "gives lines an id; their order and their content do not depend on it"}


def other(column: Column[Any], value: Any) -> Any:  # noqa: ANN401  # whatever a column holds
    """A value that differs from this one a little."""
    for types, change in _CHANGES:
        if isinstance(column.type, types):
            return change(value)
    return ("y" if value and value[0] == "x" else "x") + (value or "")[1:]


def _later(value: datetime | None) -> datetime:
    return (value or datetime(2034, 1, 1, tzinfo=UTC)) + timedelta(microseconds=1)


_CHANGES: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (JSON, lambda value: {"smuggled": value}),
    (Boolean, lambda value: not value),
    (UTCDateTime, _later),
    (Date, lambda value: (value or date(2034, 1, 2)) - timedelta(days=1)),
    (LargeBinary, lambda value: (value or b"") + b"x"),
    (Integer, lambda value: (value or 0) + 1_000_000),
)


def put_in(visit: Visit, table: Table) -> None:
    """A row for a table of which the desk has none, in the ledger as if the desk had written it."""
    values = {column.name: other(column, None) for column in table.columns}
    visit.session.execute(insert(table).values(values))
    owner = owner_column(table.name)
    row = {(short(table), values["id"]): chain_of(table.name, values[owner] if owner else None)}
    ledger_book.write(visit.session.connection(), row)


def changes(visit: Visit, table: Table) -> Iterator[Column[Any]]:
    """Change each column of some row, and take each change back before the next one."""
    if visit.session.execute(select(table).limit(1)).first() is None:
        put_in(visit, table)
    key = next(iter(table.primary_key.columns))
    for column in table.columns:
        row = visit.session.execute(select(table).order_by(key.desc()).limit(1)).one()._mapping
        with visit.session.begin_nested() as nested:
            changed = {column.name: other(column, row[column.name])}
            visit.session.execute(update(table).where(key == row[key.name]).values(changed))
            yield column
            nested.rollback()


def seen(visit: Visit, table: Table, found: Ledger) -> bool:
    """Whether the doctor sees that something is wrong."""
    if short(table) in OWN:
        found = ledger_check.read(visit.session.connection())
        return bool(found.faults) or any(doctor_ledger.faults(visit, found))
    return any(doctor_ledger.faults(visit, found, short(table)))


def test_no_column_of_any_table_can_be_changed_unseen(lived: Lived) -> None:
    """By SQL, one column after the other, on a desk in which something of everything has happened."""
    unseen = []
    with lived.without_constraints() as visit:
        tables = [
            table for table in Base.metadata.sorted_tables if is_covered(table.name) or short(table) in OWN
        ]
        for table in tables:
            found = ledger_check.read(visit.session.connection())
            assert not found.faults
            unseen += [
                f"{short(table)}.{column.name}"
                for column in changes(visit, table)
                if not seen(visit, table, found)
            ]
    assert unseen == list(HARMLESS)


def test_what_the_ledger_leaves_out_is_there_and_has_a_reason() -> None:
    """Every table is covered or named with a sentence; a new one is covered by itself."""
    names = {short(table) for table in Base.metadata.sorted_tables}
    assert set(UNCOVERED) <= names
    assert all(len(reason) > len("no reason") for reason in UNCOVERED.values())
    for table in Base.metadata.sorted_tables:
        if is_covered(table.name):
            assert list(table.primary_key.columns.keys()) == ["id"], f"the ledger names rows of {table} by id"


def test_a_tail_cut_off_with_its_heads_set_back_is_seen(lived: Lived) -> None:
    """Whoever takes the last line off a history and makes the ticket agree leaves the ledger behind."""
    event, ticket = (Base.metadata.tables[f"paidsupport_{name}"] for name in ("event", "ticket"))
    with lived.without_constraints() as visit:
        mine = event.c.ticket_id == lived.ids["working"]
        rows = visit.session.execute(select(event).where(mine).order_by(event.c.number.desc()).limit(2)).all()
        last, before = rows
        visit.session.execute(delete(event).where(event.c.id == last.id))
        head = {"event_count": before.number, "event_hash": before.hash}
        visit.session.execute(update(ticket).where(ticket.c.id == lived.ids["working"]).values(head))
        found = list(doctor_ledger.rows_as_written(visit))
    assert any(f"event {last.id} was deleted" in line for line in found)
    assert any("ticket" in line and "is not what the desk wrote" in line for line in found)


def test_a_statement_that_goes_past_the_ledger_is_refused(lite_desk: Desk) -> None:
    """Even one that an operation sends by itself, as SQL or as text."""
    letters = Base.metadata.tables["paidsupport_letter"]
    for statement in (
        update(letters).values(state="queued"),
        text("UPDATE paidsupport_letter SET state = 'x'"),
    ):
        with (
            mount_of(lite_desk.app).database.writing() as session,
            pytest.raises(RuntimeError, match="ledger"),
        ):
            session.connection().execute(statement)


@pytest.mark.row("P13")
def test_an_erasure_leaves_no_salt_of_what_was_erased(desk: Desk) -> None:
    """Each row has one salt, of its newest digest: what an older digest was made of cannot be guessed."""
    mark, line = (Base.metadata.tables[f"paidsupport_ledger_{name}"] for name in ("mark", "line"))
    code = desk.order(email="jane@example.com")
    key = f"ticket:{desk.ticket(code).id}"
    with desk.visit() as visit:
        salt = visit.session.scalar(select(mark.c.value).where(mark.c.key == key))
    desk.claim(code, desk.ada)
    with desk.visit() as visit:
        assert visit.session.scalar(select(mark.c.value).where(mark.c.key == key)) != salt
        texts = [*visit.session.scalars(select(mark.c.value)), *visit.session.scalars(select(line.c.entries))]
    assert not any(str(salt) in text for text in texts)
    assert desk.broken() == {}
