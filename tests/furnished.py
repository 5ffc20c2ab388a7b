"""The demonstration site with something on every page: made once in a run, for it takes seconds."""

from __future__ import annotations

import fcntl
import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask

from paidsupport.testing import Clock, take_over
from tests.people import Desk
from tests.sites import site


@dataclass(frozen=True)
class Furnished:
    """Where a furnished site lies, the path of every page by its name, and the time there."""

    folder: Path
    paths: dict[str, str]
    now: datetime

    def place(self, folder: Path) -> Path:
        """Copy its database and files; returns the database."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return folder / "site.sqlite3"

    def desk(self, app: Flask) -> Desk:
        """The desk of an application on such a copy."""
        return Desk(app, *take_over(app, Clock(self.now)))


def furnished_in(shared: Path, template: Path) -> Furnished:
    """The site in the folder `shared`, which the first process that asks makes from `template`."""
    folder, told = shared / "furnished", shared / "furnished.json"
    with (shared / "furnished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(_made(folder, template)), encoding="utf-8")
    found = json.loads(told.read_text(encoding="utf-8"))
    return Furnished(folder, found["paths"], datetime.fromisoformat(found["now"]))


def _made(folder: Path, template: Path) -> dict[str, object]:
    from tests.browser.every_page import furnish  # noqa: PLC0415 - it needs half of the tests

    folder.mkdir()
    database = Path(shutil.copy(template, folder / "site.sqlite3"))
    for app in site(f"sqlite:///{database}", folder, prepare=False):
        desk = Desk(app, *take_over(app))
        paths, now = furnish(desk), desk.clock()
    return {"paths": paths, "now": now.isoformat()}
