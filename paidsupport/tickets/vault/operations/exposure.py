"""Finds secrets in texts that are older than the secret, or that come to its ticket later (G15).

The gate stops new texts; this finds what was there before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Table

from paidsupport.kernel.context import Context
from paidsupport.kernel.db import gate
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.i18n.messages import _
from paidsupport.privacy.redaction import Secrets, TooCostlyError
from paidsupport.tickets.hooks import TEXTS_ABOUT, Place
from paidsupport.tickets.queries.tickets import family_ids
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.vault.operations.gate import words_in
from paidsupport.tickets.vault.queries import written_by_staff

#: Names, for the ticket's owner, of the tables where a secret may be found.
_CALLED = {
    "paidsupport_message": _("a message to the customer"),
    "paidsupport_annotation": _("a note"),
    "paidsupport_entry": _("the work log"),
    "paidsupport_item": _("the checklist"),
    "paidsupport_decision": _("a question to the customer"),
    "paidsupport_ticket": _("the order"),
}


def says(text: str, secret: str) -> bool:
    """Whether a text gives a secret away, as far as can be told."""
    try:
        return bool(Secrets([secret]).hits(text, 1))
    except TooCostlyError:
        return True


def places(ctx: Context, ticket: Ticket) -> Iterator[Place]:
    """Every text of staff on a locked ticket and in what belongs to it, which gets locked as well."""
    ids = set(ctx.session.scalars(family_ids(ticket)))
    yield from ctx.services.hooks.gather(TEXTS_ABOUT, ctx, ids)
    for table, text in texts(ctx, Ticket.__tablename__, ids):
        yield Place(_CALLED.get(table, table.removeprefix("paidsupport_")), text)


def texts(ctx: Context, about: str, ids: Collection[int]) -> Iterator[tuple[str, str]]:
    """Texts of staff about these rows of the table `about`, each with the name of its own table."""
    for table, place in _tables(about):
        for row in written_by_staff(ctx.session, table, place.in_(ids)):
            yield table.name, "\n".join(words_in(list(row)))


def _tables(about: str) -> Iterator[tuple[Table, ColumnElement[Any]]]:
    """The tables with texts of staff about tickets or issues, each with the column that refers to them."""
    for table in Base.metadata.sorted_tables:
        if table.name == about:
            yield table, table.c.id
            continue
        for key in table.foreign_keys:
            named = key.parent.name == f"{about.removeprefix('paidsupport_')}_id"
            if named and key.column.table.name == about and gate.staff_columns(table):
                yield table, key.parent
