"""The ledger: no column of any table can be changed past the desk without the doctor telling of it (N9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Table, bindparam, delete, insert, select, update
from sqlalchemy.types import JSON, Boolean, Date, Integer, LargeBinary

import paidsupport
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base, UTCDateTime
from paidsupport.kernel.db.gate import keep
from paidsupport.kernel.db.statements import changed, write
from paidsupport.kernel.ledger import book as ledger_book
from paidsupport.kernel.ledger import check as ledger_check
from paidsupport.kernel.ledger import heads
from paidsupport.kernel.ledger import rows as ledger_rows
from paidsupport.kernel.ledger.check import Ledger
from paidsupport.kernel.ledger.rows import Form
from paidsupport.kernel.ledger.tables import UNCOVERED, chain_of, is_covered, owner_column, short
from paidsupport.ops.doctor.invariants import ledger as doctor_ledger
from paidsupport.testing import mount_of
from paidsupport.tickets.tags.tables import Tag
from tests.ops.living import Lived
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


_TAGS = Base.metadata.tables[Tag.__tablename__]
_INTO_TAGS = insert(_TAGS)
_RENAME = update(_TAGS).where(_TAGS.c.id == bindparam("mine")).values(name=bindparam("name"))
#: A statement as text that writes.
_RAW = re.compile(r"(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(paidsupport_\w+)", re.IGNORECASE)
_form_of = ledger_rows.form_of


def put_in(ctx: Context, table: Table) -> None:
    """A row for a table of which the desk has none, in the ledger as if the desk had written it."""
    values = {column.name: other(column, None) for column in table.columns}
    ctx.session.execute(insert(table).values(values))
    owner = owner_column(table.name)
    row = {(short(table), values["id"]): chain_of(table.name, values[owner] if owner else None)}
    ledger_book.write(ctx.session.connection(), row)


def changes(ctx: Context, table: Table) -> Iterator[Column[Any]]:
    """Change each column of some row, and take each change back before the next one."""
    if ctx.session.execute(select(table).limit(1)).first() is None:
        put_in(ctx, table)
    key = next(iter(table.primary_key.columns))
    for column in table.columns:
        row = ctx.session.execute(select(table).order_by(key.desc()).limit(1)).one()._mapping
        with ctx.session.begin_nested() as nested:
            changed = {column.name: other(column, row[column.name])}
            ctx.session.execute(update(table).where(key == row[key.name]).values(changed))
            yield column
            nested.rollback()


def seen(ctx: Context, table: Table, found: Ledger) -> bool:
    """Whether the doctor sees that something is wrong."""
    if short(table) in OWN:
        found = ledger_check.read(ctx.session.connection())
        return bool(found.faults) or bool([*doctor_ledger.faults(ctx, found)])
    return bool([*doctor_ledger.faults(ctx, found, short(table))])


def test_no_column_of_any_table_can_be_changed_unseen(lived: Lived) -> None:
    """By SQL, one column after the other, on a desk in which something of everything has happened."""
    unseen = []
    with lived.without_constraints() as ctx:
        tables = [
            table for table in Base.metadata.sorted_tables if is_covered(table.name) or short(table) in OWN
        ]
        for table in tables:
            found = ledger_check.read(ctx.session.connection())
            assert not found.faults
            unseen += [
                f"{short(table)}.{column.name}"
                for column in changes(ctx, table)
                if not seen(ctx, table, found)
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
    with lived.without_constraints() as ctx:
        mine = event.c.ticket_id == lived.ids["working"]
        rows = ctx.session.execute(select(event).where(mine).order_by(event.c.number.desc()).limit(2)).all()
        last, before = rows
        ctx.session.execute(delete(event).where(event.c.id == last.id))
        head = {"event_count": before.number, "event_hash": before.hash}
        ctx.session.execute(update(ticket).where(ticket.c.id == lived.ids["working"]).values(head))
        found = list(doctor_ledger.rows_as_written(ctx))
    assert any(f"event {last.id} was deleted" in line for line in found)
    assert any("ticket" in line and "was changed past the desk" in line for line in found)


def test_a_statement_that_goes_past_the_ledger_is_refused(lite_desk: Desk) -> None:
    """Also one that an operation sends by itself; as text there is none, for nobody could note its rows."""
    statement = update(Base.metadata.tables["paidsupport_letter"]).values(state="queued")
    with mount_of(lite_desk.app).database.writing() as session, pytest.raises(RuntimeError, match="ledger"):
        session.connection().execute(statement)
    for path in Path(paidsupport.__file__).parent.rglob("*.py"):
        written = {match[1].lower() for match in _RAW.finditer(path.read_text(encoding="utf-8"))}
        assert not {name for name in written if is_covered(name)}, path


def test_rows_older_than_the_ledger_are_taken_in_by_the_upgrade(desk: Desk) -> None:
    """As they are, and it says how many; what comes in later past the desk is not taken in by another."""
    code, engine = desk.order(), mount_of(desk.app).database.engine
    with engine.begin() as connection:
        for name in OWN:
            connection.execute(delete(Base.metadata.tables[f"paidsupport_{name}"]))
    assert set(desk.broken()) == {"rows are as the desk wrote them"}
    told = desk.app.test_cli_runner().invoke(args=["paidsupport", "db", "upgrade"]).output
    assert re.search(r"^Added \d+ existing rows of \d+ tables to the ledger\.$", told, re.MULTILINE)
    assert desk.broken() == {}
    tag = insert(Base.metadata.tables["paidsupport_tag"])
    with engine.begin() as connection:
        values = {"ticket_id": desk.ticket(code).id, "name": "smuggled", "folded": "smuggled"}
        connection.execute(tag.values(values))
    desk.app.test_cli_runner().invoke(args=["paidsupport", "db", "upgrade"])
    assert desk.broken() == {"rows are as the desk wrote them": [f"{code}: tag 1 was added past the desk"]}


def test_an_upgrade_that_adds_a_column_binds_it_and_launders_nothing(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are compared by the columns they were written with; what was edited before stays found."""
    full = "paidsupport_annotation"
    now = ledger_rows.form_of(full)
    before = Form(now.table, tuple(column for column in now.columns if column != "about"))
    old = {full: before}.get
    for module in (ledger_rows, ledger_book):
        monkeypatch.setattr(module, "form_of", lambda name: old(name) or _form_of(name))
    ledger_rows._query.cache_clear()
    code = lite_desk.in_progress(lite_desk.ada)
    lite_desk.annotate(code, lite_desk.ben, "One.")
    lite_desk.annotate(code, lite_desk.ben, "Two.")
    monkeypatch.undo()
    ledger_rows._query.cache_clear()
    form, notes = Base.metadata.tables["paidsupport_ledger_form"], Base.metadata.tables[full]
    engine = mount_of(lite_desk.app).database.engine
    with engine.begin() as connection:
        connection.execute(
            update(form).where(form.c.name == "annotation").values(columns=list(before.columns))
        )
        connection.execute(update(notes).where(notes.c.id == 1).values(body="Forged."))
    told = lite_desk.app.test_cli_runner().invoke(args=["paidsupport", "db", "upgrade"]).output
    assert "annotation 1 was changed past the desk" in told
    assert lite_desk.broken() == {
        "rows are as the desk wrote them": [f"{code}: annotation 1 was changed past the desk"]
    }


def test_what_was_written_twice_or_taken_back_is_in_the_ledger_as_it_is(desk: Desk) -> None:
    """By us, by the unit of work, and in a savepoint: what a statement told may be outdated."""
    ticket = desk.ticket(desk.order())
    with mount_of(desk.app).database.writing() as session:
        keep(session, lambda _rows: None)
        write(session, _INTO_TAGS, {"ticket_id": ticket.id, "name": "One", "folded": "one"})
        tag = session.scalars(select(Tag)).one()
        tag.name = "Two"
        session.flush()
        with session.begin_nested() as nested:
            write(session, _RENAME, {"mine": tag.id, "name": "Three"})
            nested.rollback()
        write(session, _INTO_TAGS, {"ticket_id": ticket.id, "name": "Four", "folded": "four"})
        write(session, _RENAME, {"mine": tag.id + 1, "name": "Five"})
        write(session, _INTO_TAGS, {"ticket_id": ticket.id, "name": "Six", "folded": "six"})
        assert changed(session, delete(Tag).where(Tag.folded == "six")) == 1
    assert desk.broken() == {}
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(Tag.name).order_by(Tag.id)).all() == ["Two", "Five"]


@pytest.mark.postgres
def test_a_chain_that_went_on_meanwhile_is_read_again(pg_desk: Desk) -> None:
    """Rows of one ticket written in two transactions at once, of which the later one began first."""
    ticket, database = pg_desk.ticket(pg_desk.order()), mount_of(pg_desk.app).database
    with database.writing() as first, database.writing() as second:
        for session, name in ((first, "one"), (second, "two")):
            keep(session, lambda _rows: None)
            write(session, _INTO_TAGS, {"ticket_id": ticket.id, "name": name, "folded": name})
    assert pg_desk.broken() == {}


@dataclass
class Cut:
    """A desk whose newest event was taken off with everything that the ledger has of it."""

    desk: Desk
    code: str
    before: str


@pytest.fixture
def cut(desk: Desk, tmp_path: Path) -> Cut:
    """A claim that the journal knows, put back to how everything was before it, in all tables."""
    code, mount = desk.order(), mount_of(desk.app)
    engine = mount.database.engine
    tables = [table for table in Base.metadata.sorted_tables if table.name != "paidsupport_notice"]
    with engine.connect() as connection:
        rows = {table: connection.execute(select(table)).mappings().all() for table in tables}
    desk.claim(code, desk.ada)
    before = desk.app.test_cli_runner().invoke(args=["paidsupport", "doctor", "--head"]).output
    with desk.ctx() as ctx:
        heads.Keeper().keep(ctx)
    with engine.begin() as connection:
        for table in reversed(tables):
            connection.execute(delete(table))
        for table in tables:
            if rows[table]:
                connection.execute(insert(table), [dict(row) for row in rows[table]])
    (tmp_path / "heads.json").write_text(before)
    return Cut(desk, code, str(tmp_path / "heads.json"))


def test_a_tail_cut_off_everywhere_is_seen_by_the_journal_and_by_what_was_kept_elsewhere(cut: Cut) -> None:
    """Nothing in the database tells of it; the folder of files and the printed heads do."""
    assert cut.desk.broken() == {}
    cut.desk.clock.forward(minutes=2)
    (sentence,) = cut.desk.broken()
    assert sentence == "no end of the ledger was cut off"
    done = cut.desk.app.test_cli_runner().invoke(args=["paidsupport", "doctor", "--since", cut.before])
    assert done.exit_code == 1
    assert f"BROKEN  the ledger continues from {cut.before}" in done.output


def test_a_ledger_that_goes_on_is_whole(desk: Desk, tmp_path: Path) -> None:
    """Whatever is written after the heads were printed and journaled; what is no list of heads is refused."""
    runner, kept = desk.app.test_cli_runner(), tmp_path / "heads.json"
    code = desk.order()
    kept.write_text(runner.invoke(args=["paidsupport", "doctor", "--head"]).output)
    desk.work()
    desk.claim(code, desk.ada)
    desk.clock.forward(minutes=6)
    desk.work()
    done = runner.invoke(args=["paidsupport", "doctor", "--since", str(kept)])
    assert done.exit_code == 0, done.output
    kept.write_text("[]")
    assert runner.invoke(args=["paidsupport", "doctor", "--since", str(kept)]).exit_code == 2


@pytest.mark.row("P13")
def test_an_erasure_leaves_no_salt_of_what_was_erased(desk: Desk) -> None:
    """Each row has one salt, of its newest digest: what an older digest was made of cannot be guessed."""
    mark, line = (Base.metadata.tables[f"paidsupport_ledger_{name}"] for name in ("mark", "line"))
    code = desk.order(email="jane@example.com")
    key = f"ticket:{desk.ticket(code).id}"
    with desk.ctx() as ctx:
        salt = ctx.session.scalar(select(mark.c.value).where(mark.c.key == key))
    desk.claim(code, desk.ada)
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(mark.c.value).where(mark.c.key == key)) != salt
        texts = [*ctx.session.scalars(select(mark.c.value)), *ctx.session.scalars(select(line.c.entries))]
    assert not any(str(salt) in text for text in texts)
    assert desk.broken() == {}
