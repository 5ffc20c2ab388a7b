"""Exporting everything: a line for each row of every table, and the contents of files (P13).

All of it is as of one moment: the caller reads in one snapshot. Memory does not grow with the desk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.ops.export import lines
from paidsupport.ops.export.archive import Archive, copied
from paidsupport.ops.export.lines import CONTENT, CUSTOMER, EXPORT, Kind, content_name, kinds
from paidsupport.ops.export.queries import rows
from paidsupport.ops.export.rules import VERSION

#: The file with all lines, and the one that describes them.
LINES, SCHEMA = "desk.jsonl", "export.schema.json"
#: Lines written at once, of what is read row by row.
_BATCH = 500


def counted(ctx: Context) -> dict[str, int]:
    """How many lines of each type there will be, without the one that says so."""
    found = {CUSTOMER: rows.count_customers(ctx.session)}
    return found | {kind.type: rows.count(ctx.session, kind) for kind in kinds()}


def fill(ctx: Context, archive: Archive) -> Iterator[int]:
    """Write all of it; yields again and again how many lines there are."""
    done = 0
    with archive.file(SCHEMA) as target:
        target.write(json.dumps(lines.schema(), indent=1).encode())
    with archive.file(LINES) as target:
        for batch in _all(ctx):
            target.write(b"".join(batch))
            done += len(batch)
            yield done
    for kind in kinds():
        for reference, key in rows.contents(ctx.session, kind):
            try:
                source = ctx.services.files.open(key)
            except NotFoundError:
                continue  # its customer is being erased, or the folder is not the one of this database
            with source, archive.file(content_name(reference), packed=False) as target:
                for _ in copied(source, target):
                    yield done


def _all(ctx: Context) -> Iterator[list[bytes]]:
    first = {
        "type": EXPORT,
        "version": VERSION,
        "made_at": ctx.now.isoformat(),
        "desk": ctx.services.settings.name,
        "lines": counted(ctx),
    }
    yield [lines.written(first)]
    batch: list[bytes] = []
    for address, name, email, number in rows.customers(ctx.session):
        told = {"address": address, "name": name, "email": email, "tickets": number}
        batch.append(lines.written({"type": CUSTOMER, "version": VERSION, **told}))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch
    for kind in kinds():
        for found in rows.batches(ctx.session, kind):
            yield [lines.written(_line(ctx, kind, row)) for row in found]


def _line(ctx: Context, kind: Kind, row: Row[Any]) -> dict[str, Any]:
    """A row; the row of a file whose content is erased names none."""
    line = kind.line(row)
    if line.get(CONTENT):
        try:
            ctx.services.files.open(row[-1]).close()
        except NotFoundError:
            line[CONTENT] = None
    return line
