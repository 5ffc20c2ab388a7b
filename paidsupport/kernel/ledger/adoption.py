"""Taking rows into the ledger that are older than it, or than the columns it covers now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import Connection, Table, insert, select, update

from paidsupport.kernel.chain import START
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.ledger import check as ledger_check
from paidsupport.kernel.ledger.book import write
from paidsupport.kernel.ledger.check import Fault, Ledger
from paidsupport.kernel.ledger.rows import Form, form_of
from paidsupport.kernel.ledger.tables import (
    FOUND,
    LedgerForm,
    LedgerMark,
    chain_of,
    covered,
    head_key,
    owner_column,
    short,
)

#: Rows that become one line in each chain.
_BATCH = 2000
_FORM, _MARK = Base.metadata.tables[LedgerForm.__tablename__], Base.metadata.tables[LedgerMark.__tablename__]


@dataclass(slots=True)
class Adopted:
    """How many rows of which tables were taken in as they were found, and which were wrong and were not."""

    rows: Counter[str] = field(default_factory=Counter)
    wrong: list[Fault] = field(default_factory=list)
    #: Whether there was no ledger before.
    is_new: bool = False


def adopt(connection: Connection) -> Adopted:
    """Take in every table that the ledger does not know, and those that have other columns now.

    The rows of a table that has other columns are compared by the columns that they were written with; what
    is wrong is left for the doctor to tell of.
    """
    done = Adopted()
    known = {row.name: row.columns for row in connection.execute(select(_FORM))}
    done.is_new = not known
    for table in covered(Base.metadata):
        columns = known.get(short(table))
        if columns is None:
            _begin(connection, table)
            done.rows[short(table)] += _take_in(connection, table, set())
        elif tuple(columns) != form_of(table.name).columns:
            _renew(connection, table, columns, done)
    return done


def take_in(connection: Connection) -> None:
    """Take in every row that the ledger does not know: for programs that fill tables by themselves."""
    found = ledger_check.read(connection)
    for table in covered(Base.metadata):
        _take_in(connection, table, set(found.rows[short(table)]))


def _begin(connection: Connection, table: Table) -> None:
    columns = list(form_of(table.name).columns)
    connection.execute(insert(_FORM).values(name=short(table), columns=columns))
    if not owner_column(table.name):
        # so that the first two who write into it wait for each other
        connection.execute(insert(_MARK).values(key=head_key(short(table)), number=0, value=START))


def _renew(connection: Connection, table: Table, columns: list[str], done: Adopted) -> None:
    known = set(table.columns.keys())
    old = Form(table, tuple(columns))
    found: Ledger = ledger_check.read(connection)
    wrong = list(ledger_check.compare(connection, old, found)) if known.issuperset(columns) else []
    done.wrong += wrong
    left = {int(fault.about.rpartition(" ")[2]) for fault in wrong}
    done.rows[short(table)] += _take_in(connection, table, left)
    connection.execute(
        update(_FORM).where(_FORM.c.name == short(table)).values(columns=list(form_of(table.name).columns))
    )


def _take_in(connection: Connection, table: Table, left: set[int]) -> int:
    count, rows = 0, _rows(connection, table, left)
    while some := dict(islice(rows, _BATCH)):
        write(connection, some, FOUND)
        count += len(some)
    return count


def _rows(connection: Connection, table: Table, left: set[int]) -> Iterator[tuple[tuple[str, int], str]]:
    owner = owner_column(table.name) or "id"
    rows = connection.execute(select(table.c.id, table.c[owner]).order_by(table.c.id)).all()
    for row_id, owner_id in rows:
        if row_id not in left:
            yield (short(table), row_id), chain_of(table.name, owner_id)
