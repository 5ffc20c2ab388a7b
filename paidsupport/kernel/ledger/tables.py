"""The tables of the ledger, and which tables it covers: all but those that are listed here with a reason.

`paidsupport.kernel.ledger.book` writes it at every commit; `paidsupport.ops.doctor.invariants.ledger`
compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from sqlalchemy import MetaData, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from paidsupport.kernel.db.base import PREFIX, Base, BigKey, Id, Moment, Structure, Word
from paidsupport.kernel.db.marks import FIGURES, HASHED, OURS, plain

#: How a line came about: `written` with a transaction, or `found`, for rows older than the ledger.
WRITTEN, FOUND = "written", "found"


class LedgerLine(Base):
    """What one transaction did to the rows of one chain: append-only, hash-chained."""

    __tablename__ = f"{PREFIX}ledger_line"
    __table_args__ = (UniqueConstraint("chain", "number"),)

    id: Mapped[Id]
    #: Whose rows: `ticket:7`, `issue:7`, or the name of a table whose rows belong to neither.
    chain: Mapped[str] = mapped_column(String(80), info=plain(OURS))
    number: Mapped[int]
    at: Mapped[Moment]
    kind: Mapped[Word]
    #: The rows with their digests, as `paidsupport.kernel.ledger.rules.spelled` writes them.
    entries: Mapped[str] = mapped_column(Text, info=plain(HASHED))
    previous: Mapped[str] = mapped_column(String(64), info=plain(HASHED))
    hash: Mapped[str] = mapped_column(String(64), info=plain(HASHED))


class LedgerMark(Base):
    """What the ledger has to know of the present: the salt of each row, and where each chain ends.

    For a row, `key` is `table:id`, `number` the line that has its newest digest, `value` the salt of that.
    For a chain, `key` begins with `@`; `number` and `value` are the number and the hash of its last line.
    """

    __tablename__ = f"{PREFIX}ledger_mark"

    key: Mapped[str] = mapped_column(String(100), primary_key=True, info=plain(OURS))
    number: Mapped[int] = mapped_column(BigKey)
    value: Mapped[str] = mapped_column(String(64), info=plain(HASHED))


class LedgerForm(Base):
    """The columns that the digests of a table's rows are made of."""

    __tablename__ = f"{PREFIX}ledger_form"

    name: Mapped[str] = mapped_column(String(63), primary_key=True, info=plain(OURS))
    columns: Mapped[list[str]] = mapped_column(Structure, info=plain(FIGURES))


#: Tables outside of the ledger, each with the reason why an edit of its rows does no harm.
UNCOVERED: Mapping[str, str] = {
    "announcement": "made from the histories, and deleted after some months",
    "api_request": "sealed, so that any change shows when it is opened, and deleted after a day",
    "attempt": "counts attempts per hour and is emptied every hour",
    "connection_state": "how far a connection has heard and read: what comes again is known by its id",
    "draft": "what a person has not sent yet: sealed, and replaced as they type",
    "export": "made by a worker, and deleted after a day; the history of the configuration says who had it",
    "form_file": "files of orders that are not placed yet, for a day: then the ticket's own row is covered",
    "heartbeat": "when a worker was at work last",
    "issue_word": "an index of words for the search, made from the issue",
    "ledger_form": "the ledger itself: other columns give other digests",
    "ledger_line": "the ledger itself: its own hashes cover it",
    "ledger_mark": "the ledger itself: another salt or number fits no line",
    "mailbox": "how far a mailbox was read: what is read again is known by its content",
    "notice": "points one person to a line of a history, says nothing else, and is deleted after some weeks",
    "notice_progress": "how far histories were read for notices: what is read again is told once",
    "overview": "figures that a worker counts anew",
    "presence": "says who has a page open, and is deleted after a minute",
    "unsent": "sealed, so that any change shows when it is opened, and deleted after a day",
    "bulk": "what can be undone for ten minutes; the histories of the tickets say that it happened",
    "parked_job": "jobs that failed and are tried again; they are gone once they succeed",
    "workload": "a lock with the time when it was taken last",
}


def short(table: Table | str) -> str:
    """The name of a table without our prefix."""
    return (table if isinstance(table, str) else table.name).removeprefix(PREFIX)


@cache
def is_covered(name: str) -> bool:
    """Whether the ledger covers the rows of the table with this full name; it is one of ours."""
    return name.startswith(PREFIX) and short(name) not in UNCOVERED and name in Base.metadata.tables


def covered(metadata: MetaData) -> Iterator[Table]:
    """Every table that the ledger covers."""
    return (table for table in metadata.sorted_tables if is_covered(table.name))


@cache
def owner_column(name: str) -> str:
    """The column of this table (full name) that says to which ticket or issue a row belongs, or nothing.

    A row that may belong to a ticket or not is in the chain of its table: rows never change chains.
    """
    columns = Base.metadata.tables[name].columns
    if short(name) in {"ticket", "issue"}:
        return "id"
    for column in ("ticket_id", "issue_id"):
        if column in columns and not columns[column].nullable:
            return column
    return ""


def chain_of(name: str, owner: int | str | None) -> str:
    """The chain that a row of the table with this full name is in; `owner` is what `owner_column` holds."""
    column = owner_column(name)
    if not column:
        return short(name)
    return f"{short(name) if column == 'id' else column.removesuffix('_id')}:{owner}"


def head_key(chain: str) -> str:
    """The key of the mark that says where a chain ends."""
    return f"@{chain}"


def row_key(name: str, row_id: int) -> str:
    """The key of the mark of a row; `name` is short."""
    return f"{name}:{row_id}"
