"""A throw-away PostgreSQL (15 or newer): started by root or by anybody, gone after the tests.

`postgres` refuses to run as root, so root starts it as another user. By default it listens on a socket in its
own folder only and gives up durability for speed; crash tests ask for `durable=True`.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

#: Who runs the server when root starts the tests.
UNPRIVILEGED = ("postgres", "nobody")

#: Short, because the path of a socket may have 107 bytes.
PARENT = "/tmp"  # noqa: S108 - mkdtemp makes a new folder in it
MEMORY = "/dev/shm"  # noqa: S108 - likewise
#: So many bytes have to be free in memory before files of tests go there.
ROOM = 4 * 1024**3

PROGRAMS = ("initdb", "pg_ctl", "postgres")
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_wal_size=128MB",
    "min_wal_size=32MB",
    "jit=off",
)


def find_bindir() -> Path | None:
    """The folder of the server's programs: `PG_BINDIR`, the newest of Debian's, or the one on the path."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates = sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
    if named := os.environ.get("PG_BINDIR"):
        candidates = [Path(named)]
    elif found := shutil.which("initdb"):
        candidates.append(Path(found).resolve().parent)
    for candidate in candidates:
        if all(os.access(candidate / program, os.X_OK) for program in PROGRAMS):
            return candidate
    return None


def free_port() -> int:
    """A TCP port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def in_memory() -> str | None:
    """A folder that is kept in memory, with room for what tests leave: no test should wait for a disk."""
    if not os.access(MEMORY, os.W_OK):
        return None
    found = os.statvfs(MEMORY)
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return MEMORY if min(found.f_bavail * found.f_frsize, free) > ROOM else None


class Postgres:
    """One server with its data in a temporary folder."""

    def __init__(self, bindir: Path | None = None) -> None:
        found = bindir or find_bindir()
        if found is None:
            raise FileNotFoundError("No PostgreSQL server. apt-get install postgresql, or set PG_BINDIR.")
        self.bindir = found
        self.folder = Path(tempfile.mkdtemp(prefix="ps-pg-", dir=in_memory() or PARENT))
        self.port: int | None = None
        self._settings: list[str] = []
        self._owner = _unprivileged_user() if os.geteuid() == 0 else None
        if self._owner:
            os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)
            self.folder.chmod(0o755)

    def start(self, *, durable: bool = False, tcp: bool = False) -> Self:
        """Make the cluster and serve it; with `tcp` on a port of 127.0.0.1, too."""
        self.port = free_port() if tcp else None
        settings = [
            f"listen_addresses={'127.0.0.1' if tcp else ''}",
            f"unix_socket_directories={self.folder}",
            "max_connections=200",
            *([f"port={self.port}"] if tcp else []),
            *(() if durable else FAST),
        ]
        self._settings = [f"-c {setting}" for setting in settings]
        self._run("initdb", "-U", "ps", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start_again()
        return self

    def stop(self, *, immediate: bool = False) -> None:
        """Stop serving and keep the data; `immediate` is a crash, without a checkpoint."""
        self._run("pg_ctl", "-w", "-m", "immediate" if immediate else "fast", "stop")

    def start_again(self) -> None:
        """Serve the data that is there, under the same address."""
        # Without a log file the server would hold our pipe open, and we would wait for ever.
        log = str(self.folder / "log")
        self._run("pg_ctl", "-w", "-t", "60", "-l", log, "-o", " ".join(self._settings), "start")

    def restart(self, *, immediate: bool = False) -> None:
        """Stop as told, recover, and serve under the same address."""
        self.stop(immediate=immediate)
        self.start_again()

    def close(self) -> None:
        """Stop, and remove all data."""
        try:
            if (self.folder / "data/postmaster.pid").exists():
                self.stop(immediate=True)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", *, tcp: bool = False) -> str:
        """The address for SQLAlchemy: by the socket, or by the port if `start` was told to open one."""
        if tcp:
            return f"postgresql+psycopg://ps@127.0.0.1:{self.port}/{database}"
        port = f"&port={self.port}" if self.port else ""
        return f"postgresql+psycopg://ps@/{database}?host={self.folder}{port}"

    def create_database(self, name: str, template: str = "template0") -> str:
        """Make a database like a template, and cut off whoever is connected to that; returns its URL."""
        cut_off = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {}"
        self._execute(sql.SQL(cut_off).format(sql.Literal(template)))
        # Copying files would ask for two checkpoints, which take four times as long as the copy.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, if it is there, and cut off whoever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url().replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.bindir / program, *arguments],
            check=False,
            cwd=self.folder,
            env={
                "PATH": "/usr/bin:/bin",
                "LC_ALL": "C.UTF-8",
                "HOME": str(self.folder),
                "PGDATA": str(self.folder / "data"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=self._owner.pw_uid if self._owner else None,
            group=self._owner.pw_gid if self._owner else None,
            extra_groups=[] if self._owner else None,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}")


class Reused:
    """A database for one test after the other: its rows are put back, which takes a tenth of making it anew.

    What changes more than rows (tables, functions, triggers) has it made anew for the next one.
    """

    #: After so many uses it is made anew, too: what was deleted lies about in its files.
    USES = 100

    def __init__(self, server: Postgres, name: str, template: str) -> None:
        self._server, self._name, self._template = server, name, template
        self._connection: psycopg.Connection | None = None
        self._shape: object = None
        self._uses = 0

    def fresh(self) -> str:
        """Its address, once it is like its template again and nobody is connected to it."""
        self._uses += 1
        if not (self._uses < self.USES and self._restored()):
            self.drop()
            self._server.create_database(self._name, template=self._template)
            self._begin()
        return self._server.url(self._name)

    def drop(self) -> None:
        """Remove it."""
        if self._connection is not None:
            self._connection.close()
        self._server.drop_database(self._name)

    def _begin(self) -> None:
        url = self._server.url(self._name).replace("+psycopg", "")
        self._connection = connection = psycopg.connect(url, autocommit=True)
        self._uses = 0
        connection.execute(_KEEP)
        self._shape = self._shape_now()

    def _restored(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(_CUT_OFF)
            if self._shape_now() != self._shape:
                return False
            self._connection.execute("SELECT pg_temp.put_back()")
        except psycopg.OperationalError:  # somebody has dropped or stopped it
            return False
        return True

    def _shape_now(self) -> object:
        return self._connection and self._connection.execute(_SHAPE).fetchall()


_CUT_OFF = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

# Whatever makes or changes a table, an index or a function leaves a younger row in one of these.
_CATALOGUES = ("class", "attribute", "constraint", "trigger", "proc", "namespace", "extension")
_SHAPE = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM pg_{name}"  # noqa: S608 - names from above
    for name in _CATALOGUES
)

# Keeps all rows in temporary tables of this connection, and makes the function that puts them back.
_KEEP = """
DO $keep$
DECLARE
    name text;
    rows bigint;
    body text := '';
BEGIN
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        body := body || format('DELETE FROM public.%s;', name);
    END LOOP;
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT count(*) FROM public.%s', name) INTO rows;
        IF rows > 0 THEN
            EXECUTE format('CREATE TEMP TABLE %s AS TABLE public.%s', name, name);
            body := body || format('INSERT INTO public.%s SELECT * FROM pg_temp.%s;', name, name);
        END IF;
    END LOOP;
    CREATE TEMP TABLE "sequences of the template" AS
        SELECT format('public.%I', sequencename) AS name, coalesce(last_value, start_value) AS value,
               last_value IS NOT NULL AS called
        FROM pg_sequences WHERE schemaname = 'public';
    EXECUTE format(
        'CREATE FUNCTION pg_temp.put_back() RETURNS void LANGUAGE plpgsql AS $put$ BEGIN '
        'SET LOCAL session_replication_role = replica; %s '
        'PERFORM setval(name::regclass, value, called) FROM pg_temp."sequences of the template"; END $put$',
        body
    );
END $keep$
"""


def _unprivileged_user() -> pwd.struct_passwd:
    users = {user.pw_name: user for user in pwd.getpwall()}
    return next(users[name] for name in UNPRIVILEGED if name in users)
