"""Logs whose lines are chained by hashes: what happened to tickets and issues, never changed (P14)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.kernel import chain
from paidsupport.kernel.db.base import Base, HistoryLine, Recorded
from paidsupport.kernel.db.objects import enter
from paidsupport.kernel.db.statements import write
from paidsupport.kernel.edit import Context, Log

#: The columns of a record that go on with every line of its history.
_HEAD = ("event_count", "event_hash", "changed_at")
#: Lines that are sent to the database at once.
_BATCH = 500

C = TypeVar("C", bound=Context)
R = TypeVar("R", bound=Recorded)


class History(Log[C, R]):
    """The chained log of one type of record; see `Log`.

    Args:
        name: what the kinds of its lines are declared for.
        change: writes columns of a record if it still is at the version it was read at.
    """

    def __init__(
        self,
        name: str,
        events: type[HistoryLine],
        owner: str,
        *,
        lock: Callable[[C, str], R],
        change: Callable[..., None],
        salt: tuple[str, ...] = (),
    ) -> None:
        super().__init__(events, owner, lock=lock, salt=salt)
        self.name, self.change = name, change
        self._insert = insert(Base.metadata.tables[events.__tablename__])  # type: ignore[attr-defined]

    def tell_all(
        self,
        context: C,
        record: R,
        lines: Iterable[tuple[str, Mapping[str, object]]],
        **columns: object,
    ) -> None:
        """As `tell`, for several lines of one record, each a kind with its data."""
        for kind, data in lines:
            self.append(context, record, kind, data)
        self.change(context.session, record, **{**self.head(record), **columns})

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
    ) -> None:
        """Add a line; the columns of the record that go on with it are set, and still to be written.

        For the engine and the effects that it runs, since it writes all columns of a transition at its end.
        Everything else uses `edit` or `tell`, which cannot forget them.

        Raises:
            ConfigurationError: this kind of line is not declared.
        """
        line = self.next_line(
            context, record, kind, data, key=key, fingerprint=fingerprint, claim_number=claim_number
        )
        write(context.session, self._insert, {self._owner: record.id, **line})
        self.heard(context, record, kind, data or {})

    def heard(self, context: C, record: R, kind: str, data: Mapping[str, object]) -> None:
        """A line was written: for those who let others hear of it."""

    def heard_all(self, context: C, kind: str, lines: Sequence[tuple[R, Mapping[str, object]]]) -> None:
        """Lines of one kind were written at once, each into the history of a record."""
        for record, data in lines:
            self.heard(context, record, kind, data)

    def head(self, record: R) -> dict[str, object]:
        """The columns of the record that must be written with its newest line."""
        return {name: getattr(record, name) for name in _HEAD}

    def named(self, _record: R | None) -> tuple[str, ...]:
        """By its code."""
        return (_record.code if _record is not None else "",)

    def open(
        self, context: C, record: R, kind: str, data: Mapping[str, object], line: Mapping[str, Any]
    ) -> None:
        """The first line is made before the row, which is then written once."""
        made = self.next_line(context, record, kind, data, **line)
        enter(context.session, record)
        write(context.session, self._insert, {self._owner: record.id, **made})
        self.heard(context, record, kind, data)

    def write(
        self,
        context: C,
        record: R,
        kind: str,
        data: Mapping[str, object],
        line: Mapping[str, Any],
        columns: Mapping[str, object],
    ) -> None:
        """One INSERT, and one UPDATE that misses what has another version."""
        self.append(context, record, kind, data, **line)
        self.change(context.session, record, **{**self.head(record), **columns})

    def write_lines(
        self, context: C, kind: str, lines: Iterable[tuple[R, Mapping[str, object], Mapping[str, Any]]]
    ) -> None:
        """In batches."""
        told = list(lines)
        rows = [
            {self._owner: record.id, **self.next_line(context, record, kind, data, **line)}
            for record, data, line in told
        ]
        for start in range(0, len(rows), _BATCH):
            context.session.execute(self._insert, rows[start : start + _BATCH])
        self.heard_all(context, kind, [(record, data) for record, data, _ in told])

    def next_line(
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
        """The columns of a record's next line; nothing is written, and `record` is as it must be beside it.

        Raises:
            ConfigurationError: this kind of line is not declared.
        """
        context.events.check(self.name, kind)
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
