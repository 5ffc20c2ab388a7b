"""Whether every row is what the desk wrote (N9): the ledger has the digest of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.prepared import fetch
from paidsupport.kernel.db.rows import filled_tables
from paidsupport.kernel.invariants import invariant
from paidsupport.kernel.ledger import check as ledger_check
from paidsupport.kernel.ledger import heads
from paidsupport.kernel.ledger.check import Fault, Ledger
from paidsupport.kernel.ledger.rows import form_of
from paidsupport.kernel.ledger.tables import LedgerForm, covered, short
from paidsupport.tickets.tables import Ticket

_FORMS = select(*LedgerForm.__table__.columns)
_BY_KIND: dict[str, type[Ticket | Issue]] = {"ticket": Ticket, "issue": Issue}


@invariant("rows are as the desk wrote them")
def rows_as_written(ctx: Context) -> Iterator[str]:
    """Every row of every covered table is what the desk wrote last, none is missing, and none is new.

    The ledger that says so is complete, in order, and unchanged itself.
    """
    found = ledger_check.read(ctx.session.connection())
    yield from _told(ctx, found.faults)
    yield from _told(ctx, faults(ctx, found))


@invariant("no end of the ledger was cut off")
def journal_is_prefix(ctx: Context) -> Iterator[str]:
    """Every end of a chain that the journal beside the files knows is still in the chain: no tail was cut."""
    yield from heads.missing(ctx, heads.journaled(ctx))


def faults(ctx: Context, found: Ledger, *names: str) -> Iterator[Fault]:
    """What is wrong with the rows of the tables with these short names, or of all."""
    connection = ctx.session.connection()
    known = {form.name: form.columns for form in fetch(connection, _FORMS, {})}
    filled = filled_tables(connection)
    for table in covered(Base.metadata):
        if names and short(table) not in names:
            continue
        form = form_of(table.name)
        if known.pop(short(table), None) != list(form.columns):
            yield Fault("", short(table), "is not in the ledger with all its columns. Run db upgrade")
        if table.name in filled or found.rows[form.name]:
            yield from ledger_check.compare(connection, form, found)
    if not names:
        yield from (Fault("", name, "is not a table that the ledger covers") for name in known)


def _told(ctx: Context, found: Iterable[Fault]) -> Iterator[str]:
    """With the code of the ticket or issue, where there is one."""
    for fault in found:
        kind, _, row_id = fault.chain.partition(":")
        code = None
        if kind in _BY_KIND and row_id.isdecimal():
            row = _BY_KIND[kind]
            code = ctx.session.scalar(select(row.code).where(row.id == int(row_id)))
        yield ": ".join(filter(None, [code or fault.chain, f"{fault.about} {fault.what}"]))
