"""Where hosts are set up for a test, and the choice of hosts that it runs on."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

from tests.hosts.cases import CASES, Case, engines
from tests.hosts.visits import run


@dataclass
class Ground:
    """Where hosts of one case are set up: each call of `host` gives one with a new, empty database."""

    case: Case
    kind: str
    folder: Path
    request: pytest.FixtureRequest
    apps: list[Flask] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)

    def host(self, config: Mapping[str, object] | None = None, **options: bool) -> Flask:
        """An application whose tables are still to be made."""
        number = len(self.apps)
        folder = self.folder / f"host-{number}"
        folder.mkdir()
        app = self.case.make(self._database(folder), folder, config, **options)
        self.apps.append(app)
        return app

    def ready(self, config: Mapping[str, object] | None = None, **options: bool) -> Flask:
        """An application with its own tables and ours."""
        app = self.host(config, **options)
        run(app, *self.case.upgrade)
        run(app, "paidsupport", "db", "upgrade")
        return app

    def _database(self, folder: Path) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{folder / 'host.sqlite3'}"
        name = f"host_{uuid.uuid4().hex}"
        uri: str = self.request.getfixturevalue("postgres").create_database(name)
        self.databases.append(name)
        return uri

    def clear(self) -> None:
        """Close every connection and drop what was made on the server."""
        for app in self.apps:
            for engine in engines(app):
                engine.dispose()
        for name in self.databases:
            self.request.getfixturevalue("postgres").drop_database(name)


def grounds(*cases: Case, kinds: tuple[str, ...] = ("sqlite", "postgresql")) -> pytest.MarkDecorator:
    """Run a test on the ground of each of `cases`, on each of its kinds of database."""
    return pytest.mark.parametrize(
        "ground",
        [
            pytest.param(
                (case, kind), id=f"{case.name}-{kind}", marks=pytest.mark.postgres if kind != "sqlite" else ()
            )
            for case in cases or CASES
            for kind in case.kinds
            if kind in kinds
        ],
        indirect=True,
    )
