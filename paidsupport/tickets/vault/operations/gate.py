"""What staff write is compared with the secrets that it could give away, right before it is written (G15).

`paidsupport.kernel.db.gate` shows every row here. The tickets that a row belongs to are found by its foreign
keys: a ticket, those that follow an issue or another one of its family, those of an organisation. Texts that
belong to none, such as guides and the catalogue, are compared with what their author may know: the secrets
of the tickets that they hold, and those that they have looked at.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from sqlalchemy import Select, select

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.gate import Written
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.files import Upload
from paidsupport.tickets.conversation.tables import File, Message
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.hooks import TICKETS_OF
from paidsupport.tickets.tables import Event, Ticket
from paidsupport.tickets.vault.operations import comparing
from paidsupport.tickets.vault.operations.comparing import Question, SecretsAtHand
from paidsupport.tickets.vault.operations.quotes import standing_for
from paidsupport.tickets.vault.tables import Look, Secret

_TABLES = Base.metadata.tables
#: From so many rows of one statement on, the tickets that they belong to are asked for together.
_MANY = 50
#: Where a session remembers what must not be said in it, and the tables whose rows may change that.
_STANDINGS = "paidsupport_standings"
_CHANGING = {row.__tablename__ for row in (Ticket, Message, Secret, Look)}


def compare(ctx: Context, rows: list[Written]) -> None:
    """Refuse rows that a member of staff is about to write and that give a secret away.

    Raises GivenAwayError with the names of columns as fields, VaultClosedError, ComparisonNeededError.
    """
    shared = _shared(ctx, rows) if ctx.by.is_person else None
    for row in rows if ctx.by.is_person else ():
        texts = {column: text for column, value in row.texts.items() if (text := _text_of(ctx, row, value))}
        if not texts or _is_a_customers(ctx, row):
            continue
        standing = _standing(ctx, row, shared)
        if standing.kept or standing.words:
            for column, text in texts.items():
                comparing.refuse(ctx.services, ctx.compared, standing, Question(text, column))
            _compare_file(ctx, row, standing)
    if any(row.table in _CHANGING for row in rows):
        ctx.session.info.pop(_STANDINGS, None)


def _text_of(ctx: Context, row: Written, value: object) -> str:
    """All words in a value; of a history's data only those that may have been typed."""
    if row.table == Event.__tablename__ and isinstance(value, Mapping):
        harmless = ctx.events.cut(TICKET, row.place.get("kind", ""), value)
        value = {name: each for name, each in value.items() if name not in harmless}
    return "\n".join(words_in(value))


def words_in(value: object) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from words_in(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from words_in(each)


def _is_a_customers(ctx: Context, row: Written) -> bool:
    """Whether the words of a row are a customer's, who may say what they like on their own ticket."""
    if "direction" in row.place:
        return bool(row.place["direction"] == "in")
    message = row.place.get("message_id") if row.table == File.__tablename__ else None
    if message is None:
        return False
    return ctx.session.scalar(select(Message.direction).where(Message.id == message)) == "in"


def _compare_file(ctx: Context, row: Written, standing: SecretsAtHand) -> None:
    """The content of a file is in the file store; its row says where."""
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


def _shared(ctx: Context, rows: list[Written]) -> Mapping[str, set[int]] | None:
    """Of many rows at once, the tickets of each table that they name, asked for once; None for few rows.

    Each of them is compared with more than it must be then, and with nothing less.
    """
    if len(rows) < _MANY:
        return None
    known = _tickets_of(ctx)
    named: dict[str, set[int]] = {target: set() for target in known}
    for row in rows:
        for column, target in _ways(row.table, known):
            if target in known and row.place.get(column) is not None:
                named[target].add(row.place[column])
    return {
        target: set(ctx.session.scalars(known[target](*ids))) if ids else set()
        for target, ids in named.items()
    }


def _standing(ctx: Context, row: Written, shared: Mapping[str, set[int]] | None) -> SecretsAtHand:
    """What must not be said in a row, remembered until what is written may change it."""
    ids = frozenset(_tickets(ctx, row, shared))
    on = row.place.get("id" if row.table == Ticket.__tablename__ else "ticket_id")
    here = frozenset() if on is None else frozenset({int(on)})
    remembered: dict[object, SecretsAtHand] = ctx.session.info.setdefault(_STANDINGS, {})
    if (ids, here) not in remembered:
        remembered[ids, here] = standing_for(ctx, ids, here)
    return remembered[ids, here]


def _tickets(ctx: Context, row: Written, shared: Mapping[str, set[int]] | None) -> set[int]:
    """The ids of the tickets that a row belongs to; `shared` are those of whole tables, if they are known."""
    known = _tickets_of(ctx)
    found: set[int] = set()
    for column, target in _ways(row.table, known):
        if (id_ := row.place.get(column)) is None:
            continue
        if target == Ticket.__tablename__:
            found.add(id_)
        elif shared is not None:
            found |= shared[target]
        else:
            found |= set(ctx.session.scalars(known[target](id_)))
    return found


def _tickets_of(ctx: Context) -> Mapping[str, Callable[..., Select[Any]]]:
    """For each table whose rows belong to tickets, what selects the tickets of some of its rows."""
    return dict(ctx.services.hooks.call(TICKETS_OF))


def _ways(name: str, known: Container[str]) -> Iterator[tuple[str, str]]:
    """The columns by which a row of a table belongs to tickets, each with the table that it names."""
    if name == Ticket.__tablename__ or name in known:
        yield "id", name
    for key in _TABLES[name].foreign_keys:
        if key.column.table.name == Ticket.__tablename__ or key.column.table.name in known:
            yield key.parent.name, key.column.table.name
