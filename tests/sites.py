"""The demonstration site for tests: made anew for what changes it, lent to all others."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import CodeType

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from paidsupport.demo import content as demo
from paidsupport.demo import create_app, support, users
from paidsupport.demo.users import db
from paidsupport.kernel.mount import KEY, Recent
from paidsupport.testing import mount_of
from tests.connect.connections.connecting import BOARDS

# A kind of connection with all that kinds can have, on every site of the tests.
support._capabilities._mounted += (BOARDS,)

# Tests sign in thousands of times.
users.METHOD = "pbkdf2:sha256:1"

#: A master key of the tests.
VAULT_KEY = "dGhpcyBrZXkgb3BlbnMgdGhlIHZhdWx0cyBvZiB0ZXM"


class Compiled(BytecodeCache):
    """Compiled templates for every application of one test process: compiling them takes half of its time."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in the code of this very source, if it was compiled before."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


#: Shared by applications of the demonstration site alone: a host with other options compiles differently.
COMPILED = Compiled()


def site(uri: str, folder: Path, *, prepare: bool = True, **config: object) -> Iterator[Flask]:
    """A demonstration site on the database at `uri`, its connections closed at the end.

    `prepare`: whether the database still lacks the tables, the people and the catalogue.
    """
    app = _site(uri, folder, **config)
    if prepare:
        with app.app_context():
            demo.prepare(0)
    yield app
    _disconnect(app)


def _site(uri: str, folder: Path, **config: object) -> Flask:
    app = create_app(
        {
            "SECRET_KEY": "a secret of the tests",
            "SQLALCHEMY_DATABASE_URI": uri,
            "PAIDSUPPORT_FILES": str(folder / "files"),
            "PAIDSUPPORT_VAULT_KEYS": VAULT_KEY,
            # the server of the tests is fast and forgetful
            "PAIDSUPPORT_RELAXED_DURABILITY": True,
            **config,
        }
    )
    with app.app_context():
        mount_of(app).templates.bytecode_cache = COMPILED
    return app


def _disconnect(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        mount_of(app).database.engine.dispose()


def once(path: Path, make: Callable[[Path], object]) -> Path:
    """The file or folder at `path`, which the first process of a test run that asks for it makes."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            begun = path.with_suffix(".begun")
            make(begun)
            begun.rename(path)
    return path


class Lender:
    """One application for many tests: making one, and what SQLAlchemy learns with it, costs half a second.

    Each test gets it was made, on a database of its own: `folder` is a link to the test's own folder,
    and `place` puts a fresh copy there.
    """

    def __init__(self, uri: str, folder: Path, place: Callable[[], object]) -> None:
        self._uri, self._folder, self._place = uri, folder, place
        self._app: Flask | None = None

    @contextmanager
    def lend(self, folder: Path, place: Callable[[], object] | None = None) -> Iterator[Flask]:
        """The application, with a mount, settings and files that no other test has touched.

        `place`: what puts another database into `folder`.
        """
        self._folder.unlink(missing_ok=True)
        self._folder.symlink_to(folder)
        (place or self._place)()
        app = self._app or self._made()
        app.config.clear()
        app.config.update(self._config)
        app.extensions[KEY] = mount = replace(
            self._mount, settings=replace(self._mount.settings), drawn=Recent(), warned=set(), shares={}
        )
        mount.database = self._mount.database
        try:
            yield app
        finally:
            _disconnect(app)

    def _made(self) -> Flask:
        self._app = app = _site(self._uri, self._folder)
        self._config, self._mount = dict(app.config), mount_of(app)
        with app.app_context():
            _ = self._mount.database
        return app
