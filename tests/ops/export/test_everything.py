"""Everything as lines of JSON: complete, as declared, without secrets, in little memory (P13)."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, func, insert, select

from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key, new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import PREFIX, Base
from paidsupport.kernel.files import Upload
from paidsupport.ops.export import everything, lines, rules
from paidsupport.ops.export.archive import CHUNK, Zip, ZipStream
from paidsupport.ops.export.lines import kinds, short
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from scripts import export_schema
from tests.ops.export.schemas import faults
from tests.ops.living import Lived
from tests.people import Desk

pytestmark = pytest.mark.row("P13")

MB = 1024 * 1024


def run(desk: Desk, *args: str) -> Any:  # noqa: ANN401  # what click gives
    """A command."""
    return desk.app.test_cli_runner().invoke(args=["paidsupport", "export", *args])


def test_every_table_is_exported_or_left_out_with_a_reason() -> None:
    """A new table is exported without being asked for; and so is a new column, but for bytes and hashes."""
    names = {short(table) for table in Base.metadata.sorted_tables if table.name.startswith(PREFIX)}
    assert names == {short(kind.table) for kind in kinds()} | rules.LEFT_OUT.keys()
    assert all(rules.LEFT_OUT.values())
    assert len({kind.type for kind in kinds()}) == len(kinds())
    columns = {f"{short(column.table)}.{column.name}" for kind in kinds() for column in kind.table.columns}
    assert {*rules.HIDDEN, *rules.INSTEAD} <= columns
    assert rules.TYPES.keys() <= names
    # it would take the place of the type of its line
    assert not [str(column) for kind in kinds() for column in kind.columns if column.name == "type"]


def test_no_column_that_can_open_something_is_exported() -> None:
    """By its type, by its mark, and by its name."""
    shown = [column for kind in kinds() for column in kind.columns]
    assert not [each for each in shown if isinstance(each.type, LargeBinary) or marks.is_stored(each)]
    named = ("secret", "sealed", "password", "token", "passphrase", "fingerprint")
    # a number or a moment opens nothing
    wordy = [each for each in shown if marks.needs_mark(each)]
    assert {str(each) for each in wordy if any(word in each.name for word in named)} == set()
    keys = {str(each) for each in shown if each.name == "key" or each.name.endswith("_key")}
    # what a bank line is known by is made of what the bank says of it
    public = {"person.public_key", "secret.public_key", "topic.key", "bank_line.key"}
    assert keys == {f"paidsupport_{each}" for each in public}


def test_the_published_schema_is_current() -> None:
    """It is made from the tables: run `make schema` after one has changed."""
    assert export_schema.PATH.read_text(encoding="utf-8") == export_schema.text()


def test_all_rows_are_there_as_the_schema_says_and_refer_to_each_other(lived: Lived, tmp_path: Path) -> None:
    """On a desk in which something of everything has happened, on either kind of database."""
    target = tmp_path / "desk.zip"
    done = run(lived.desk, "all", str(target))
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(target) as opened:
        assert opened.testzip() is None
        schema = json.loads(opened.read(everything.SCHEMA))
        told = [json.loads(line) for line in opened.read(everything.LINES).splitlines()]
        names = set(opened.namelist())
    assert schema == json.loads(export_schema.text())
    first, *rest = told
    assert first["type"] == "export"
    assert [fault for line in told for fault in faults(schema["$defs"][line["type"]], line)] == []
    assert faults(schema, told[0]) == faults(schema, told[-1]) == []
    assert faults(schema, {**told[-1], "new": 1}) != []
    counts = Counter(line["type"] for line in rest)
    assert counts == Counter({name: number for name, number in first["lines"].items() if number})
    with lived.desk.ctx() as ctx:
        for kind in kinds():
            assert counts[kind.type] == ctx.session.scalar(select(func.count()).select_from(kind.table))
    assert list(_unresolved(schema, rest)) == []
    contents = {line["stored_as"] for line in rest if line.get("stored_as")}
    assert contents
    assert contents == {name for name in names if name.startswith("files/")}
    # what is sealed, hashed, signed or asked for once
    text = target_text(told)
    with lived.desk.ctx() as ctx:
        assert [name for name, secret in _secrets(ctx) if secret in text] == []


def target_text(told: list[dict[str, Any]]) -> str:
    """All lines as one text."""
    return json.dumps(told, ensure_ascii=False)


def _unresolved(schema: Any, told: list[dict[str, Any]]) -> Iterator[str]:  # noqa: ANN401  # JSON
    known = {(line["type"], line["id"]) for line in told if "id" in line}
    addresses = {line["address"] for line in told if line["type"] == "customer"}
    for line in told:
        for name, described in schema["$defs"][line["type"]]["properties"].items():
            refers = described.get("x-refers-to")
            if refers and line[name] is not None and (refers, line[name]) not in known:
                yield f"{line['type']} {line['id']}: {name}"
        if line["type"] == "ticket" and line["customer_address"] not in {"", *addresses}:
            yield line["code"]


def _secrets(ctx: Context) -> Iterator[tuple[str, str]]:
    """Everything in the database that could open something, and the private links of all tickets."""
    wanted = {
        "ticket": ("reference",),
        "token": ("digest",),
        "secret": ("key_reference",),
        "event": ("key", "fingerprint"),
        "issue_event": ("key", "fingerprint"),
        "configuration_event": ("key", "fingerprint"),
        "file": ("storage_key",),
        "raw_mail": ("storage_key",),
    }
    for name, columns in wanted.items():
        table = Base.metadata.tables[f"{PREFIX}{name}"]
        for column in columns:
            for value in ctx.session.scalars(select(table.c[column]).where(table.c[column].is_not(None))):
                yield str(table.c[column]), value
    for code in ctx.session.scalars(select(tickets.Ticket.code)):
        ticket = tickets.lock(ctx.session, code)
        yield f"link of {code}", ctx.services.links.customer(ticket)
        yield f"reply address of {code}", ctx.services.links.reply_token(ticket)


def test_what_customers_quote_opens_no_page_and_tells_no_password(lite_desk: Desk, tmp_path: Path) -> None:
    """A private link or a reply address in a message is cut, a login in it is masked."""
    code = lite_desk.order()
    link, reply = f"https://example.org/support/t/{lite_desk.token(code)}", ""
    with lite_desk.ctx(CUSTOMER) as ctx:
        ticket = tickets.lock(ctx.session, code)
        reply = f"support+{ctx.services.links.reply_token(ticket)}@example.org"
        body = f"You wrote to me from {reply}: {link}\nThe password: tulip-Field-9"
        upload = Upload("a.txt", 4, io.BytesIO(b"text"))
        correspondence.receive(ctx, ticket, body, key=new_key(), uploads=[upload])
    assert run(lite_desk, "all", str(tmp_path / "desk")).exit_code == 0
    text = (tmp_path / "desk" / everything.LINES).read_text()
    (said,) = [line for line in map(json.loads, text.splitlines()) if line["type"] == "message"]
    assert said["body"].startswith("You wrote to me from support+")
    assert "https://example.org/support/t/…" in said["body"]
    for secret in (lite_desk.token(code), reply, "tulip"):
        assert secret not in text
    (file,) = (tmp_path / "desk" / "files").iterdir()
    assert file.read_text() == "text"


def test_nothing_is_written_over_and_nothing_half(
    lite_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is taken is refused; on a full disk nothing is left behind."""
    (tmp_path / "there").mkdir()
    done = run(lite_desk, "all", str(tmp_path / "there"))
    assert done.exit_code == 1
    assert "Choose another name" in done.output

    def full(_kind: object, _row: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lines.Kind, "line", full)
    for name in ("desk", "desk.zip"):
        done = run(lite_desk, "all", str(tmp_path / name))
        assert done.exit_code == 1
        assert "No space left on device" in done.output
    assert [path for path in tmp_path.iterdir() if path.name.startswith("desk")] == []


def test_memory_does_not_grow_with_the_number_of_tickets(lite_desk: Desk) -> None:
    """Eight thousand tickets take hardly more than two thousand."""
    lite_desk.order()
    peaks = []
    # at first it takes what is kept for the next one, too
    for number in (2, 2_000, 8_000):
        _multiply(lite_desk, number)
        with mount_of(lite_desk.app).database.snapshot() as session:
            ctx = Context(mount_of(lite_desk.app).services, session, CUSTOMER, lite_desk.clock())
            tracemalloc.start()
            size = _drained(ctx)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert size > number * 10
    assert peaks[2] < peaks[1] + MB // 4
    assert max(peaks) < 16 * MB


def _drained(ctx: Context) -> int:
    stream = ZipStream(lambda archive: everything.fill(ctx, archive), ctx.now, lambda _lines: None)
    return sum(len(chunk) for chunk in iter(lambda: stream.read(CHUNK), b""))


def _multiply(desk: Desk, number: int) -> None:
    """As many tickets as this, all like the first one; past the ledger, which is not looked at."""
    table = Base.metadata.tables[tickets.Ticket.__tablename__]
    with desk.ctx() as ctx:
        row = dict(ctx.session.execute(select(table)).mappings().first() or {})
        there = ctx.session.scalar(select(func.count()).select_from(table)) or 0
    del row["id"]
    made = []
    for each in range(there, number):
        address = f"{each}@example.com"
        own = {"code": f"PS-{each:08}", "reference": new_reference(), "details": "Once more. " * 20}
        made.append(row | own | {"customer_email": address, "customer_address": address})
    with mount_of(desk.app).database.engine.begin() as connection:
        connection.execute(insert(table), made)


def test_a_zip_that_is_read_as_it_is_made_is_the_one_that_is_written(lite_desk: Desk) -> None:
    """However much is asked for at once."""
    lite_desk.order()
    whole, piecewise = io.BytesIO(), io.BytesIO()
    with lite_desk.ctx() as ctx:
        archive = Zip(whole, ctx.now)
        for _ in everything.fill(ctx, archive):
            pass
        archive.zip.close()
        stream = ZipStream(lambda each: everything.fill(ctx, each), ctx.now, lambda _lines: None)
        for chunk in iter(lambda: stream.read(1000), b""):
            assert len(chunk) <= 1000
            piecewise.write(chunk)
    with zipfile.ZipFile(whole) as one, zipfile.ZipFile(piecewise) as other:
        assert one.namelist() == other.namelist()
        assert [one.read(name) for name in one.namelist()] == [other.read(name) for name in other.namelist()]
