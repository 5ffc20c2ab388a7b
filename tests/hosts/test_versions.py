"""Beside what is too old we do not even begin, and say so in one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from paidsupport.versions import LEAST, PYTHON, check

pytestmark = pytest.mark.row("P1")

ROOT = Path(__file__).parents[2]


def test_importing_beside_an_old_flask_says_what_is_needed(tmp_path: Path) -> None:
    """A site that has pinned Flask 2.1 and SQLAlchemy 1.4 reads one sentence, not a trace from the inside."""
    for name, version in (("Flask", "2.1.3"), ("SQLAlchemy", "1.4.54")):
        folder = tmp_path / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    done = subprocess.run(
        [sys.executable, "-c", "import paidsupport"],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ImportError: paidsupport needs Flask 3.1 or newer (this is 2.1.3),"
        " SQLAlchemy 2.0.40 or newer (this is 1.4.54)."
    )


def test_an_old_python_is_named() -> None:
    """Should an installer have let it pass."""
    with pytest.raises(ImportError, match=r"Python 3\.11 or newer \(this is 3\.9\.2\)"):
        check((3, 9, 2))
    check()


def test_the_check_the_package_and_the_guide_agree() -> None:
    """The same least versions stand in the check, in pyproject.toml and in the mounting guide."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = dict(
        re.findall(r"^([\w-]+)(?:\[\w+\])?>=([\d.]+)", "\n".join(project["dependencies"]), re.MULTILINE)
    )
    assert {name: declared.get(name.lower()) for name in LEAST} == dict(LEAST)
    assert project["requires-python"] == ">=" + ".".join(map(str, PYTHON))
    guide = (ROOT / "docs/mounting.md").read_text("utf-8")
    first = guide.split("```python")[0]
    for name, least in {"Python": "3.11", **LEAST}.items():
        assert f"{name} {least}" in first, name
