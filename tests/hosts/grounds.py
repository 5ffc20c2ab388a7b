"""Where hosts are set up for a test, and the choice of hosts that it runs on."""

import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

from tests.hosts.cases import CASES, Case, engines
from tests.hosts.visits import run
from tests.postgres import Postgres


@dataclass
class Ground:
    """Where hosts of one case are set up: each call of `host` gives one with a new, empty database."""

    case: Case
    kind: str
    folder: Path
    request: pytest.FixtureRequest
    apps: list[Flask] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)

    #: Databases with all tables, by host and kind: a folder, or the name of a database of the server.
    templates: dict[tuple[str, str], Path | str] = field(default_factory=dict)

    def host(self, config: Mapping[str, object] | None = None, **options: bool) -> Flask:
        """An application whose tables are still to be made."""
        return self._host(None, config, **options)

    def _host(
        self, template: Path | str | None, config: Mapping[str, object] | None = None, **options: bool
    ) -> Flask:
        number = len(self.apps)
        folder = self.folder / f"host-{number}"
        folder.mkdir()
        app = self.case.make(self._database(folder, template), folder, config, **options)
        self.apps.append(app)
        return app

    def ready(self, config: Mapping[str, object] | None = None, **options: bool) -> Flask:
        """An application with its own tables and ours."""
        if config or options:
            return self._upgraded(self.host(config, **options))
        of = (self.case.name, self.kind)
        if of not in self.templates:
            self._keep(self._upgraded(self.host()))
        return self._host(self.templates[of])

    def _upgraded(self, app: Flask) -> Flask:
        run(app, *self.case.upgrade)
        run(app, "paidsupport", "db", "upgrade")
        return app

    def _keep(self, app: Flask) -> None:
        """Make what `app` has written the template of all that follow."""
        for engine in engines(app):
            engine.dispose()
        of = (self.case.name, self.kind)
        if self.kind == "sqlite":
            found = self.folder / f"host-{len(self.apps) - 1}"
            folder = self.request.getfixturevalue("tmp_path_factory").mktemp("ready")
            self.templates[of] = Path(shutil.copytree(found, folder, dirs_exist_ok=True))
            return
        name = f"ready_{uuid.uuid4().hex}"
        self.request.getfixturevalue("postgres").create_database(name, template=self.databases[-1])
        self.templates[of] = name

    def _database(self, folder: Path, template: Path | str | None) -> str:
        if self.kind == "sqlite":
            if isinstance(template, Path):
                shutil.copytree(template, folder, dirs_exist_ok=True)
            return f"sqlite:///{folder / 'host.sqlite3'}"
        name = f"host_{uuid.uuid4().hex}"
        server: Postgres = self.request.getfixturevalue("postgres")
        uri = server.create_database(name, template=template if isinstance(template, str) else "template0")
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
