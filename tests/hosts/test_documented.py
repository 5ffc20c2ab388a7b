"""What docs/mounting.md says is so."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from paidsupport.kernel.configuration.managed import DEPLOYED
from paidsupport.settings import Settings

pytestmark = pytest.mark.row("P1")

DOCS = Path(__file__).parents[2] / "docs"
TEXT, MANAGING = ((DOCS / name).read_text(encoding="utf-8") for name in ("mounting.md", "managing.md"))


def test_every_setting_is_documented_with_its_default() -> None:
    """One table has the keys of a deployment, the other what managers own, in the order of `Settings`."""
    for text, is_deployed in ((TEXT, True), (MANAGING, False)):
        rows = re.findall(r"^\| `(PAIDSUPPORT_\w+)` \| (?:`(.*?)`|empty) \| .+ \|$", text, re.MULTILINE)
        assert [(key, default) for key, default in rows] == [
            (f"PAIDSUPPORT_{setting.name.upper()}", str(setting.default))
            for setting in fields(Settings)
            if (setting.name in DEPLOYED) is is_deployed
        ]


def test_no_other_setting_is_mentioned() -> None:
    """No text speaks of a setting that does not exist."""
    known = {f"PAIDSUPPORT_{setting.name.upper()}" for setting in fields(Settings)}
    assert set(re.findall(r"PAIDSUPPORT_[A-Z][A-Z_]+", TEXT + MANAGING)) == known


def test_the_three_lines_mount_the_desk() -> None:
    """The first example, run as it stands."""
    lines = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)[0]
    assert len([line for line in lines.splitlines() if line]) == 3
    app, db = Flask("host"), SQLAlchemy()
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    exec(lines, {"app": app, "db": db})  # noqa: S102  # our own documentation
    assert "/support/desk/" in {rule.rule for rule in app.url_map.iter_rules()}


def test_every_custom_property_exists() -> None:
    """What the text says can be themed is in the style sheet."""
    sheet = (Path(__file__).parents[2] / "paidsupport/static/paidsupport/paidsupport.css").read_text("utf-8")
    named = set(re.findall(r"--ps-[a-z-]+", TEXT))
    assert named
    assert all(f"{name}:" in sheet for name in named)
