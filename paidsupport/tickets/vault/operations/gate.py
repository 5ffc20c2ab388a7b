"""The gate: what staff write is compared with secrets it could give away, right before it is stored (G15).

`paidsupport.kernel.db.gate` passes every row through here. The tickets that a row belongs to are found by its
foreign keys: a ticket, the tickets following an issue or another of its family, those of an organisation.
Texts that belong to none, such as guides and the catalogue, are compared with what their author may know:
secrets of tickets they own, and secrets they have viewed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Select

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.gate import Written
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.files import Upload
from paidsupport.tickets.conversation.queries import direction
from paidsupport.tickets.conversation.tables import File, Message
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.hooks import TICKETS_OF
from paidsupport.tickets.tables import Event, Ticket
from paidsupport.tickets.vault.operations import comparing
from paidsupport.tickets.vault.operations.comparing import Question, SecretsAtHand
from paidsupport.tickets.vault.operations.quotes import standing_for
from paidsupport.tickets.vault.tables import Look, Secret

_TABLES = Base.metadata.tables
#: From this many rows in one statement on, their tickets are looked up together.
_MANY = 50
#: The key in a session for the secrets to compare with, and for the tables whose rows may change them.
_STANDINGS = "paidsupport_standings"
_CHANGING = {row.__tablename__ for row in (Ticket, Message, Secret, Look)}


def compare(ctx: Context, rows: list[Written]) -> None:
    """Refuse rows that a member of staff is about to write if they give a secret away.

    Raises:
        GivenAwayError: They do; its fields are names of columns.
        VaultClosedError: The secrets cannot be decrypted.
        ComparisonNeededError: The result is not known yet.
    """
    if ctx.by.is_person:
        _refuse(ctx, rows)
    if any(row.table in _CHANGING for row in rows):
        ctx.session.info.pop(_STANDINGS, None)


def _refuse(ctx: Context, rows: list[Written]) -> None:
    ways = _Ways(ctx, rows)
    for row in rows:
        texts = {column: text for column, value in row.texts.items() if (text := _text_of(ctx, row, value))}
        if not texts or _is_a_customers(ctx, row):
            continue
        standing = _standing(ctx, row, ways)
        if standing.kept or standing.words:
            for column, text in texts.items():
                comparing.refuse(ctx.services, ctx.compared, standing, Question(text, column))
            _compare_file(ctx, row, standing)


def _text_of(ctx: Context, row: Written, value: object) -> str:
    """All words in a value; of an event's data only those that may have been typed."""
    if row.table == Event.__tablename__ and isinstance(value, Mapping):
        harmless = ctx.events.cut(TICKET, row.place.get("kind", ""), value)
        value = {name: each for name, each in value.items() if name not in harmless}
    return "\n".join(words_in(value))


def words_in(value: object) -> Iterator[str]:
    """Every text in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from words_in(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from words_in(each)


def _is_a_customers(ctx: Context, row: Written) -> bool:
    """Whether the text is a customer's own, who may write anything on their own ticket."""
    if "direction" in row.place:
        return bool(row.place["direction"] == "in")
    message = row.place.get("message_id") if row.table == File.__tablename__ else None
    return message is not None and direction(ctx.session, message) == "in"


def _compare_file(ctx: Context, row: Written, standing: SecretsAtHand) -> None:
    """Compare the content of a file, which is in the file store; its row says where."""
    if row.table != File.__tablename__ or "storage_key" not in row.place:
        return
    name, key, digest = str(row.texts.get("name", "")), row.place["storage_key"], row.place["sha256"]
    try:
        with ctx.services.files.open(key) as content:
            held = content.read()
    except NotFoundError:
        return
    upload = Upload(name, len(held), io.BytesIO(held))
    comparing.refuse(ctx.services, ctx.compared, standing, Question("", "files", (upload,), digest))


def _standing(ctx: Context, row: Written, ways: _Ways) -> SecretsAtHand:
    """The secrets to compare a row with, cached until something written may change them."""
    ids = frozenset(ways.tickets(row))
    on = row.place.get("id" if row.table == Ticket.__tablename__ else "ticket_id")
    here = frozenset() if on is None else frozenset({int(on)})
    remembered: dict[object, SecretsAtHand] = ctx.session.info.setdefault(_STANDINGS, {})
    if (ids, here) not in remembered:
        remembered[ids, here] = standing_for(ctx, ids, here)
    return remembered[ids, here]


class _Ways:
    """How the rows of one statement lead to the tickets they belong to.

    For many rows at once, tickets are looked up together for each table they refer to. Each row is then
    compared with more secrets than necessary, never with fewer.
    """

    def __init__(self, ctx: Context, rows: list[Written]) -> None:
        self._session = ctx.session
        #: For each table whose rows belong to tickets, the query for the tickets of some of its rows.
        self._known: Mapping[str, Callable[..., Select[Any]]] = dict(ctx.services.hooks.call(TICKETS_OF))
        self._rows = rows

    def tickets(self, row: Written) -> set[int]:
        """The ids of the tickets that a row belongs to."""
        found: set[int] = set()
        for target, id_ in self._from(row):
            if target == Ticket.__tablename__:
                found.add(id_)
            elif self._shared is not None:
                found |= self._shared[target]
            else:
                found |= self._ask(target, id_)
        return found

    @cached_property
    def _shared(self) -> Mapping[str, set[int]] | None:
        """For each table, the tickets of all rows that any row refers to; None if there are few rows."""
        if len(self._rows) < _MANY:
            return None
        named: dict[str, set[int]] = {target: set() for target in self._known}
        for row in self._rows:
            for target, id_ in self._from(row):
                if target in named:
                    named[target].add(id_)
        return {target: self._ask(target, *ids) for target, ids in named.items()}

    def _ask(self, target: str, *ids: int) -> set[int]:
        return set(self._session.scalars(self._known[target](*ids))) if ids else set()

    def _from(self, row: Written) -> Iterator[tuple[str, int]]:
        """The tables through which a row belongs to tickets, each with the id it refers to."""
        if row.table == Ticket.__tablename__ or row.table in self._known:
            yield from self._named(row, "id", row.table)
        for key in _TABLES[row.table].foreign_keys:
            target = key.column.table.name
            if target == Ticket.__tablename__ or target in self._known:
                yield from self._named(row, key.parent.name, target)

    def _named(self, row: Written, column: str, target: str) -> Iterator[tuple[str, int]]:
        if (id_ := row.place.get(column)) is not None:
            yield target, id_
