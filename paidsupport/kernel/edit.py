"""One way to change a record that keeps a log: under its lock, once per form, never without a line.

    with edit(context, "PS-1234", key=key, content=("note", body)) as change:
        if change.repeated:
            return change.record
        …
        change.tell("noted", {"text": …}, awaits="")

A `Log` says for one type of record how it is locked, and where and how its lines are written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from paidsupport.kernel import chain
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.db.keys import line_by_key
from paidsupport.kernel.db.prepared import fetch, fetch_one
from paidsupport.kernel.errors import KeyReusedError
from paidsupport.kernel.events import Events

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


C = TypeVar("C", bound=Context)
R = TypeVar("R")


class UntoldChangeError(RuntimeError):
    """An operation came to its end and told its record's log nothing: a mistake in the program."""


class Change(Generic[C, R]):
    """One change of a locked record, made by `Log.edit` or `Log.create`.

    Attributes:
        record: the record, under its lock; one that is created is there once it was opened.
        repeated: whether the same form was carried out before; nothing is to be done then.
        earlier: the data of the line that told of it then.
        earlier_id: the id of the record whose line that is.
    """

    __slots__ = (
        *("_context", "_done", "_log", "_once", "_print"),
        *("earlier", "earlier_id", "record", "repeated"),
    )
    record: R

    def __init__(self, log: Log[C, R], context: C, once: str | None, sent: str) -> None:
        self._log, self._context, self._once, self._print = log, context, once, sent
        self.repeated = self._done = False
        self.earlier: Mapping[str, Any] = {}
        self.earlier_id = 0
        self.look_again()

    def look_again(self) -> bool:
        """Whether the same form was carried out by now: for whoever has waited for a lock, or lost a race.

        Raises:
            KeyReusedError: the key came with other content.
        """
        before = self._log.done_before(self._context, self._once, self._print) if self._once else None
        if before is not None:
            self.repeated = self._done = True
            self.earlier, self.earlier_id = before.data or {}, before.owner_id
        return self.repeated

    @contextmanager
    def racing(self) -> Iterator[None]:
        """Write; `repeated` afterwards, and all rolled back, if the same form came twice at once and lost."""
        try:
            yield
        except IntegrityError:
            self._context.session.rollback()
            if not self.look_again():
                raise

    def open(self, record: R, kind: str, data: Mapping[str, object] | None = None) -> None:
        """Write a new record and the first line of its log; its columns are all set but the id."""
        self.record = record
        self._log.open(self._context, record, kind, data or {}, self._keyed())

    def tell(
        self,
        kind: str,
        data: Mapping[str, object] | None = None,
        under_claim: int | None = None,
        /,
        **columns: object,
    ) -> None:
        """As `Log.tell`, for this record; the first line takes the form's key."""
        line = {**self._keyed(), "claim_number": under_claim}
        self._log.write(self._context, self.record, kind, data or {}, line, columns)

    def tell_each(self, kind: str, records: Iterable[tuple[R, Mapping[str, object]]]) -> None:
        """Add a line to the log of many locked records each; the caller writes their columns at once."""
        lines = [(record, data, self._keyed()) for record, data in records]
        self._log.write_lines(self._context, kind, lines)

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


class Log(ABC, Generic[C, R]):
    """How one type of record keeps its log.

    Args:
        lines: the table of its lines, which has `kind`, `key` and `fingerprint`.
        owner: the column there that holds the record's id.
        lock: gives the record that goes by a name, held until the transaction ends.
        salt: what a form's key is hashed with besides who sent it.
    """

    def __init__(
        self, lines: type[Any], owner: str, *, lock: Callable[[C, str], R], salt: tuple[str, ...] = ()
    ) -> None:
        self._owner, self._lock, self._salt = owner, lock, salt
        self._by_key = line_by_key(lines, owner)

    def edit(
        self, context: C, record: R | str, *, key: str | None = None, content: Content = ()
    ) -> Change[C, R]:
        """Begin a change of a record, known by its name, or locked by the caller already.

        Args:
            context: who acts, and when.
            record: the record or its name.
            key: the one-time key of the form; without one, nothing tells whether it is sent again.
            content: what came with the key.

        Raises:
            NotFoundError: there is no such record.
            KeyReusedError: the key came with other content before.
        """
        if isinstance(record, str):
            record = self._lock(context, record)
        once = self.once(context, record, key) if key else None
        change = Change(self, context, once, printed(content))
        change.record = record
        return change

    def create(self, context: C, *, key: str = "", once: str = "", content: Content = ()) -> Change[C, R]:
        """Begin to make a record; see `edit`. `once`: the key as it is kept, if that is made elsewhere."""
        if key:
            once = self.once(context, None, key)
        return Change(self, context, once or None, printed(content))

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
        """Add a line to the log of a locked record, and write `columns` with it in one statement.

        `under_claim`: the number of the claim it happened under, by default the present one.

        Raises:
            StaleTicketError, StaleIssueError: the record is not at the version it was read at.
        """
        self.write(context, record, kind, data or {}, {"claim_number": under_claim}, columns)

    def once(self, context: C, record: R | None, key: str) -> str:
        """The form's key as it is kept for an operation of this actor on `record` (None: a new one).

        One page may hold buttons for many records under one key: each of them can be pressed once. Programs
        number their keys as they like: two of them may choose the same.
        """
        return chain.fingerprint(*self._salt, context.by.kind, context.by.id, *self.named(record), key)

    def done_before(self, context: C, once: str, fingerprint: str) -> Any | None:  # noqa: ANN401  # a row
        """The line that this one-time key already brought about, if any: `kind`, `owner_id`, `data`.

        Raises:
            KeyReusedError: it came with other content then.
        """
        found = fetch_one(context.session.connection(), self._by_key, {"key": once})
        if found is not None and found.fingerprint != fingerprint:
            raise KeyReusedError
        return found

    def told(self, context: C, record: R, key: str) -> dict[str, Any]:
        """What the log says this actor did to `record` with `key`, first or again."""
        once = self.once(context, record, key)
        (row,) = fetch(context.session.connection(), self._by_key, {"key": once})
        return dict(row.data)

    def named(self, _record: R | None) -> tuple[str, ...]:
        """What of a record makes the key of a form its own; nothing if one form changes one record."""
        return ()

    @abstractmethod
    def open(
        self, context: C, record: R, kind: str, data: Mapping[str, object], line: Mapping[str, Any]
    ) -> None:
        """Write a new record with its first line; `line` holds the key and fingerprint, if there are any."""

    @abstractmethod
    def write(
        self,
        context: C,
        record: R,
        kind: str,
        data: Mapping[str, object],
        line: Mapping[str, Any],
        columns: Mapping[str, object],
    ) -> None:
        """Write a line and the columns of a locked record; `line` may hold the number of a claim as well."""

    @abstractmethod
    def write_lines(
        self, context: C, kind: str, lines: Iterable[tuple[R, Mapping[str, object], Mapping[str, Any]]]
    ) -> None:
        """Write lines of many locked records, and none of their columns."""


def printed(content: Content) -> str:
    """The fingerprint of what came with a key."""
    return content if isinstance(content, str) else chain.fingerprint(*content)
