"""Erasing is complete because every column says what it holds: nothing here names one (P13)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Column, ColumnElement, LargeBinary, Table, select, true, update

from paidsupport.intake.arrivals.tables import Intake
from paidsupport.intake.requests.tables import Pointer
from paidsupport.kernel.attempts import Attempt
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.marks import Whose, Writer
from paidsupport.ops.doctor.invariants import rows as doctor_rows
from paidsupport.ops.erasure import erasure
from paidsupport.ops.erasure.queries import tables
from paidsupport.sales.organisations.operations import contacts, records
from paidsupport.sales.organisations.operations.records import Record
from paidsupport.testing import mount_of
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tags.tables import Tag
from tests.intake.mail.incoming import deliver, mail, mails
from tests.ops.erasure.test_erasure import ADDRESS, MARK, ended, erase, run, traces
from tests.people import Desk

pytestmark = pytest.mark.row("P13")

#: Invoices are kept with their buyers as long as the law wants; `tests/sales/invoices/test_invoices.py`
#: erases them.
BY_LAW = {"paidsupport_invoice", "paidsupport_invoice_line"}
#: Columns that take a word of a list or a name in the store of files, and no others.
NO_TEXT = {"paidsupport_intake.caller", "paidsupport_secret.key_reference"}
#: What the customer is found by; the mark is in it.
ADDRESSES = {"paidsupport_ticket.customer_email", "paidsupport_ticket.customer_address"}
#: What the chain of the history tells of, what the database refuses, and rows that are gone altogether.
SEEN_OTHERWISE = {
    "paidsupport_event.data",
    "paidsupport_secret.sealed",
    "paidsupport_tag.name",
    "paidsupport_tag.folded",
}


def furnished(desk: Desk) -> str:
    """An ended ticket with a row in every table that names tickets and holds something personal."""
    code = ended(desk)
    with desk.ctx() as ctx:  # no member of staff: what is sealed here can be opened by nobody
        ticket_id = desk.ticket(code).id
        message = Base.metadata.tables["paidsupport_message"]
        first, second = ctx.session.scalars(
            select(message.c.id).where(message.c.ticket_id == ticket_id).order_by(message.c.id).limit(2)
        )
        kept = ctx.services.files.keep(io.BytesIO(f"From: {ADDRESS}".encode()))
        ctx.session.add_all(
            [
                Intake(ticket_id=ticket_id, channel="phone", purpose="support", caller="merchant"),
                Pointer(ticket_id=ticket_id, message_id=first, url="", asked_at=ctx.now),
                Tag(ticket_id=ticket_id, name="shop", folded="shop"),
                RawMail(
                    reference="a-mail",
                    ticket_id=ticket_id,
                    message_id=second,
                    header_id="x",
                    content_hash="x",
                    sha256="x",
                    size=1,
                    storage_key=kept.key,
                    recipient="",
                    purpose="",
                    received_at=ctx.now,
                    state="filed",
                ),
            ]
        )
    with desk.ctx() as ctx:
        for column, ids in personal_rows(ctx, ticket_id).items():
            if str(column) not in ADDRESSES:
                write(ctx, column, ids)
    return code


def personal_rows(ctx: Context, ticket_id: int) -> dict[Column[Any], list[int]]:
    """Every personal column with the rows of a ticket in which an erasure changes it; there must be one."""
    found = {}
    for table in (Base.metadata.tables["paidsupport_ticket"], *tables()):
        if table.name not in BY_LAW:
            own = table.c.id if table.name == "paidsupport_ticket" else table.c.ticket_id
            for column in words_of(table):
                ids = ctx.session.scalars(select(table.c.id).where(own == ticket_id, goes(column))).all()
                assert ids, column
                found[column] = list(ids)
    return found


def write(ctx: Context, column: Column[Any], ids: list[int]) -> None:
    """Put the mark into a column."""
    rows = update(column.table).where(column.table.c.id.in_(ids))
    ctx.session.execute(rows.values({column.name: planted(column)}))


def words_of(table: Table) -> Iterator[Column[Any]]:
    """The personal columns of a table in which any word can stand."""
    for column in marks.erased_columns(table):
        if marks.needs_mark(column) and str(column) not in NO_TEXT:
            yield column


def goes(column: Column[Any]) -> ColumnElement[bool]:
    """Whether an erasure changes the column in a row: what we say ourselves to everybody stays."""
    becomes = marks.erased_columns(column.table)[column]
    return becomes(column.table) != column if callable(becomes) else true()


def planted(column: Column[Any]) -> object:
    """The mark as a value of this column."""
    if isinstance(column.type, JSON):
        return {"note": MARK} if column.name == "data" else [MARK]
    return MARK.encode() if isinstance(column.type, LargeBinary) else MARK


def test_no_personal_column_of_any_table_holds_a_word_afterwards(desk: Desk) -> None:
    """All tables, all their columns, the index, the files: a new personal column is in this by its mark."""
    code = furnished(desk)
    held = traces(desk)
    with desk.ctx() as ctx:
        assert {str(column) for column in personal_rows(ctx, desk.ticket(code).id)} <= held
    erase(desk)
    assert traces(desk) == set()
    with desk.ctx() as ctx:
        assert list(doctor_rows.erased_is_gone(ctx)) == []
    assert desk.ticket(code).erased_at


def test_an_export_holds_what_an_erasure_takes(lite_desk: Desk) -> None:
    """Every personal column that people fill in, by its mark; no hashes, nothing sealed, passwords masked."""
    code = furnished(lite_desk)
    lite_desk.order(email="other@example.com", details="Somebody else.")
    with lite_desk.ctx() as ctx:
        message = Base.metadata.tables["paidsupport_message"]
        own = message.c.ticket_id == lite_desk.ticket(code).id
        ctx.session.execute(update(message).where(own).values(body=f"The password: tulip-Field-9 {MARK}"))
    with lite_desk.ctx() as ctx:
        rows = personal_rows(ctx, lite_desk.ticket(code).id)
    done = lite_desk.app.test_cli_runner().invoke(args=["paidsupport", "export", f" {ADDRESS}. "])
    assert done.exit_code == 0, done.output
    [told] = json.loads(done.output)["tickets"]
    for column in rows:
        mark = marks.mark_of(column)
        assert mark is not None
        shown = any(
            column.name in row for row in told.get(column.table.name.removeprefix("paidsupport_"), ())
        )
        made = mark.writers == {Writer.PROGRAM} or isinstance(column.type, LargeBinary)
        assert shown is not made, column
    assert "Somebody else" not in done.output
    assert "tulip" not in done.output


def test_neither_the_database_nor_its_log_keeps_a_byte(lite_desk: Desk, tmp_path: Path) -> None:
    """The files of SQLite, the write-ahead log among them, while a server has the database open."""
    furnished(lite_desk)
    with mount_of(lite_desk.app).database.reading() as session:
        session.execute(select(RawMail.id))
        session.rollback()
        assert run(lite_desk, ADDRESS, "--yes").exit_code == 0
        held = [path for path in tmp_path.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]
    assert held == []


def test_the_doctor_sees_whatever_comes_back(desk: Desk) -> None:
    """In any personal column of any table: what was erased is compared with what its mark says."""
    code = furnished(desk)
    with desk.ctx() as ctx:
        rows = personal_rows(ctx, desk.ticket(code).id)
    desk.clock.forward(hours=1)
    erase(desk)
    unseen = []
    with desk.ctx() as ctx:
        for column, ids in rows.items():
            if str(column) in SEEN_OTHERWISE:
                continue
            nested = ctx.session.begin_nested()
            write(ctx, column, ids)
            lines = [line for line in doctor_rows.erased_is_gone(ctx) if line.startswith(code)]
            unseen += [] if any(column.table.name in line for line in lines) else [str(column)]
            nested.rollback()
    assert unseen == []


def test_a_replay_empties_what_an_older_version_left(desk: Desk) -> None:
    """The text of accepted offers once stayed in what the report says: it goes, and the doctor is content."""
    code = furnished(desk)
    erase(desk)
    item = Base.metadata.tables["paidsupport_item"]
    extra = item.c.ticket_id == desk.ticket(code).id, item.c.name == "extra-1"
    with desk.ctx() as ctx:
        ctx.session.execute(update(item).where(*extra).values(told=f"E-cards for {MARK}"))
    assert "erased data is gone" in desk.broken()
    with desk.ctx(desk.mia) as ctx:
        assert erasure.replay(ctx).counts == {"item": 1}
    assert traces(desk) == set()
    with desk.ctx(desk.mia) as ctx:
        assert erasure.replay(ctx).counts == {}


def test_mails_whose_sender_nobody_knows_go_with_who_is_named(desk: Desk) -> None:
    """With two senders, with none, and what is no mail: whole, on a ticket or on none, in the store too."""
    jane = f"{MARK}.jane@example.com"
    taken = [
        deliver(desk, raw, to)
        for raw in (
            mail(f"Hello, {MARK}.", From=f"a@example.org, {jane}", Subject=MARK),
            mail(f"No sender, {MARK}.", From="nobody", Reply_To=f"{jane.upper()}."),
            jane.encode() + b"\x00" * 2000,
            mail(f"Who is {MARK}?", From="other@example.org", X_To=jane),
        )
        for to in ("", "nowhere@example.org")
    ]
    codes = {each.ticket for each in taken if each.ticket}
    others = {each.mail for each in taken[-2:]}
    for code in codes:
        desk.transition(code, "spam", desk.mia, note="No.")
    with desk.ctx(desk.mia) as ctx:
        erased = erasure.erase(ctx, jane)
    left = {row.reference for row in mails(desk) if row.dropped_at is None}
    assert left == others
    assert set(erased.codes) == codes - {taken[-2].ticket}
    assert desk.broken() == {}
    for row in mails(desk):
        if row.reference not in others:
            assert MARK not in f"{row.sender} {row.subject} {row.text} {row.header_id} {row.recipient}"


def test_records_of_organisations_forget_a_person_as_their_marks_say(desk: Desk) -> None:
    """Contacts go; notes and billing data lose the name and the address, however that is spelled."""
    with desk.ctx(desk.mia) as ctx:
        reference = records.create(ctx, Record("Bücher KG", "merchant"), key=new_key()).reference
        person = contacts.Person(f"Jane {MARK}", f"{MARK}@bücher.example")
        contacts.add(ctx, reference, person, key=new_key())
    organisation = Base.metadata.tables["paidsupport_organisation"]
    texts = [column.name for column in marks.erased_columns(organisation, Whose.CONTACT)]
    with desk.ctx() as ctx:
        said = f"Ask Jane {MARK} <{MARK}@xn--bcher-kva.example>"
        ctx.session.execute(update(organisation).values(dict.fromkeys(texts, said)))
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, f"{MARK}@XN--bcher-kva.example.")
    assert traces(desk) == set()


def test_nothing_that_was_counted_of_them_stays(desk: Desk) -> None:
    """Whatever kinds of attempts there are, in whatever spelling."""
    code = desk.order(email="jane@bücher.example")
    desk.transition(code, "reject", desk.mia, reason="spam", note="No.")
    with desk.ctx(desk.mia) as ctx:
        hidden = [
            ctx.services.links.hide(kind, "jane@xn--bcher-kva.example")
            for kind in ctx.session.scalars(select(Attempt.kind).distinct())
        ]
        mine = select(Attempt.id).where(Attempt.who.in_(hidden))
        assert ctx.session.scalars(mine).all()
        erasure.erase(ctx, "JANE@xn--bcher-kva.example")
        assert ctx.session.scalars(mine).all() == []
