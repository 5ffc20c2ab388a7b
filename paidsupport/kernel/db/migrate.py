"""Our own chain of migrations, with its own version table, on the host's connection.

Alembic is imported only for migrations: servers, workers and `mail-in` need 8 MB less.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from paidsupport.kernel.db.base import PREFIX, Base
from paidsupport.kernel.db.engine import WRITES

if TYPE_CHECKING:
    from alembic.migration import MigrationContext

    from paidsupport.kernel.ledger.adoption import Adopted

#: Where our place in our chain is kept; the host's own table is never read or written.
VERSION_TABLE = "paidsupport_alembic_version"
#: Any number, the same in every process: only one of them migrates at a time.
_LOCK = 0x70616964
#: Milliseconds for which a migration of a SQLite file waits for another one.
_PATIENCE = 120_000


def keep_out(name: str | None, kind: str, parent_names: object) -> bool:
    """For a host's `context.configure(include_name=...)`: hides our tables from its autogenerate.

    Takes what Alembic gives its `include_name` hook; returns whether the host should look at it.
    """
    del parent_names
    return not (kind == "table" and name is not None and name.startswith(PREFIX))


def folder() -> Path:
    """The migrations: inside the package when it came as a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def upgrade(engine: Engine, revision: str = "head") -> Adopted | None:
    """Bring our tables to `revision`; several processes may try at once.

    Returns what the ledger took in as it was found, or None where the tables are not the newest.
    """
    return _run(engine, "upgrade", revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take our tables back to `revision`, by default away altogether."""
    _run(engine, "downgrade", revision)


def current(engine: Engine) -> str | None:
    """The revision our tables are at, None before the first upgrade."""
    with engine.connect() as connection:
        return _context(connection).get_current_revision()


def newest() -> str:
    """The revision this release wants."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # see above

    return str(ScriptDirectory(str(folder())).get_current_head())


def differences(engine: Engine) -> list[object]:
    """What the tables in the database and the tables in the code disagree about."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415  # see above

    with engine.connect() as connection:
        return list(compare_metadata(_context(connection), Base.metadata))


def include_name(name: str | None, kind: str, parent_names: object) -> bool:
    """Our own side of `keep_out`: our migrations see our tables only, and not what the index keeps."""
    if kind != "table" or name is None:
        return True
    return not keep_out(name, kind, parent_names) and not name.startswith(f"{PREFIX}search")


def _context(connection: Connection) -> MigrationContext:
    from alembic.migration import MigrationContext  # noqa: PLC0415  # see above

    options = {"version_table": VERSION_TABLE, "include_name": include_name, "compare_type": True}
    return MigrationContext.configure(connection, opts=options)


def _run(engine: Engine, way: str, revision: str) -> Adopted | None:
    from alembic import command  # noqa: PLC0415  # see above
    from alembic.config import Config  # noqa: PLC0415  # likewise

    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    with engine.execution_options(**{WRITES: True}).connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        elif not getattr(connection.connection.driver_connection, "in_transaction", True):
            # a host's engine of SQLite begins as a reader, and several readers could not all go on to write
            _begin_as_writer(connection)
        config.attributes["connection"] = connection
        getattr(command, way)(config, revision)
        if way == "downgrade" and _context(connection).get_current_revision() is None:
            # nothing of ours is left: what said so goes too
            connection.execute(text(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))
        at_head = _context(connection).get_current_revision() == newest()
        return _adopt(connection) if at_head else None


def _begin_as_writer(connection: Connection) -> None:
    """Begin once every other process has ended its migration, for which the host's time-out is too short."""
    usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {_PATIENCE}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")


def _adopt(connection: Connection) -> Adopted:
    from paidsupport.kernel.ledger import adoption as ledger_adoption  # noqa: PLC0415  # see above

    return ledger_adoption.adopt(connection)
