"""Our own sessions on the host's engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from paidsupport.kernel.db import gate
from paidsupport.kernel.db.base import PREFIX, metadata
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.ledger import book as ledger_book
from paidsupport.kernel.ledger.book import WritingSession

#: Seconds a writer on SQLite waits for the one before it.
BUSY_SECONDS = 15
#: The execution option of connections that write.
WRITES = "paidsupport_writes"
#: In a session's `info`: what it overwrites must not stay in the log of the database either.
_SCRUBS = "paidsupport_scrubs"
#: Milliseconds to wait for readers who still need the log; it is tried again after the next commit.
_LOG_WAIT = 500


def scrub_log(session: Session) -> None:
    """Once this session has committed, let SQLite's log hold nothing of what was there before."""
    session.info[_SCRUBS] = True


class Database:
    """Sessions for reading and for writing; the host's session and its transactions stay its own.

    `relaxed` accepts a PostgreSQL that may lose what it acknowledged.
    """

    def __init__(self, engine: Engine, *, relaxed: bool = False) -> None:
        own = _own_engine(engine)
        # each from the engine itself: options of options would all come to the first
        self.engine = _isolated(own, "READ COMMITTED")
        self._relaxed = relaxed
        self._checked = False
        self._check = threading.Lock()
        self._log_holds_more = False
        # PostgreSQL needs no transaction around single queries: two trips less for every page
        self._reading = _isolated(own, "AUTOCOMMIT")
        self._reader = _sessions(own, "AUTOCOMMIT")
        self._snapshot = _sessions(own, "REPEATABLE READ")
        self._writer = _sessions(own, "READ COMMITTED", writes=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that nothing is committed from."""
        self._refuse_forgetful_server()
        with self._reader() as session:
            yield session

    def asking(self) -> Connection:
        """A connection for a question that stands alone: a session costs as much as the question.

        To be used in a `with` statement.
        """
        return self._reading.connect()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """As `reading`, but all of it sees one moment, whatever is written meanwhile: to compare rows."""
        with self._snapshot() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back what raised. Only edges open one.

        What is inside may roll back by itself and go on: then the end commits what came after.
        """
        self._refuse_forgetful_server()
        with self._writer() as session:
            yield session
            session.commit()
            self._log_holds_more |= session.info.pop(_SCRUBS, False)
        if self._log_holds_more and self.engine.dialect.name == "sqlite":
            self._log_holds_more = not self._empty_log()

    def lets_write_while_reading(self) -> bool:
        """Whether a writer can commit while a reader is at work: on SQLite, only a file with WAL lets it."""
        if self.engine.dialect.name != "sqlite":
            return True
        with self.engine.connect() as connection:
            return str(connection.scalar(text("PRAGMA journal_mode"))) == "wal"

    def scrub(self) -> None:
        """After an erasure: let no file of the database hold what was overwritten in it.

        SQLite has zeroed it already, except in its log; PostgreSQL keeps old rows until it is told.
        """
        if self.engine.dialect.name == "postgresql":
            names = ", ".join([*metadata.tables, f"{PREFIX}search"])
            with self._reader() as session:  # outside of every transaction, as VACUUM wants it
                session.execute(text(f"VACUUM {names}"))
            return
        self._empty_log()

    def _empty_log(self) -> bool:
        """Move SQLite's log into the database and cut it off; whether no reader stood in the way."""
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout = {_LOG_WAIT}")
            try:
                busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        return not busy

    def _refuse_forgetful_server(self) -> None:
        """Once per process: no acknowledged order may be lost by a crash."""
        if self._checked or self._relaxed or self.engine.dialect.name != "postgresql":
            return
        with self._check, self.engine.connect() as connection:
            if connection.scalar(text("SHOW synchronous_commit")) == "off":
                raise ConfigurationError(
                    "This PostgreSQL runs with synchronous_commit = off, so it can lose orders that it has"
                    " acknowledged. Turn it on, or set PAIDSUPPORT_RELAXED_DURABILITY to accept that."
                )
            self._checked = True


def embedded(folder: Path) -> Engine:
    """The engine of a site that has no database: SQLite in `folder`, which is made where it is missing.

    WAL lets readers and the one writer pass each other; it is a property of the file, so it is set on
    files of our own only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    engine = _sqlite(URL.create("sqlite", database=str(folder / "paidsupport.sqlite3")))
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode = WAL"))
    return engine


def _own_engine(engine: Engine) -> Engine:
    """The engine our sessions use: the host's own, except on SQLite, where pragmas are per connection.

    A SQLite file gets connections of ours beside the host's, so that foreign keys, durability and
    BEGIN IMMEDIATE hold for us and nothing changes for the host. A database in memory cannot be shared
    like that; it is used as it is.
    """
    if engine.dialect.name != "sqlite":
        return engine
    in_memory = isinstance(engine.pool, StaticPool) or engine.url.database in {None, "", ":memory:"}
    return engine if in_memory or event.contains(engine, "begin", _begin) else _sqlite(engine.url)


def _sessions(engine: Engine, level: IsolationLevel, *, writes: bool = False) -> sessionmaker[Session]:
    """Sessions on `engine`; whatever they write passes the gate, and what is to last gets into the ledger."""
    # an engine of their own: the host's may be the same one, and what it writes is not ours to see
    ours = _isolated(engine, level, **{WRITES: writes})
    gate.watch(ours)
    if writes:
        ledger_book.watch(ours)
    kind = WritingSession if writes else Session
    made: sessionmaker[Session] = sessionmaker(ours, class_=kind, expire_on_commit=False)
    event.listen(made, "after_begin", gate.lead_through)
    return made


def _isolated(engine: Engine, level: IsolationLevel, **options: bool) -> Engine:
    """`engine` with transactions of this level; SQLite has one level only, and it is the strictest.

    All `options` at once: each engine that is made of another looks for events at both.
    """
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level=level, **options)
    return engine.execution_options(**options) if options else engine


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401  # whatever the driver gives
    # the driver must not begin transactions by itself: it would begin them as readers
    connection.isolation_level = None
    for pragma in (
        "foreign_keys = ON",
        "synchronous = FULL",
        # what is overwritten or deleted is gone from the file as well
        "secure_delete = ON",
        f"busy_timeout = {BUSY_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Writers queue up at the start of their transaction: a reader that turns writer would fail."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
