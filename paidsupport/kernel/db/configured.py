"""Which tables hold what managers set up, and the gate: none of them is changed without a line about it.

A table says so where it is declared: `__table_args__ = (…, {"info": configuration("service")})`. Whatever a
transaction writes into such a table, by the ORM or past it, is noted as it is sent; the transaction commits
only if it also wrote a line of the history of the configuration about one of the named kinds. A session that
never looks, because it commits nothing, may not write there at all.

Migrations run on connections of their own, which nobody watches: they say what they did in their own history.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Table, Update, select
from sqlalchemy.orm import Session

#: What is known of one row, by column.
Row = Mapping[str, Any]
#: Rows as a statement writes them, each by column.
Stated = Callable[[Insert | Update, Row], Iterator[Row]]
#: What a session knows of its own; its connections have it as an option.
Info = MutableMapping[Any, Any]

_MARK, _HISTORY = "paidsupport_configuration", "paidsupport_configuration_history"
#: In a session's `info`: what its transaction has written so far.
_NOTED = "paidsupport_configured"


class UntoldConfigurationError(RuntimeError):
    """A fault of ours: what managers set up was changed, and no line of its history tells of it."""

    def __init__(self, table: str, about: Collection[str]) -> None:
        super().__init__(
            f"Rows of {table} were changed, and no line of the history of the configuration is about"
            f" {' or '.join(sorted(about))}. Change them within `history.edit`, and tell what has changed."
        )


@dataclass(frozen=True, slots=True)
class Configures:
    """What a table holds of the configuration.

    Attributes:
        about: What lines about its rows are about: the word before the colon, each of them will do.
        besides: Its columns that are not configuration: what the desk notes by itself, or a person for
            themselves.
        personal: Which of its rows belong to one person alone, who changes them as they like.
    """

    about: frozenset[str]
    besides: frozenset[str] = frozenset()
    personal: Callable[[Row], bool] | None = None


def configuration(
    *about: str, besides: Collection[str] = (), personal: Callable[[Row], bool] | None = None
) -> dict[str, Configures]:
    """The `info` of a table that managers set up; see `Configures`."""
    return {_MARK: Configures(frozenset(about), frozenset(besides), personal)}


def history_of_configuration(about: str) -> dict[str, str]:
    """The `info` of the table of the lines; `about` is the column that says what a line is about."""
    return {_HISTORY: about}


def configures(table: Table) -> Configures | None:
    """What a table holds of the configuration; None: nothing."""
    found: Configures | None = table.info.get(_MARK)
    return found


@dataclass(slots=True)
class Noted:
    """What one transaction wrote: tables of the configuration, and what its lines are about.

    `marks` is what there was at each savepoint, for when that is rolled back.
    """

    changed: dict[str, Configures] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    marks: dict[object, tuple[dict[str, Configures], frozenset[str]]] = field(default_factory=dict)
    set_aside: bool = False


def begin(info: Info) -> None:
    """Note what a session writes from now on: it looks at that before it commits."""
    info[_NOTED] = Noted()


def mark(info: Info, savepoint: object) -> None:
    """Remember what was noted so far, as a savepoint begins."""
    noted: Noted = info[_NOTED]
    noted.marks[savepoint] = dict(noted.changed), noted.told


def roll_back(info: Info, savepoint: object) -> None:
    """Forget what was noted since a savepoint, or all of it: that has not happened."""
    noted: Noted = info[_NOTED]
    noted.changed, noted.told = noted.marks.get(savepoint, ({}, frozenset()))


def require_lines(info: Info) -> None:
    """See that there is a line for all that was changed, and begin anew: the transaction is about to end.

    Raises:
        UntoldConfigurationError: There is none.
    """
    noted: Noted = info[_NOTED]
    info[_NOTED] = Noted()
    for table, kind in noted.changed.items():
        if not kind.about & noted.told:
            raise UntoldConfigurationError(table, kind.about)


@contextmanager
def set_aside(session: Session) -> Iterator[None]:
    """Ask for no line within: for whoever says there, in a comment, why nobody has to know."""
    noted: Noted = session.info[_NOTED]
    session.flush()
    noted.set_aside = True
    try:
        yield
        session.flush()
    finally:
        noted.set_aside = False


def note(  # each is a part of what is sent
    connection: Connection,
    info: Info,
    table: Table,
    statement: Insert | Update | Delete,
    rows: Sequence[Row],
    stated: Stated,
) -> None:
    """Note a statement that is about to be sent with these values.

    Args:
        connection: Where to.
        info: What its session knows.
        table: What it writes.
        statement: What is sent.
        rows: The parameters, of each row.
        stated: Gives what it writes, by column, for the parameters of one row.

    Raises:
        UntoldConfigurationError: The session commits nothing, so that nobody would look.
    """
    noted: Noted | None = info.get(_NOTED)
    about = table.info.get(_HISTORY)
    if about is not None and noted is not None and isinstance(statement, Insert):
        lines = [line for values in rows for line in stated(statement, values)]
        noted.told |= {str(line.get(about, "")).partition(":")[0] for line in lines}
    kind: Configures | None = table.info.get(_MARK)
    if kind is None or _is_beside(kind, connection, statement, rows, stated):
        return
    if noted is None:
        raise UntoldConfigurationError(table.name, kind.about)
    if not noted.set_aside:
        noted.changed[table.name] = kind


def _is_beside(
    kind: Configures,
    connection: Connection,
    statement: Insert | Update | Delete,
    rows: Sequence[Row],
    stated: Stated,
) -> bool:
    """Whether a statement changes nothing of what managers set up."""
    if isinstance(statement, Update) and kind.besides:
        written = {name for values in rows for row in stated(statement, values) for name in row}
        if written <= kind.besides:
            return True
    return kind.personal is not None and all(
        kind.personal(row) for values in rows for row in _met(connection, statement, values, stated)
    )


def _met(
    connection: Connection, statement: Insert | Update | Delete, values: Row, stated: Stated
) -> Iterator[Row]:
    """The rows that a statement writes, as they are, and as they will be."""
    empty: Row = dict.fromkeys(statement.table.columns.keys())
    if isinstance(statement, Insert):
        for row in stated(statement, values):
            yield {**empty, **row}
        return
    wanted = select(*statement.table.columns)
    if statement.whereclause is not None:
        wanted = wanted.where(statement.whereclause)
    written = list(stated(statement, values)) if isinstance(statement, Update) else []
    for there in connection.execute(wanted, dict(values)).mappings():
        yield dict(there)
        for each in written:
            yield {**there, **each}
