"""What any test may ask for: a database of either kind, a PostgreSQL server, a Chromium."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from paidsupport.testing import take_over
from tests.furnished import Furnished, furnished_in
from tests.people import Desk
from tests.postgres import Postgres, Reused, find_bindir, in_memory
from tests.sites import Lender, once, site

# Examples are not held against the clock, which a busy machine slows down. In CI, Hypothesis sees to that.
if "CI" not in os.environ:
    settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy")

# Without a window to draw it takes half of the time.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable")
CHROMIUM_FLAGS = (
    "--no-sandbox",  # root may not have one
    "--disable-dev-shm-usage",  # /dev/shm is small in containers
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-opt --no-maglev",  # no page lives long enough to gain by it
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--screenshots`, for the pictures in the documentation."""
    parser.addoption("--screenshots", type=Path, metavar="DIR", help="renew the screenshots in this folder")


def pytest_configure() -> None:
    """Let files of tests lie in memory, if there is room: on a disk SQLite waits for it at each commit.

    And let Python keep what it has compiled, for the many processes that are started by tests and run them.
    """
    if memory := in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def pytest_collection_finish() -> None:
    """Let Python's collector of garbage leave alone what is there until the end: modules and tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores, for tests also wait: for mail servers, browsers and other processes."""
    return (os.cpu_count() or 1) + 1


def guard(tool: str, how: str) -> NoReturn:
    """Skip for want of a tool, or fail where `PAIDSUPPORT_REQUIRE` (names, or `all`) insists on it."""
    required = os.environ.get("PAIDSUPPORT_REQUIRE", "").split(",")
    if tool in required or "all" in required:
        pytest.fail(f"{tool} is required: {how}")
    pytest.skip(f"no {tool}: {how}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this test run, fast and forgetful."""
    if find_bindir() is None:
        guard("postgres", "apt-get install postgresql, or set PG_BINDIR")
    server = Postgres()
    try:
        yield server.start()
    finally:
        server.close()


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a database with our tables and nothing in them, to be cloned."""
    migrate(postgres.create_database("paidsupport_template"))
    return "paidsupport_template"


@pytest.fixture(scope="session")
def postgres_reused(postgres: Postgres, postgres_template: str) -> Iterator[Reused]:
    """A PostgreSQL database with our tables, for one test after the other."""
    database = Reused(postgres, "test", postgres_template)
    yield database
    database.drop()


@pytest.fixture
def postgres_uri(postgres_reused: Reused) -> str:
    """A PostgreSQL database with our tables, for one test."""
    return postgres_reused.fresh()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all processes of this test run, for what takes them seconds to make."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def sqlite_template(shared: Path) -> Path:
    """A SQLite file with our tables and nothing in them, to be copied."""
    return once(shared / "template.sqlite3", lambda path: migrate(f"sqlite:///{path}"))


@pytest.fixture
def sqlite_uri(sqlite_template: Path, tmp_path: Path) -> str:
    """A SQLite database with our tables, for one test."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'paidsupport.sqlite3')}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_uri(request: pytest.FixtureRequest) -> str:
    """A database with our tables, once of either kind."""
    uri: str = request.getfixturevalue("sqlite_uri" if request.param == "sqlite" else "postgres_uri")
    return uri


def migrate(uri: str) -> None:
    """Bring the database to the newest revision, and leave no connection behind."""
    from paidsupport.kernel.db.migrate import upgrade  # noqa: PLC0415 - most tests need no database

    engine = sa.create_engine(uri)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The installed Chromium instead of one that Playwright would download."""
    names = [os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES]
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        guard("chromium", "apt-get install chromium-headless-shell, or set CHROMIUM")
    return {**browser_type_launch_args, "executable_path": executable, "args": [*CHROMIUM_FLAGS]}


@pytest.fixture(scope="session")
def sqlite_site(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all that the demonstration site needs and no tickets, to be copied."""

    def make(path: Path) -> None:
        for _ in site(f"sqlite:///{path}", tmp_path_factory.mktemp("site")):
            pass

    return once(shared / "site.sqlite3", make)


@pytest.fixture(scope="session")
def postgres_site(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with the same, to be cloned."""
    for _ in site(postgres.create_database("site_template"), tmp_path_factory.mktemp("site")):
        pass
    return "site_template"


@pytest.fixture(scope="session")
def lite_lender(sqlite_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Lender:
    """Lends the demonstration site on SQLite to one test after the other."""
    folder = tmp_path_factory.mktemp("lender") / "current"
    database = folder / "site.sqlite3"
    return Lender(f"sqlite:///{database}", folder, lambda: shutil.copy(sqlite_site, database))


@pytest.fixture(scope="session")
def pg_lender(
    postgres: Postgres, postgres_site: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lender]:
    """The same on PostgreSQL."""
    folder = tmp_path_factory.mktemp("lender") / "current"
    database = Reused(postgres, "site_lent", postgres_site)
    yield Lender(postgres.url("site_lent"), folder, database.fresh)
    database.drop()


@pytest.fixture
def lite_app(lite_lender: Lender, tmp_path: Path) -> Iterator[Flask]:
    """The demonstration site without tickets on SQLite, where the database makes no difference."""
    with lite_lender.lend(tmp_path) as app:
        yield app


@pytest.fixture(scope="session")
def furnished(sqlite_site: Path, shared: Path) -> Furnished:
    """A demonstration site on SQLite with something on every page, to be copied."""
    return furnished_in(shared, sqlite_site)


@pytest.fixture
def furnished_app(lite_lender: Lender, furnished: Furnished, tmp_path: Path) -> Iterator[Flask]:
    """The demonstration site on SQLite with something on every page."""
    with lite_lender.lend(tmp_path, lambda: furnished.place(tmp_path)) as app:
        yield app


@pytest.fixture
def furnished_desk(furnished_app: Flask, furnished: Furnished) -> Desk:
    """Operations on it, from the time when it was made."""
    return furnished.desk(furnished_app)


@pytest.fixture
def pg_app(pg_lender: Lender, tmp_path: Path) -> Iterator[Flask]:
    """The same on PostgreSQL."""
    with pg_lender.lend(tmp_path) as app:
        yield app


@pytest.fixture(params=["lite_app", pytest.param("pg_app", marks=pytest.mark.postgres)])
def app(request: pytest.FixtureRequest) -> Flask:
    """The same once on either kind of database."""
    found: Flask = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def desk(app: Flask) -> Desk:
    """Operations, people, a clock set by hand, and mail in memory, on `app`."""
    return Desk(app, *take_over(app))


@pytest.fixture
def lite_desk(lite_app: Flask) -> Desk:
    """The same on `lite_app`."""
    return Desk(lite_app, *take_over(lite_app))


@pytest.fixture
def pg_desk(pg_app: Flask) -> Desk:
    """The same on `pg_app`, for what several transactions at once do."""
    return Desk(pg_app, *take_over(pg_app))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()
