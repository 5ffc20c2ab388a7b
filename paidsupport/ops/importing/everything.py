"""Taking a whole export into an empty desk: each line becomes the row that it was, with its number.

All of it is one transaction: afterwards everything is there, or nothing. What no export holds is made anew
(names of private links), empty (secrets), or left out (what other tables say as well).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import IO, Any

from sqlalchemy import Boolean, Column, Date, LargeBinary, String, Table, bindparam, insert, null, update
from sqlalchemy.types import JSON

from paidsupport.connect.connections.configured import kinds as kinds_of_connections
from paidsupport.connect.connections.setup import operations as setup
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import configured, gate
from paidsupport.kernel.db.base import UTCDateTime
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable
from paidsupport.kernel.ledger import adoption
from paidsupport.kernel.ledger.book import NOTED
from paidsupport.kernel.outbox.operations import STOPPED
from paidsupport.ops import queries as unsent
from paidsupport.ops.export.lines import CONTENT, CUSTOMER, EXPORT, Kind, kinds, written
from paidsupport.ops.export.rules import VERSION
from paidsupport.ops.importing import queries
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.emails.holding import hold
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.notices.queries import progress

#: Rows that are written at once.
_BATCH = 500
_NOT_EMPTY = _("This desk is not empty. A whole export can only be imported into one that has nothing in it.")
_NO_EXPORT = _("This isn't a whole export of a desk.")
_OTHER_VERSION = _("This export is from another version of the desk: there is no place for “%(what)s” here.")
_HELD = storable(_("The desk was moved with an export: this email may have left before."))
_WAITS = (EmailState.QUEUED, EmailState.SENDING)
#: Opens the content of a file of the export by its name there. Raises OSError.
Opener = Callable[[str], IO[bytes]]


@dataclass(slots=True)
class TakenIn:
    """What came of it: how many rows, and how many emails wait for a person now."""

    rows: int = 0
    held: int = 0
    #: Files whose content is not in the export.
    missing: int = 0


@dataclass(slots=True)
class _Filling:
    """The rows of one table while they are read."""

    kind: Kind
    rows: list[dict[str, Any]] = field(default_factory=list)
    #: Columns that refer to rows which may come later, and what they hold by id.
    later: dict[str, dict[int, int]] = field(default_factory=dict)
    #: The ids of the rows so far, if any can be referred to.
    ids: set[int] = field(default_factory=set)


def take_in(ctx: Context, lines: Iterator[bytes], opened: Opener, *, sends: bool = False) -> TakenIn:
    """Write all lines of an export.

    Emails and requests that waited there wait for a person here, because the other desk may have sent them.

    Args:
        ctx: The operator, and when.
        lines: The file with all lines, line by line.
        opened: Opens the contents of files.
        sends: Whether what waited leaves from here: the other desk is switched off.

    Raises:
        InvalidInputError: The desk is not empty, or this is no export (field `file`).
    """
    if queries.filled(ctx.session) is not None:
        raise InvalidInputError({"file": [_NOT_EMPTY]})
    done = TakenIn()
    # no words of anyone's here: the rows passed the gate and were told where they were first written
    with gate.set_aside(ctx.session), configured.set_aside(ctx.session):
        _write(ctx, lines, opened, done)
        ctx.session.flush()
        adoption.take_in(ctx.session.connection())
    # what happened before is no news
    progress(ctx.session).last_event = queries.newest_event(ctx.session)
    ctx.session.flush()
    _begin_connections(ctx)
    if not sends:
        done.held = _hold(ctx)
        _hold_requests(ctx)
    return done


def _write(ctx: Context, lines: Iterator[bytes], opened: Opener, done: TakenIn) -> None:
    by_type = {kind.type: kind for kind in kinds()}
    first = _read(next(lines, b""))
    if first.get("type") != EXPORT or first.get("version") != VERSION:
        raise InvalidInputError({"file": [_NO_EXPORT]})
    filling: _Filling | None = None
    for raw in lines:
        line = _read(raw)
        if line.get("type") == CUSTOMER:
            continue
        kind = by_type.get(str(line.get("type")))
        # of what is counted anew with each change, the line has that number in the place of its own version
        counted = kind is not None and "version" in kind.table.columns
        if kind is None or (line.get("version") != VERSION and not counted):
            raise _unknown(str(line.get("type")))
        if filling is None or filling.kind is not kind:
            _end(ctx, filling)
            filling = _Filling(kind, later={name: {} for name in _references_to_come(kind)})
        filling.rows.append(_row(ctx, filling, line, opened, done))
        done.rows += 1
        if len(filling.rows) >= _BATCH:
            _put(ctx, filling)
    _end(ctx, filling)


def _read(raw: bytes) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        found = json.loads(raw)
        if isinstance(found, dict):
            return found
    raise InvalidInputError({"file": [_NO_EXPORT]})


def _unknown(what: str) -> InvalidInputError:
    return InvalidInputError({"file": [_(str(_OTHER_VERSION), what=what[:80])]})


def _row(
    ctx: Context, filling: _Filling, line: Mapping[str, Any], opened: Opener, done: TakenIn
) -> dict[str, Any]:
    kind = filling.kind
    known = {column.name: column for column in kind.columns}
    if more := line.keys() - known.keys() - {"type", "version", CONTENT}:
        raise _unknown(f"{kind.type}.{min(more)}")
    row: dict[str, Any] = {name: _value(column, line[name]) for name, column in known.items() if name in line}
    for name, found in filling.later.items():
        if row.get(name) is not None and row[name] not in filling.ids:
            found[row["id"]], row[name] = row[name], None
    if filling.later:
        filling.ids.add(row["id"])
    for column in kind.table.columns:
        if column.name not in row and not column.nullable:
            row[column.name] = _made(column)
    if kind.stored is not None:
        row[kind.stored.name] = _stored(ctx, line.get(CONTENT), opened, done) or row.get(kind.stored.name)
    elif "storage_key" in kind.table.columns and line.get("dropped_at") is None:
        # its original bytes are in no export; the text that is stands in their place
        row["storage_key"] = ctx.services.files.keep(io.BytesIO(written(line))).key
    return row


def _value(column: Column[Any], value: Any) -> Any:  # noqa: ANN401  # JSON
    """What a field of a line is in its column."""
    if value is None:
        return null() if isinstance(column.type, JSON) and column.nullable else None
    if isinstance(column.type, UTCDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value


def _made(column: Column[Any]) -> Any:  # noqa: ANN401  # of any type
    """What a column gets that no export holds: a name that is no one else's, or nothing."""
    kind = column.type
    if isinstance(kind, LargeBinary):
        return b""
    if column.unique or column.name in {"reference", "storage_key"}:
        return new_reference()
    if isinstance(kind, String):
        return ""
    if isinstance(kind, JSON):
        return {}
    return False if isinstance(kind, Boolean) else 0


def _stored(ctx: Context, name: object, opened: Opener, done: TakenIn) -> str | None:
    if not isinstance(name, str):
        return None
    try:
        with opened(name) as content:
            return ctx.services.files.keep(content).key
    except OSError:
        done.missing += 1
        return None


def _references_to_come(kind: Kind) -> list[str]:
    """Columns that may refer to a later row of the same table."""
    return [
        column.name
        for column in kind.columns
        for key in column.foreign_keys
        if key.column.table is kind.table
    ]


def _put(ctx: Context, filling: _Filling) -> None:
    """Write the rows, past the ledger: it takes all of them in at the end."""
    connection, table = ctx.session.connection(), filling.kind.table
    rows, filling.rows = filling.rows, []
    if table is queries.CONFIGURATION:
        for row in rows:
            changed = {name: value for name, value in row.items() if name != "id"}
            ctx.session.execute(update(table).where(table.c.id == row["id"]).values(**changed))
        return
    for several in _alike(rows):
        # SQL's null cannot be among the values of many rows
        fixed = {name: value for name, value in several[0].items() if isinstance(value, type(null()))}
        values = [{name: each[name] for name in each if name not in fixed} for each in several]
        connection.execute(insert(table).values(**fixed), values, execution_options={NOTED: True})


def _alike(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Rows that follow each other and have the same columns, the same of them empty."""

    def shape(row: dict[str, Any]) -> list[tuple[str, bool]]:
        return [(name, isinstance(value, type(null()))) for name, value in row.items()]

    for _shape, several in groupby(rows, key=shape):
        yield list(several)


def _end(ctx: Context, filling: _Filling | None) -> None:
    """Write what is left of a table, and what refers to its own rows."""
    if filling is None:
        return
    _put(ctx, filling)
    table = filling.kind.table
    for name, found in filling.later.items():
        if found:
            _refer(ctx, table, name, found)
    queries.count_on(ctx.session, table)


def _refer(ctx: Context, table: Table, name: str, found: Mapping[int, int]) -> None:
    change = update(table).where(table.c.id == bindparam("own")).values({name: bindparam("other")})
    values = [{"own": own, "other": other} for own, other in found.items()]
    ctx.session.connection().execute(change, values, execution_options={NOTED: True})


def _begin_connections(ctx: Context) -> None:
    """Let each connection hear what happens here from now on: how far it had heard there is in no export."""
    known = kinds_of_connections(ctx.services)
    for row in queries.connections(ctx.session):
        setup.begin(ctx, row, known.get(row.kind))
    ctx.session.flush()


def _hold_requests(ctx: Context) -> None:
    """Let managers decide about what was to be asked over connections, and of programs of the site's own."""
    for task in unsent.waiting_requests(ctx.session):
        task.state, task.problem, task.ended_at = "uncertain", STOPPED, ctx.now
    for delivery in unsent.waiting_deliveries(ctx.session):
        delivery.state, delivery.problem = "failed", STOPPED
    ctx.session.flush()


def _hold(ctx: Context) -> int:
    """Let a person decide about each email that waited: the other desk may have sent it."""
    held = 0
    for email_id, ticket_id in unsent.unsent(ctx.session):
        ticket = tickets.lock_by_id(ctx.session, ticket_id)
        email = ctx.session.get_one(Email, email_id)
        if email.state in _WAITS:
            hold(ctx, ticket, email, _HELD)
            held += 1
    return held
