"""Every column says what it holds, and whose."""

import pytest
from sqlalchemy import JSON, Column, Integer, LargeBinary, MetaData, String, Table, Text

from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.marks import STAFF, Special, Whose, Writer, personal, plain

#: How rows of a table are reached that are about a customer and name no ticket.
_FOUND_OTHERWISE = {
    "paidsupport_attempt": "by the keyed hash of the address",
    "paidsupport_draft": "by the code of the ticket whose page it is on",
    "paidsupport_export": "whichever customer is erased, every export is deleted",
    "paidsupport_ticket": "it is the ticket",
}


@pytest.mark.row("P13")
def test_every_column_that_can_hold_words_says_whose_they_are() -> None:
    """A column without a mark fails here; so does one that is kept without a reason."""
    assert marks.unmarked(metadata) == []
    found = {column: marks.mark_of(column) for table in metadata.sorted_tables for column in table.columns}
    assert [
        str(column) for column, mark in found.items() if mark and not (mark.is_erased or mark.reason)
    ] == []
    assert [str(column) for column, mark in found.items() if mark and not mark.writers] == []


def test_an_unmarked_column_is_found() -> None:
    """Text, JSON and bytes need a mark; numbers do not."""
    columns = [Column("a", Text), Column("b", JSON), Column("c", LargeBinary), Column("d", Integer)]
    marked = [Column("e", String(40), info=plain("a word", STAFF)), Column("f", Text, info=personal(STAFF))]
    other = MetaData()
    Table("new", other, *columns, *marked)
    assert marks.unmarked(other) == ["new.a", "new.b", "new.c"]


@pytest.mark.row("P13")
def test_whatever_is_personal_can_be_reached() -> None:
    """Columns about a customer stand on the ticket or in a table that names it: erasing finds them all."""
    for table in metadata.sorted_tables:
        personal_ones = marks.erased_columns(table)
        reached = "ticket_id" in table.columns or table.name in _FOUND_OTHERWISE
        assert reached or not personal_ones, table.name


def test_the_columns_that_staff_write_are_known() -> None:
    """The texts of a ticket and of an issue are among them, figures and hashes are not."""
    names = {str(column) for column in marks.written_by(metadata, Writer.STAFF)}
    assert {"paidsupport_message.body", "paidsupport_issue_note.body", "paidsupport_tag.name"} <= names
    assert not {"paidsupport_letter.reference", "paidsupport_file.sha256", "paidsupport_ticket.code"} & names


def test_a_shared_type_gives_its_mark_and_a_column_may_have_its_own() -> None:
    """`Word` is a word of ours unless its column says that somebody typed it."""
    tag, ticket = metadata.tables["paidsupport_tag"], metadata.tables["paidsupport_ticket"]
    own, shared = marks.mark_of(tag.c.name), marks.mark_of(ticket.c.state)
    assert own is not None
    assert (own.whose, own.becomes) == (Whose.CUSTOMER, Special.ROW_DELETED)
    assert shared is not None
    assert (shared.whose, shared.reason) == (Whose.NOBODY, marks.OURS)
