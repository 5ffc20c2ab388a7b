"""A throw-away PostgreSQL with durable commits, on a free port of localhost.

Its data stays in `BENCH_TMP`, so that a second run finds the seeded databases.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import TMP, call, free_port

HOME = TMP / "postgresql"
USER = "bench"
_SETTINGS = """
listen_addresses = '127.0.0.1'
shared_buffers = 1GB
effective_cache_size = 8GB
work_mem = 16MB
maintenance_work_mem = 512MB
max_wal_size = 4GB
max_connections = 100
jit = off
random_page_cost = 1.1
fsync = on
synchronous_commit = on
"""


class Cluster:
    """A running server: SQL in, text out."""

    def __init__(self, port: int, home: Path) -> None:
        """Remember the port; `running` makes the server listen there, with its data under `home`."""
        self.port, self.home = port, home

    @property
    def environment(self) -> dict[str, str]:
        """What libpq reads, for every program that connects."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": USER}

    def sql(self, database: str, *statements: str) -> str:
        """Run statements one by one; what the last ones print, unaligned."""
        arguments = [part for statement in statements for part in ("-c", statement)]
        found = call(
            _binary("psql"), "-qAtX", "-v", "ON_ERROR_STOP=1", *arguments, database, env=self.environment
        )
        return found.strip()

    def stamp(self, database: str) -> str | None:
        """What `seal` wrote on a database; None when there is no such database."""
        query = (
            "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database"
            f" WHERE datname = '{database}'"
        )
        return self.sql("postgres", query) or None

    def create(self, database: str) -> None:
        """Make an empty database, in place of one of that name."""
        self.sql("postgres", f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database}")

    def seal(self, database: str, stamp: str) -> None:
        """Write on a database what it was seeded with, and settle it."""
        self.sql(database, "VACUUM ANALYZE", "CHECKPOINT")
        self.sql("postgres", f"COMMENT ON DATABASE {database} IS '{stamp}'")

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def master(self) -> int:
        """The process id of the postmaster."""
        return int((self.home / "data/postmaster.pid").read_text().split()[0])


@contextmanager
def running(home: Path = HOME) -> Iterator[Cluster]:
    """A cluster for the length of a block; one that already runs is joined and left running."""
    joined = _joined(home)
    if joined is not None:
        yield joined
        return
    port = free_port()
    if not (home / "data").exists():
        _initialise(home)
    options = f"-p {port} -k {home}"
    _as_server(home, "pg_ctl", "-D", home / "data", "-l", home / "log", "-o", options, "-w", "start")
    try:
        yield Cluster(port, home)
    finally:
        _as_server(home, "pg_ctl", "-D", home / "data", "-m", "fast", "-w", "stop")


def is_installed() -> bool:
    """Whether there is a PostgreSQL to start."""
    return _found("initdb") is not None


def _joined(home: Path) -> Cluster | None:
    pidfile = home / "data/postmaster.pid"
    try:
        lines = pidfile.read_text().splitlines()
        os.kill(int(lines[0]), 0)
    except (OSError, ValueError, IndexError):
        return None
    return Cluster(int(lines[3]), home)


def _initialise(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    _as_server(
        home, "initdb", "-D", home / "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
    )
    with (home / "data/postgresql.conf").open("a") as conf:
        conf.write(_SETTINGS)


def _as_server(home: Path, name: str, *arguments: str | Path) -> None:
    """Run a server program; PostgreSQL refuses root, who therefore becomes its own user."""
    other = "postgres" if os.geteuid() == 0 else None
    log = home.with_name(f"{name}.log")
    with log.open("wb") as words:
        done = subprocess.run(
            [str(_binary(name)), *map(str, arguments)],
            cwd="/",
            user=other,
            group=other,
            extra_groups=[] if other else None,
            stdout=words,
            stderr=words,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"{name}: {log.read_text()[-2000:]}")


def _binary(name: str) -> Path:
    """A program of PostgreSQL."""
    found = _found(name)
    if found is None:
        raise SystemExit("PostgreSQL 15 or newer is needed: apt-get install postgresql (or set PG_BINDIR)")
    return found


def _found(name: str) -> Path | None:
    """Where Debian does not put it on the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    chosen = os.environ.get("PG_BINDIR") or (folders[-1] if folders else None)
    found = Path(chosen) / name if chosen else Path(shutil.which(name) or "")
    return found if found.is_file() else None
