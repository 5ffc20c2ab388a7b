"""Writing the ledger: what a transaction of ours does to covered rows is noted, and chained at its commit.

Nothing asks the operations to do so. The unit of work, `Session.execute` and `plain.write` note the rows by
themselves, and the engine refuses a statement that went past all of them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Result,
    Table,
    column,
    event,
    null,
    text,
)
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, object_session

from paidsupport.kernel.chain import START
from paidsupport.kernel.db import configured
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.prepared import Writing, fetch
from paidsupport.kernel.ledger import rules as ledger
from paidsupport.kernel.ledger.rows import RowName, contents, form_of, given_back, head_of
from paidsupport.kernel.ledger.tables import (
    WRITTEN,
    chain_of,
    head_key,
    is_covered,
    owner_column,
    row_key,
    short,
)

#: The execution option of statements whose rows are noted.
NOTED = "paidsupport_noted"
_FLUSHING: ContextVar[bool] = ContextVar("paidsupport_flushing", default=False)


@dataclass(slots=True)
class Told:
    """What statements told of the rows that they wrote: their contents, and where their chains ended then."""

    contents: dict[RowName, str] = field(default_factory=dict)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)


class WritingSession(Session):
    """A session that writes the ledger when it commits, and commits no untold change of the set-up."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # whatever a Session takes
        """As `Session`."""
        super().__init__(*args, **options)
        #: The rows that were made, changed or deleted, and the chain that each is in.
        self.touched: dict[RowName, str] = {}
        #: What those of them hold that the statement told of which wrote them last, and ends of chains.
        self.told = Told()
        configured.begin(self.info)

    def begin_nested(self) -> SessionTransaction:
        """As `Session.begin_nested`."""
        savepoint = super().begin_nested()
        configured.mark(self.info, savepoint)
        return savepoint

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """As `Session.flush`; its statements are known to be noted."""
        token = _FLUSHING.set(True)
        try:
            super().flush(objects)
        finally:
            _FLUSHING.reset(token)

    def commit(self) -> None:
        """Flush, write the ledger, commit.

        Raises:
            UntoldConfigurationError: What managers set up was changed, and nothing tells of it.
        """
        self.flush()
        configured.require_lines(self.info)
        touched, self.touched = self.touched, {}
        told, self.told = self.told, Told()
        if touched:
            write(self.connection(), touched, told=told)
        super().commit()

    def rollback(self) -> None:
        """As `Session.rollback`: nothing has happened."""
        self.touched.clear()
        super().rollback()


class _Done(IteratorResult[Any]):
    """What a statement that was noted answers with: how many rows it touched, and nothing else."""

    def __init__(self, rowcount: int) -> None:
        """`rowcount` is the same as that of a `CursorResult`."""
        super().__init__(SimpleResultMetaData(()), iter(()))
        self.rowcount = rowcount


def watch(engine: Engine) -> None:
    """Refuse statements on connections of `engine` that change covered rows and are not noted."""
    event.listen(engine, "before_execute", _refuse_unnoted)


#: What `with_identity` made, for statements that are made once and sent again and again.
_IDENTIFIED: dict[str, WeakKeyDictionary[Writing, Writing]] = {
    name: WeakKeyDictionary() for name in ("postgresql", "sqlite")
}


def with_identity(statement: Writing, dialect: str) -> Writing:
    """The same statement with the answer which rows it touched and what they hold, as `note` wants it."""
    found = _IDENTIFIED[dialect].get(statement)
    if found is None:
        # SQLite's RETURNING took a column that had just become NULL for one that is not; asking it is no trip
        telling = dialect == "postgresql" and not isinstance(statement, Delete)
        found = statement.returning(*_identity(statement, telling=telling))
        _IDENTIFIED[dialect][statement] = found
    return found


def table_of(statement: Writing) -> Table:
    """The table that a statement changes; only such statements are noted."""
    return cast("Table", statement.table)


def note(session: Session, table: Table, rows: Iterable[Any]) -> int:
    """Note rows that `with_identity` told of; returns how many there were."""
    count = 0
    for row_id, owner, content, head in rows:
        count += 1
        row, chain = _touch(session, table, row_id, owner)
        if content is not None and isinstance(session, WritingSession):
            session.told.contents[row] = content
            if owner is not None:
                session.told.heads[chain] = head_of(head)
    return count


def note_ids(session: Session, table: Table, ids: Iterable[int]) -> None:
    """Note tickets or issues by their ids; of other rows the owner has to be known as well."""
    if owner_column(table.name) != "id":
        raise ValueError(f"The rows of {table.name} cannot be noted by their ids alone.")
    for row_id in ids:
        _touch(session, table, row_id, row_id)


def covers(statement: Writing) -> bool:
    """Whether the ledger covers the table that a statement changes."""
    return is_covered(getattr(statement.table, "name", ""))


def write(
    connection: Connection, touched: Mapping[RowName, str], kind: str = WRITTEN, told: Told | None = None
) -> None:
    """Chain what these rows say as they are now; what `told` does not tell of it is read first.

    One statement where it tells all that is needed of one chain, otherwise two (three on SQLite).

    `touched` names rows by the short name of their table and their id, each with the chain that it is in.
    Chains are locked in the order of their names, and nothing is locked after that.
    """
    told = told or Told()
    unread: dict[str, list[int]] = {}
    by_chain: dict[str, list[RowName]] = {}
    for row, chain in touched.items():
        by_chain.setdefault(chain, []).append(row)
        if row not in told.contents:
            unread.setdefault(_full(row[0]), []).append(row[1])
    if not unread and len(by_chain) == 1 and by_chain.keys() <= told.heads.keys():
        # records are locked before they are written, so another transaction has hardly continued the chain
        (only,) = by_chain
        if _keep(connection, *_lines(by_chain, told.heads, told.contents, kind), after=told.heads[only]):
            return
    marks, found = contents(connection, [head_key(chain) for chain in sorted(by_chain)], unread)
    heads = {chain: marks.get(head_key(chain), (0, START)) for chain in by_chain}
    _keep(connection, *_lines(by_chain, heads, {**told.contents, **found}, kind))


def _lines(
    by_chain: Mapping[str, Sequence[RowName]],
    heads: Mapping[str, tuple[int, str]],
    found: Mapping[RowName, str],
    kind: str,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The next line of each chain, and the marks that go with them."""
    now = datetime.now(UTC)
    lines, fresh = [], []
    for chain, rows in by_chain.items():
        line, salts = _line(chain, heads[chain], rows, found, now, kind)
        lines.append(line)
        fresh += [*salts, {"key": head_key(chain), "number": line["number"], "value": line["hash"]}]
    return lines, fresh


def _line(
    chain: str,
    head: tuple[int, str],
    rows: Sequence[RowName],
    found: Mapping[RowName, str],
    now: datetime,
    kind: str,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The next line of a chain, and the marks of its rows."""
    number, previous = head[0] + 1, head[1]
    entries: list[ledger.Entry] = []
    salts = []
    for name, row_id in sorted(rows):
        content, salt = found.get((name, row_id)), secrets.token_hex(16)
        right = form_of(_full(name)).digest(salt, row_id, content) if content is not None else ""
        entries.append((name, row_id, right))
        mark = salt if content is not None else ""
        salts.append({"key": row_key(name, row_id), "number": number, "value": mark})
    spelled = ledger.spelled(entries)
    link = ledger.link(previous, chain=chain, number=number, at=now, kind=kind, text=spelled)
    line = {"chain": chain, "number": number, "at": now.strftime("%Y-%m-%d %H:%M:%S.%f"), "kind": kind}
    return {**line, "entries": spelled, "previous": previous, "hash": link}, salts


def _keep(
    connection: Connection, lines: Sequence[Any], marks: Sequence[Any], after: tuple[int, str] = (0, "")
) -> bool:
    """Write them; one line `after` another only if the chain still ends there: whether it did."""
    values = {"lines": json.dumps(lines), "marks": json.dumps(marks)}
    if connection.dialect.name != "postgresql":
        fetch(connection, _LINES_LITE, values)
        fetch(connection, _MARKS_LITE, values)
        return True
    if not after[0]:
        fetch(connection, _KEEP_PG, values)
        return True
    head = {"head": head_key(lines[0]["chain"]), "number": after[0], "value": after[1]}
    return bool(fetch(connection, _KEEP_AFTER_PG, {**values, **head}))


_KEEP = """{} line AS (
    INSERT INTO paidsupport_ledger_line (chain, number, at, kind, entries, previous, hash)
    SELECT chain, number, at AT TIME ZONE 'UTC', kind, entries, previous, hash
    FROM json_to_recordset(CAST(:lines AS json)) AS given(
        chain text, number bigint, at timestamp, kind text, entries text, previous text, hash text) {}
) INSERT INTO paidsupport_ledger_mark (key, number, value)
    SELECT key, number, value
    FROM json_to_recordset(CAST(:marks AS json)) AS given(key text, number bigint, value text) {}
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET number = excluded.number, value = excluded.value {}"""
_KEEP_PG = text(_KEEP.format("WITH", "", "", "")).columns()
_HEAD = """WITH head AS MATERIALIZED (
    SELECT FROM paidsupport_ledger_mark
    WHERE key = CAST(:head AS text) AND number = CAST(:number AS bigint) AND value = CAST(:value AS text)
    FOR UPDATE
),"""
_IF = "WHERE EXISTS (SELECT FROM head)"
_KEEP_AFTER_PG = text(_KEEP.format(_HEAD, _IF, _IF, "RETURNING key")).columns(column("key"))
_LINES_LITE = text("""INSERT INTO paidsupport_ledger_line (chain, number, at, kind, entries, previous, hash)
    SELECT json_extract(value, '$.chain'), json_extract(value, '$.number'), json_extract(value, '$.at'),
        json_extract(value, '$.kind'), json_extract(value, '$.entries'), json_extract(value, '$.previous'),
        json_extract(value, '$.hash')
    FROM json_each(:lines)""").columns()
_MARKS_LITE = text("""INSERT INTO paidsupport_ledger_mark (key, number, value)
    SELECT json_extract(value, '$.key'), json_extract(value, '$.number'), json_extract(value, '$.value')
    FROM json_each(:marks) WHERE true
    ON CONFLICT (key) DO UPDATE SET number = excluded.number, value = excluded.value""").columns()


def _full(name: str) -> str:
    return f"paidsupport_{name}"


def _identity(statement: Writing, *, telling: bool) -> list[ColumnElement[Any]]:
    """Which row it is, whose, and if it is `telling`, what it holds and where its chain ends."""
    table = table_of(statement)
    owner = owner_column(table.name)
    whose = table.c[owner].label("owner") if owner else null()
    return [table.c.id, whose, *(given_back(table) if telling else (null(), null()))]


def _touch(session: Session, table: Table, row_id: int, owner: int | None) -> tuple[RowName, str]:
    """Note a row of which is only known that it was written: its name, and its chain."""
    row, chain = (short(table), row_id), chain_of(table.name, owner)
    if isinstance(session, WritingSession):
        session.touched[row] = chain
        session.told.contents.pop(row, None)
    return row, chain


@event.listens_for(Base, "after_insert", propagate=True)
@event.listens_for(Base, "after_update", propagate=True)
@event.listens_for(Base, "after_delete", propagate=True)
def _note_object(_mapper: object, _connection: Connection, changed: Base) -> None:
    """Also what a relationship takes along; an update that changes nothing does no harm."""
    session, table = object_session(changed), cast("Table", changed.__table__)
    if session is not None and is_covered(table.name):
        owner = owner_column(table.name)
        _touch(session, table, changed.id, getattr(changed, owner) if owner else None)  # type: ignore[attr-defined]


@event.listens_for(WritingSession, "after_soft_rollback")
def _forget(session: WritingSession, transaction: SessionTransaction) -> None:
    """What statements told of rows may be taken back with a savepoint: the rows are read at the commit."""
    session.told = Told()
    if transaction.nested or transaction.parent is None:
        configured.roll_back(session.info, transaction)


@event.listens_for(WritingSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> Result[Any] | None:
    statement = state.statement
    if not isinstance(statement, Writing) or state.execution_options.get(NOTED) or not covers(statement):
        return None
    noted = with_identity(statement, state.session.get_bind().dialect.name)
    done = state.invoke_statement(statement=noted, execution_options={NOTED: True})
    return _Done(note(state.session, table_of(statement), done.all()))


def _refuse_unnoted(
    _connection: Connection,
    statement: object,
    _many: object,
    _values: object,
    options: Mapping[str, object],
) -> None:
    past = isinstance(statement, Writing) and covers(statement)
    if past and not options.get(NOTED) and not _FLUSHING.get():
        raise RuntimeError(f"This statement changes rows and goes past the ledger: {statement}")
