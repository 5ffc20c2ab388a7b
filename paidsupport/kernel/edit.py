"""One way to change a record that has a history: under its lock, once per form, never without a line.

    with edit(context, "PS-1234", key=key, content=("note", body)) as change:
        if change.repeated:
            return change.record
        …
        change.tell("noted", {"text": …}, awaits="")

`History` says for one type of record where its lines are kept and how it is locked and written.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from operator import attrgetter
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.domain import chain
from paidsupport.domain.actors import Actor
from paidsupport.errors import KeyReusedError
from paidsupport.kernel.events import Events
from paidsupport.store.base import Base, Line
from paidsupport.store.plain import plainly, write

#: The columns of a record that go on with every line of its history.
_HEAD = ("event_count", "event_hash", "changed_at")
_id_of = attrgetter("id")
#: What came with a one-time key: the parts of its fingerprint, or a digest made elsewhere.
Content = tuple[object, ...] | str


class Context(Protocol):
    """Who acts, when, and in which session."""

    @property
    def session(self) -> Session: ...
    @property
    def by(self) -> Actor: ...
    @property
    def now(self) -> datetime: ...
    @property
    def events(self) -> Events: ...


class Recorded(Protocol):
    """Whatever has a history: a ticket, an issue."""

    @property
    def code(self) -> str: ...
    @property
    def claim_number(self) -> int: ...
    @property
    def event_count(self) -> int: ...
    @property
    def event_hash(self) -> str: ...


C = TypeVar("C", bound=Context)
R = TypeVar("R", bound=Recorded)


class UntoldChangeError(RuntimeError):
    """An operation came to its end and told its record's history nothing: a mistake in the program."""


class Change(Generic[C, R]):
    """One change of a locked record, made by `History.edit` or `History.create`.

    Attributes:
        record: the record, under its lock; one that is created is there once it was opened.
        repeated: whether the same form was carried out before; nothing is to be done then.
        earlier: the data of the line that told of it then.
        earlier_id: the id of the record whose line that is.
    """

    __slots__ = (
        *("_context", "_done", "_history", "_once", "_print"),
        *("earlier", "earlier_id", "record", "repeated"),
    )
    record: R

    def __init__(self, history: History[C, R], context: C, once: str | None, sent: str) -> None:
        self._history, self._context, self._once, self._print = history, context, once, sent
        self.repeated = self._done = False
        self.earlier: Mapping[str, Any] = {}
        self.earlier_id = 0
        self.look_again()

    def look_again(self) -> bool:
        """Whether the same form was carried out by now: for whoever lost the race of two at once.

        Raises:
            KeyReusedError: the key came with other content.
        """
        before = self._history.done_before(self._context, self._once, self._print) if self._once else None
        if before is not None:
            self.repeated = self._done = True
            self.earlier, self.earlier_id = before.data, before.owner_id
        return self.repeated

    @contextmanager
    def racing(self) -> Iterator[None]:
        """Write in a savepoint; `repeated` afterwards if the same form came twice at once and lost."""
        try:
            with self._context.session.begin_nested():
                yield
        except IntegrityError:
            if not self.look_again():
                raise

    def open(self, record: R, kind: str, data: Mapping[str, object] | None = None) -> None:
        """Write a new record and the first line of its history; its columns are all set but the id."""
        self.record = record
        line = next_line(self._context, record, kind, data, **self._keyed())
        self._context.session.add(record)
        self._context.session.flush()
        self._history.insert(self._context, record, line)

    def tell(
        self,
        kind: str,
        data: Mapping[str, object] | None = None,
        under_claim: int | None = None,
        /,
        **columns: object,
    ) -> None:
        """As `History.tell`, for this record; the first line takes the form's key."""
        line = {**self._keyed(), "claim_number": under_claim}
        self._history.write(self._context, self.record, kind, data, line, columns)

    def nothing_new(self) -> None:
        """Say that the record was as wanted already, so that there is nothing to tell."""
        self._done = True

    def _keyed(self) -> dict[str, Any]:
        """The form's key and what came with it, for the first line that is told."""
        is_first, self._done = not self._done, True
        return {"key": self._once, "fingerprint": self._print} if self._once and is_first else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None and not self._done:
            raise UntoldChangeError


class History(Generic[C, R]):
    """How one type of record keeps its history.

    Args:
        name: what the kinds of its events are declared for.
        events: the table of its lines.
        owner: the column there that holds the record's id.
        lock: gives the record with a code, held until the transaction ends.
        change: writes columns of a record if it still is at the version it was read at.
        salt: what a form's key is hashed with besides who sent it and the record's code.
    """

    def __init__(
        self,
        name: str,
        events: type[Line],
        owner: str,
        *,
        lock: Callable[[C, str], R],
        change: Callable[..., None],
        salt: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self._owner, self._lock, self.change, self._salt = owner, lock, change, salt
        self._insert = insert(Base.metadata.tables[events.__tablename__])  # type: ignore[attr-defined]
        asked = (events.kind, getattr(events, owner).label("owner_id"), events.data, events.fingerprint)
        self._by_key = select(*asked).where(events.key == bindparam("key"))

    def edit(
        self, context: C, record: R | str, *, key: str | None = None, content: Content = ()
    ) -> Change[C, R]:
        """Begin a change of a record, named by its code, or locked by the caller already.

        Args:
            context: who acts, and when.
            record: the record or its code.
            key: the one-time key of the form; without one, nothing tells whether it is sent again.
            content: what came with the key.

        Raises:
            NotFoundError: there is no such record.
            KeyReusedError: the key came with other content before.
        """
        if isinstance(record, str):
            record = self._lock(context, record)
        change = Change(
            self, context, self.once(context, record.code, key) if key else None, printed(content)
        )
        change.record = record
        return change

    def create(self, context: C, *, key: str = "", once: str = "", content: Content = ()) -> Change[C, R]:
        """Begin to make a record; see `edit`. `once`: the key as it is kept, if that is made elsewhere."""
        return Change(self, context, once or self.once(context, "", key), printed(content))

    def tell(
        self,
        context: C,
        record: R,
        kind: str,
        data: Mapping[str, object] | None = None,
        under_claim: int | None = None,
        /,
        **columns: object,
    ) -> None:
        """Add a line to the history of a locked record, and write `columns` with it in one statement.

        `under_claim`: the number of the claim it happened under, by default the present one.

        Raises:
            StaleTicketError, StaleIssueError: the record is not at the version it was read at.
        """
        self.write(context, record, kind, data, {"claim_number": under_claim}, columns)

    def write(
        self,
        context: C,
        record: R,
        kind: str,
        data: Mapping[str, object] | None,
        line: Mapping[str, Any],
        columns: Mapping[str, object],
    ) -> None:
        """As `tell`, with the key and fingerprint in `line`."""
        head = self.append(context, record, kind, data, **line)
        self.change(context.session, record, **{**head, **columns})

    def append(
        self,
        context: C,
        record: R,
        kind: str,
        data: Mapping[str, object] | None = None,
        *,
        key: str | None = None,
        fingerprint: str | None = None,
        claim_number: int | None = None,
    ) -> dict[str, object]:
        """Add a line and return the columns of the record that must be written with it.

        For the workflow engine; everything else uses `edit` or `tell`, which cannot forget these columns.
        """
        line = next_line(
            context, record, kind, data, key=key, fingerprint=fingerprint, claim_number=claim_number
        )
        self.insert(context, record, line)
        return self.head(record)

    def head(self, record: R) -> dict[str, object]:
        """The columns of the record that must be written with its newest line."""
        return {name: getattr(record, name) for name in _HEAD}

    def insert(self, context: C, record: R, line: Mapping[str, Any]) -> None:
        """Write a line that `next_line` made. Raises ConfigurationError for a kind that nobody declared."""
        context.events.check(self.name, line["kind"])
        write(context.session, self._insert, {self._owner: _id_of(record), **line})

    def once(self, context: C, code: str, key: str) -> str:
        """The form's key as it is kept for a deed of this actor on the record with this code.

        One page may hold buttons for many records under one key: each of them can be pressed once. Programs
        number their keys as they like: two of them may choose the same.
        """
        return chain.fingerprint(*self._salt, context.by.kind, context.by.id, code, key)

    def done_before(self, context: C, once: str, fingerprint: str) -> Row[Any] | None:
        """The line that this one-time key already brought about, if any: `kind`, `owner_id`, `data`.

        Raises:
            KeyReusedError: it came with other content then.
        """
        found = plainly(context.session, self._by_key, {"key": once}).one_or_none()
        if found is not None and found.fingerprint != fingerprint:
            raise KeyReusedError
        return found

    def told(self, context: C, code: str, key: str) -> dict[str, Any]:
        """What history says of the deed of this actor that came with `key`, first or again."""
        row = plainly(context.session, self._by_key, {"key": self.once(context, code, key)}).one()
        return dict(row.data)


def printed(content: Content) -> str:
    """The fingerprint of what came with a key."""
    return content if isinstance(content, str) else chain.fingerprint(*content)


def next_line(
    context: Context,
    record: Recorded,
    kind: str,
    data: Mapping[str, object] | None = None,
    *,
    key: str | None = None,
    fingerprint: str | None = None,
    claim_number: int | None = None,
) -> dict[str, object]:
    """The columns of a record's next line; nothing is written, and `record` is as it must be beside it."""
    data = dict(data or {})
    salt = secrets.token_hex(16)
    digest = chain.digest(salt, data)
    number = record.event_count + 1
    under = record.claim_number if claim_number is None else claim_number
    link = chain.link(
        record.event_hash,
        code=record.code,
        number=number,
        kind=kind,
        at=context.now,
        actor=(context.by.kind, context.by.id, context.by.name),
        claim_number=under,
        data_digest=digest,
    )
    line: dict[str, object] = {
        "number": number,
        "kind": kind,
        "at": context.now,
        "actor_kind": context.by.kind,
        "actor_id": context.by.id,
        "actor_name": context.by.name,
        "claim_number": under,
        "data": data,
        "salt": salt,
        "digest": digest,
        "previous": record.event_hash,
        "hash": link,
        "key": key,
        "fingerprint": fingerprint,
    }
    for name, value in zip(_HEAD, (number, link, context.now), strict=True):
        set_committed_value(record, name, value)
    return line
