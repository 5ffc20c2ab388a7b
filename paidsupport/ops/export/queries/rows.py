"""What an export of everything reads: whole tables, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from paidsupport.ops.export.lines import Kind
from paidsupport.tickets.tables import Ticket

#: Rows that the database hands over at once.
_BATCH = 500
_STREAMED = {"yield_per": _BATCH}


def count(session: Session, kind: Kind) -> int:
    """How many rows there are."""
    return session.scalar(select(func.count()).select_from(kind.table)) or 0


def count_customers(session: Session) -> int:
    """How many customers have an address."""
    wanted = select(func.count(Ticket.customer_address.distinct()))
    return session.scalar(wanted.where(Ticket.customer_address != "")) or 0


def batches(session: Session, kind: Kind) -> Iterator[list[Row[Any]]]:
    """All rows, in the order of their keys, some at once; never all in memory."""
    stored = () if kind.stored is None else (kind.stored,)
    wanted = select(*kind.selected, *stored).order_by(*kind.table.primary_key.columns)
    for rows in session.execute(wanted, execution_options=_STREAMED).partitions():
        yield list(rows)


def customers(session: Session) -> Iterator[tuple[str, str, str, int]]:
    """Each customer: address, name and email of their newest ticket, and how many tickets they have."""
    wanted = select(Ticket.customer_address, Ticket.customer_name, Ticket.customer_email)
    wanted = wanted.where(Ticket.customer_address != "").order_by(Ticket.customer_address, Ticket.id)
    rows = session.execute(wanted, execution_options=_STREAMED)
    for address, theirs in groupby(rows, key=lambda row: str(row.customer_address)):
        number, newest = 0, None
        for newest in theirs:  # noqa: B007  # the last one counts
            number += 1
        if newest is not None:
            yield address, newest.customer_name, newest.customer_email, number


def contents(session: Session, kind: Kind) -> Iterator[tuple[str, str]]:
    """The names of the rows that have a content, with its key in the store."""
    if kind.stored is None:
        return
    columns = kind.table.c
    wanted = select(columns.reference, kind.stored).where(kind.stored.is_not(None)).order_by(columns.id)
    for row in session.execute(wanted, execution_options=_STREAMED):
        yield row[0], row[1]


def of_tickets(session: Session, kind: Kind, ids: Collection[int]) -> Sequence[Row[Any]]:
    """The rows that belong to these tickets, in the order of their keys."""
    column = kind.table.c.id if kind.table.name == Ticket.__tablename__ else kind.table.c.ticket_id
    return _rows(session, kind, column.in_(ids))


def with_ids(session: Session, kind: Kind, ids: Collection[int]) -> Sequence[Row[Any]]:
    """The rows with these ids."""
    return _rows(session, kind, kind.table.c.id.in_(ids))


def _rows(session: Session, kind: Kind, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    stored = () if kind.stored is None else (kind.stored,)
    return session.execute(select(*kind.selected, *stored).where(which).order_by(kind.table.c.id)).all()
