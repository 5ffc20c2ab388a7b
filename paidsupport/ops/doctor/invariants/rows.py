"""Whether what rows point to exists: other rows, files, emails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, exists, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.prepared import fetch
from paidsupport.kernel.db.rows import filled_tables
from paidsupport.kernel.invariants import invariant, is_in_store
from paidsupport.ops.erasure import queries as erasure
from paidsupport.tickets.conversation.tables import File, Message
from paidsupport.tickets.emails.rules import MailState
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket

#: Rows read at once.
_BATCH = 2000
#: A mail that was kept so long ago has been understood, or a worker is missing.
_UNREAD = timedelta(hours=1)
_TICKETS = metadata.tables[Ticket.__tablename__]
#: Whether any ticket is erased: of those that are not, nothing has to be gone.
_ERASED = select(_TICKETS.c.id).where(_TICKETS.c.erased_at.is_not(None)).limit(1)


@invariant("no row points to a missing one")
def no_orphans(ctx: Context) -> Iterator[str]:
    """No row points to something that is not there (a database that was restored badly has such rows)."""
    connection = ctx.session.connection()
    filled = filled_tables(connection)
    for child, parent, orphans in _orphans():
        if child not in filled:
            continue
        for (row_id,) in fetch(connection, orphans, {}):
            yield f"{child} {row_id} points to a {parent} that does not exist"


@cache
def _orphans() -> list[tuple[str, str, Select[int]]]:
    """For each foreign key its table, what it points to, and the rows that point to nothing: made once."""
    found = []
    for child in metadata.sorted_tables:
        for key in child.foreign_keys:
            parent = key.column.table.alias()
            there = exists().where(parent.c[key.column.name] == key.parent)
            orphans = select(child.c.id).where(key.parent.is_not(None), ~there)
            found.append((child.name, key.column.table.name, orphans))
    return found


@invariant("files exist")
def files_are_there(ctx: Context) -> Iterator[str]:
    """The content of every file can be opened, unless its ticket was erased."""
    for file, code in _files(ctx, Ticket.erased_at.is_(None)):
        if not is_in_store(ctx, file.storage_key):
            yield f"{code}: the content of file {file.reference} is missing"


@invariant("erased data is gone")
def erased_is_gone(ctx: Context) -> Iterator[str]:
    """Of an erased ticket nothing personal is left or has come back (P13)."""
    if not fetch(ctx.session.connection(), _ERASED, {}):
        return
    for table in (_TICKETS, *erasure.tables()):
        left = Counter(ctx.session.scalars(erasure.left(table)))
        for code, rows in sorted(left.items()):
            yield f"{code}: it was erased, but {table.name} still has data about its customer ({rows})"
    for column in erasure.stored():
        wanted = erasure.contents_left(column).execution_options(yield_per=_BATCH)
        for key, code in ctx.session.execute(wanted):
            if is_in_store(ctx, key):
                yield f"{code}: it was erased, but a file of {column.table.name} still exists"


def _files(ctx: Context, which: ColumnElement[bool]) -> Iterator[tuple[File, str]]:
    """Files with the codes of their tickets."""
    listed = select(File, Ticket.code).join(Ticket, Ticket.id == File.ticket_id).where(which)
    for row in ctx.session.execute(listed.execution_options(yield_per=_BATCH)):
        yield row[0], row[1]


@invariant("received emails are accounted for")
def mails_accounted_for(ctx: Context) -> Iterator[str]:
    """Every mail that came in is there as it arrived, and on a ticket or listed with a reason."""
    columns = (
        *(RawMail.reference, RawMail.storage_key, RawMail.state, RawMail.reason),
        *(RawMail.received_at, RawMail.dropped_at),
    )
    listed = select(*columns, Message.id.label("message")).outerjoin(
        Message,
        and_(
            Message.id == RawMail.message_id,
            Message.ticket_id == RawMail.ticket_id,
            Message.direction == "in",
        ),
    )
    for mail in ctx.session.execute(listed.execution_options(yield_per=_BATCH)):
        if is_in_store(ctx, mail.storage_key) != (mail.dropped_at is None):
            yield f"email {mail.reference}: its content is {'back' if mail.dropped_at else 'missing'}"
        if mail.state == MailState.FILED and mail.message is None:
            yield f"email {mail.reference}: it should be on a ticket, but is not"
        elif mail.state != MailState.FILED and not mail.reason and ctx.now - mail.received_at > _UNREAD:
            yield f"email {mail.reference}: it is on no ticket, and has no reason"
