"""What a column holds, said on the column: about whom, written by whom, and what an erasure makes of it.

Every column of text, JSON or bytes carries a mark: `mapped_column(…, info=personal(…))` or `plain(…)`.
Numbers, moments and booleans need one only if they are personal. Erasure, the doctor's check of it and the
gate against secrets read the marks, of the tables of all capabilities, mounted or not; a desk does not start
with a column that has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, String, Table
from sqlalchemy.types import JSON

#: What is written in the place of names, titles and messages.
GONE = "(erased)"


class Whose(StrEnum):
    """About whom a column says something."""

    #: The customer of a ticket; erased with it.
    CUSTOMER = "customer"
    #: A person who speaks for an organisation.
    CONTACT = "contact"
    #: A member of staff: kept, because histories say who did what.
    STAFF = "staff"
    NOBODY = "nobody"


class Writer(StrEnum):
    """Who chooses the words of a column."""

    CUSTOMER = "customer"
    STAFF = "staff"
    PROGRAM = "program"


class Special(StrEnum):
    """What becomes of a column in other ways than by writing a value into it."""

    #: The whole row is deleted.
    ROW_DELETED = "row deleted"
    #: Only the names, addresses and numbers of the erased person are cut out of the text.
    WORDS_CUT = "words cut"
    #: Of a history's data only figures and words of ours stay; see
    #: `paidsupport.tickets.operations.history.cut`.
    FACTS_KEPT = "facts kept"
    #: Emptied once the law no longer wants the invoice kept.
    KEPT_BY_LAW = "kept by law"


#: An SQL expression made for the table whose rows are emptied.
Expression = Callable[[Table], Any]

#: Why columns hold nothing personal.
OURS = "words, codes and random names of ours"
HASHED = "a hash over something random, or over what is kept anyway"
FIGURES = "figures"
CATALOGUE = "the catalogue says the same to all customers"
CHECKED = "issues and questions are kept free of personal data by a check of their own"
COMPANY = "about a company, not a person"

CUSTOMER, STAFF, PROGRAM = Writer.CUSTOMER, Writer.STAFF, Writer.PROGRAM
_MARK, _DEFAULT = "paidsupport_mark", "paidsupport_default_mark"
#: Beside its mark: the column names a content in the store of files, which is dropped with it.
STORED: dict[str, Any] = {"paidsupport_stored": True}


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of one column.

    `becomes` is what an erasure of the person writes: a value, an expression or a `Special`. It says
    nothing where `whose` is staff or no person; these columns are kept for `reason`.
    """

    whose: Whose
    writers: frozenset[Writer]
    becomes: object = None
    #: Why nothing is erased.
    reason: str = ""

    @property
    def is_erased(self) -> bool:
        """Whether an erasure changes the column."""
        return self.whose in {Whose.CUSTOMER, Whose.CONTACT}


def personal(*writers: Writer, becomes: object = "", whose: Whose = Whose.CUSTOMER) -> dict[str, Mark]:
    """The `info` of a column that says something about a customer or a contact.

    Args:
        writers: Who chooses its words.
        becomes: What an erasure writes: a value, `Expression` or `Special`.
        whose: The customer of the ticket, or a contact of an organisation.
    """
    return {_MARK: Mark(whose, frozenset(writers), becomes)}


def of_staff(*writers: Writer, reason: str = "histories say who did what") -> dict[str, Mark]:
    """The `info` of a column about a member of staff."""
    return {_MARK: Mark(Whose.STAFF, frozenset(writers or {Writer.PROGRAM}), reason=reason)}


def plain(reason: str, *writers: Writer) -> dict[str, Mark]:
    """The `info` of a column without personal data, with the reason why it cannot have any."""
    return {_MARK: Mark(Whose.NOBODY, frozenset(writers or {Writer.PROGRAM}), reason=reason)}


def by_default(mark: dict[str, Mark]) -> dict[str, Mark]:
    """A mark for a shared type: a column of that type may still carry its own."""
    # under a name of its own: SQLAlchemy lets the `info` of a shared type win over that of the column
    return {_DEFAULT: mark[_MARK]}


def mark_of(column: Column[Any]) -> Mark | None:
    """The mark of a column, or None if it has none."""
    found: Mark | None = column.info.get(_MARK) or column.info.get(_DEFAULT)
    return found


def is_stored(column: Column[Any]) -> bool:
    """Whether the column names a content in the store of files."""
    return bool(column.info.get("paidsupport_stored"))


def stored(metadata: MetaData) -> list[Column[Any]]:
    """All columns that name a content in the store of files."""
    return [column for table in metadata.sorted_tables for column in table.columns if is_stored(column)]


def needs_mark(column: Column[Any]) -> bool:
    """Whether a column can hold words: text, JSON or bytes."""
    return isinstance(column.type, String | JSON | LargeBinary)


def unmarked(metadata: MetaData) -> list[str]:
    """The columns that need a mark and have none, as `table.column`."""
    return [
        str(column)
        for table in metadata.sorted_tables
        for column in table.columns
        if needs_mark(column) and mark_of(column) is None
    ]


def written_by(metadata: MetaData, writer: Writer) -> Iterator[Column[Any]]:
    """All columns whose words are chosen by `writer`, perhaps among others."""
    for column, mark in _marked(metadata):
        if writer in mark.writers:
            yield column


def erased_columns(table: Table, whose: Whose = Whose.CUSTOMER) -> dict[Column[Any], object]:
    """The personal columns of a table with what each of them becomes."""
    marks = {column: mark_of(column) for column in table.columns}
    return {column: mark.becomes for column, mark in marks.items() if mark and mark.whose is whose}


def _marked(metadata: MetaData) -> Iterator[tuple[Column[Any], Mark]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if mark := mark_of(column):
                yield column, mark
