"""A site whose desk has nothing but its tables, with users who can sign in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from paidsupport.demo.users import db, ensure
from paidsupport.kernel.staff.first import setup_code
from paidsupport.testing import mount_of
from tests.sites import site

#: As a site that has configured nothing.
_PLAIN = {"PAIDSUPPORT_NAME": "Paid support", "PAIDSUPPORT_VAULT_KEYS": ""}


def empty_site(uri: str, folder: Path) -> Iterator[Flask]:
    """A site on a database with our tables and nothing in them; Mia and Ada are users of it."""
    for app in site(uri, folder, prepare=False, **_PLAIN):
        with app.app_context():
            db.metadata.create_all(db.engine)
            for name in ("Mia", "Ada"):
                ensure(f"{name.lower()}@example.org", name, "demo")
            db.session.commit()
        yield app


@pytest.fixture
def empty(database_uri: str, tmp_path: Path) -> Iterator[Flask]:
    """Such a site on either database."""
    yield from empty_site(database_uri, tmp_path)


@pytest.fixture
def lite_empty(sqlite_uri: str, tmp_path: Path) -> Iterator[Flask]:
    """Such a site on SQLite."""
    yield from empty_site(sqlite_uri, tmp_path)


def code_of(app: Flask) -> str:
    """The set-up code of a desk; empty if it has a manager."""
    with app.app_context(), mount_of(app).database.reading() as session:
        return setup_code(mount_of(app).services.links, session)
